"""Draws the start scenes that the page offers, with prompts that fit them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from PIL import Image

from .world.scene import Scene, Thing, render

STARTERS: dict[str, tuple[Scene, tuple[str, ...]]] = {
    "Morning at the bay": (
        Scene("beach", (Thing("palm", "left", "large"), Thing("cat", "bottom", "medium"), Thing("sailboat", "right", "small"))),
        ("add a ball in the bottom right", "replace the cat with a dog", "change the background to a sunset"),
    ),
    "A walk in the meadow": (
        Scene("meadow", (Thing("tree", "right", "large"), Thing("fox", "bottom left", "medium"))),
        ("put a balloon in the top left", "move the fox to the bottom right", "make the tree smaller"),
    ),
    "First snow": (
        Scene("snow", (Thing("pine", "left", "large"), Thing("snowman", "bottom right", "medium"), Thing("penguin", "bottom", "small"))),
        ("add a gift in the bottom left", "remove the penguin", "make the snowman bigger"),
    ),
    "Home": (
        Scene("lake", (Thing("house", "middle", "large"), Thing("duck", "bottom left", "medium"))),
        ("add a car in the bottom right", "turn the duck into a rabbit", "change the background to mountains"),
    ),
    "The long way": (
        Scene("desert", (Thing("cactus", "left", "medium"), Thing("turtle", "bottom right", "medium"))),
        ("add a large palm on the right", "replace the turtle with an elephant", "make the picture sepia"),
    ),
    "Lift-off": (
        Scene("space", (Thing("rocket", "middle", "large"), Thing("star", "top left", "small"))),
        ("move the rocket to the top", "add a dog at the bottom", "turn it black and white"),
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=256)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    index = []
    for title, (scene, prompts) in STARTERS.items():
        name = title.lower().replace(" ", "-") + ".png"
        Image.fromarray(render(scene, args.size)).save(args.out / name, optimize=True)
        index.append({"file": name, "title": title, "prompts": list(prompts)})
    (args.out / "index.json").write_text(json.dumps(index, indent=1) + "\n")


if __name__ == "__main__":
    main()
