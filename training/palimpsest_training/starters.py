"""Draws the start scenes that the page offers, with prompts that fit them, and the pictures for its finished examples."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from PIL import Image

from .world.sampling import mask_picture
from .world.scene import Scene, placed, render, thing_mask

STARTERS: dict[str, tuple[Scene, tuple[str, ...]]] = {
    "Morning at the bay": (
        Scene("beach", (placed("palm", "left", "large"), placed("cat", "bottom", "medium"), placed("sailboat", "right", "small"))),
        ("add a ball in the bottom right", "replace the cat with a dog", "change the background to a sunset"),
    ),
    "A walk in the meadow": (
        Scene("meadow", (placed("tree", "right", "large"), placed("fox", "bottom left", "medium"))),
        ("put a balloon in the top left", "move the fox to the bottom right", "make the tree smaller"),
    ),
    "First snow": (
        Scene("snow", (placed("pine", "left", "large"), placed("snowman", "bottom right", "medium"), placed("penguin", "bottom", "small"))),
        ("add a gift in the bottom left", "remove the penguin", "make the snowman bigger"),
    ),
    "Home": (
        Scene("lake", (placed("house", "middle", "large"), placed("duck", "bottom left", "medium"))),
        ("add a car in the bottom right", "turn the duck into a rabbit", "change the background to mountains"),
    ),
    "The long way": (
        Scene("desert", (placed("cactus", "left", "medium"), placed("turtle", "bottom right", "medium"))),
        ("add a large palm on the right", "replace the turtle with an elephant", "make the picture sepia"),
    ),
    "Lift-off": (
        Scene("space", (placed("rocket", "middle", "large"), placed("star", "top left", "small"))),
        ("move the rocket to the top", "add a dog at the bottom", "turn it black and white"),
    ),
}

# What the scripts of the finished examples take things from, and where the things of a scene are that they drag.
REFERENCES = {
    "penguin": Scene("mountains", (placed("penguin", "middle", "large"),)),
    "rocket": Scene("desert", (placed("rocket", "middle", "large"),)),
}
DRAGGED = {"duck": "Home", "house": "Home"}


def draw_parts(out: Path, size: int) -> None:
    """One PNG of each: references as pictures, dragged things as their regions, white on black."""
    out.mkdir(parents=True, exist_ok=True)
    for name, scene in REFERENCES.items():
        Image.fromarray(render(scene, size)).save(out / f"{name}.png", optimize=True)
    for name, title in DRAGGED.items():
        scene, _ = STARTERS[title]
        (thing,) = scene.named(name)
        Image.fromarray(mask_picture(thing_mask(scene, thing, size))).save(out / f"{name}-region.png", optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--parts", type=Path, help="folder for the pictures that the scripts of the examples use")
    parser.add_argument("--size", type=int, default=256)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    index = []
    for title, (scene, prompts) in STARTERS.items():
        name = title.lower().replace(" ", "-") + ".png"
        Image.fromarray(render(scene, args.size)).save(args.out / name, optimize=True)
        index.append({"file": name, "title": title, "prompts": list(prompts)})
    (args.out / "index.json").write_text(json.dumps(index, indent=1) + "\n")
    if args.parts is not None:
        draw_parts(args.parts, args.size)


if __name__ == "__main__":
    main()
