"""Colour sprites cut from the Noto Color Emoji font (SIL OFL 1.1), kept as one atlas picture."""

from __future__ import annotations

import math
import sys
from functools import cache, lru_cache
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
    "horse": "🐎",
    "cow": "🐄",
    "sheep": "🐑",
    "owl": "🦉",
    "butterfly": "🦋",
    "frog": "🐸",
    "bear": "🐻",
    "fish": "🐠",
    "whale": "🐳",
    "crab": "🦀",
    "snail": "🐌",
    "rose": "🌹",
    "banana": "🍌",
    "cake": "🍰",
    "pumpkin": "🎃",
    "robot": "🤖",
    "crown": "👑",
    "guitar": "🎸",
    "bus": "🚌",
    "helicopter": "🚁",
    "castle": "🏰",
    "tent": "⛺",
    "umbrella": "☂",
    "drum": "🥁",
}
OBJECTS = tuple(SPRITES)
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (222, 28, 36),
    "orange": (250, 128, 8),
    "yellow": (250, 214, 24),
    "green": (34, 166, 58),
    "blue": (28, 98, 232),
    "purple": (136, 50, 196),
    "pink": (255, 128, 190),
    "white": (238, 239, 243),
}
CELL = 128
COLUMNS = 6
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
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
    pixels = np.asarray(atlas)
    # Six bits a channel look the same and make the file a quarter smaller.
    return Image.fromarray(np.where(pixels < 254, (pixels + 2) & 0xFC, pixels))


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
def _middle(name: str) -> float:
    """The luminance that stands for the sprite's own colour: just above its median."""
    pixels = _cell(name)
    solid = pixels[pixels[..., 3] > 0.5]
    return max(float(np.quantile(solid[:, :3] @ LUMINANCE, 0.6)), 0.3)


def _tinted(name: str, colour: str) -> np.ndarray:
    """The cell in the ramp from near black over the colour, at the sprite's middle, to the colour's light tint."""
    if colour not in COLOURS:
        message = f"unknown colour {colour!r}; known are {', '.join(COLOURS)}"
        raise ValueError(message)
    source = _cell(name)
    alpha = source[..., 3:]
    luminance = source[..., :3] @ LUMINANCE / np.maximum(alpha[..., 0], 1e-3)
    full = np.array(COLOURS[colour], np.float32) / 255.0
    stops = np.stack([0.1 * full, full, full + (1.0 - full) * 0.55], -1)
    middle = _middle(name)
    # What is white by itself takes the colour and not its light tint, hence the top beyond 1.
    places = (0.0, middle, max(1.0, middle + 0.3))
    ramp = np.stack([np.interp(np.linspace(0.0, 1.0, 256), places, stop) for stop in stops], -1).astype(np.float32)
    steps = (np.clip(luminance, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    # A little of the own colours keeps leaves, eyes and stripes apart where their luminance is alike.
    colours = 0.94 * ramp[steps] * alpha + 0.06 * source[..., :3]
    return np.concatenate([colours, alpha], -1)


def _turned(source: np.ndarray, side: int, angle: float) -> np.ndarray:
    """The cell turned by 0 < angle < 90 degrees within the smallest centred square that holds it."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    wide = side + 2 * math.ceil(side * (cos + sin - 1.0) / 2.0 - 1e-6)
    # Sampled at least as densely as the atlas, then averaged: the same area filter as without a turn.
    dense = max(1, math.ceil(CELL / side))
    scale = CELL / (side * dense)
    a, b, half = cos * scale, sin * scale, wide * dense / 2.0
    matrix = (a, -b, CELL / 2.0 - (a - b) * half, b, a, CELL / 2.0 - (a + b) * half)
    cell = Image.frombytes("RGBa", (CELL, CELL), (source * 255.0 + 0.5).astype(np.uint8).tobytes())
    big = cell.transform((wide * dense, wide * dense), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
    return np.asarray(big.reduce(dense), np.float32) / 255.0


@lru_cache(maxsize=512)
def sprite(name: str, side: int, *, angle: float = 0.0, flipped: bool = False, colour: str | None = None) -> np.ndarray:
    """Premultiplied RGBA float32 `[h, h, 4]` in 0..1, area-filtered from the atlas; read-only, it is cached.

    `side` is the side of the unturned cell in pixels. The picture is mirrored first, then turned about the
    cell's centre by `angle` degrees counter-clockwise; h = side unless turned, else the side of the square
    that holds the turned cell, larger by an even number.
    """
    source = _cell(name) if colour is None else _tinted(name, colour)
    if flipped:
        source = source[:, ::-1]
    quarters, rest = divmod(angle % 360.0, 90.0)
    if rest:
        pixels = _turned(source, side, rest)
    else:
        method = Image.Resampling.BOX if side < CELL else Image.Resampling.BICUBIC
        pixels = np.stack([np.asarray(Image.fromarray(source[..., c]).resize((side, side), method)) for c in range(4)], -1)
    pixels = np.ascontiguousarray(np.rot90(np.clip(pixels, 0.0, 1.0), int(quarters)))
    pixels.setflags(write=False)
    return pixels


if __name__ == "__main__":
    ATLAS.parent.mkdir(exist_ok=True)
    draw_atlas(sys.argv[1]).save(ATLAS, optimize=True)
    print(f"wrote {ATLAS}")
