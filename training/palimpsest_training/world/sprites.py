"""Colour sprites cut from the Noto Color Emoji font (SIL OFL 1.1), kept as one atlas picture."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SPRITES: dict[str, str] = {
    "cat": "🐈",
    "dog": "🐕",
    "fox": "🦊",
    "rabbit": "🐇",
    "duck": "🦆",
    "penguin": "🐧",
    "turtle": "🐢",
    "elephant": "🐘",
    "tree": "🌳",
    "pine": "🌲",
    "palm": "🌴",
    "sunflower": "🌻",
    "mushroom": "🍄",
    "cactus": "🌵",
    "house": "🏠",
    "car": "🚗",
    "sailboat": "⛵",
    "balloon": "🎈",
    "ball": "⚽",
    "snowman": "⛄",
    "star": "⭐",
    "rocket": "🚀",
    "gift": "🎁",
    "apple": "🍎",
}
OBJECTS = tuple(SPRITES)
CELL = 128
COLUMNS = 6
ATLAS = Path(__file__).parent.parent / "assets" / "sprites.png"


def draw_atlas(font_file: str) -> Image.Image:
    """Renders every sprite into its cell, centred, longest side `CELL - 4`."""
    font = ImageFont.truetype(font_file, 109)
    rows = -(-len(OBJECTS) // COLUMNS)
    atlas = Image.new("RGBA", (COLUMNS * CELL, rows * CELL))
    for index, glyph in enumerate(SPRITES.values()):
        canvas = Image.new("RGBA", (176, 176))
        ImageDraw.Draw(canvas).text((16, 16), glyph, font=font, embedded_color=True)
        box = canvas.getbbox()
        if box is None:
            message = f"{font_file} has no colour glyph for {glyph!r}; install Noto Color Emoji"
            raise ValueError(message)
        sprite = canvas.crop(box)
        scale = (CELL - 4) / max(sprite.size)
        sprite = sprite.resize((round(sprite.width * scale), round(sprite.height * scale)), Image.Resampling.LANCZOS)
        column, row = index % COLUMNS, index // COLUMNS
        left = column * CELL + (CELL - sprite.width) // 2
        # Feet stand on the cell's floor, so that the shadow meets them.
        atlas.paste(sprite, (left, row * CELL + CELL - 2 - sprite.height))
    return atlas


@cache
def _cell(name: str) -> np.ndarray:
    if not ATLAS.exists():
        message = f"{ATLAS} is missing; make it with `python -m palimpsest_training.world.sprites FONT.ttf`"
        raise FileNotFoundError(message)
    index = OBJECTS.index(name)
    column, row = index % COLUMNS, index // COLUMNS
    with Image.open(ATLAS) as atlas:
        box = (column * CELL, row * CELL, (column + 1) * CELL, (row + 1) * CELL)
        pixels = np.asarray(atlas.convert("RGBA").crop(box), dtype=np.float32) / 255.0
    pixels[..., :3] *= pixels[..., 3:]
    return pixels


@cache
def sprite(name: str, side: int) -> np.ndarray:
    """Premultiplied RGBA float32 `[side, side, 4]` in 0..1, area-filtered from the atlas."""
    source = _cell(name)
    channels = [
        Image.fromarray(source[..., c]).resize((side, side), Image.Resampling.BOX if side < CELL else Image.Resampling.BICUBIC) for c in range(4)
    ]
    return np.clip(np.stack([np.asarray(c) for c in channels], -1), 0.0, 1.0)


if __name__ == "__main__":
    ATLAS.parent.mkdir(exist_ok=True)
    draw_atlas(sys.argv[1]).save(ATLAS, optimize=True)
    print(f"wrote {ATLAS}")
