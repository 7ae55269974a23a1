"""The part of the world that a model knows: what it is drawn, measured and shipped with."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .edits import WEIGHTS
from .sampling import WORLD, World

# What models could do that do not say it.
FIRST_OPERATIONS = ("add", "remove", "replace", "move", "resize", "background", "style")


def known_world(manifest: dict) -> tuple[World, tuple[str, ...]]:
    """The part of the world that a manifest says its model knows, and its operations."""
    known = manifest["world"]
    operations = tuple(known.get("operations", FIRST_OPERATIONS))
    lights, colours = tuple(known.get("lights", WORLD.lights[:1])), tuple(known.get("colours", ()))
    return World(tuple(known["objects"]), tuple(known["backgrounds"]), tuple(known["styles"]), lights, colours, is_rich=bool(colours)), operations


def read_operations(text: str) -> tuple[str, ...]:
    """'add,it' -> names of operations."""
    operations = tuple(text.split(","))
    unknown = sorted(set(operations) - set(WEIGHTS))
    if unknown:
        message = f"no operation {unknown[0]!r}; the operations are {', '.join(WEIGHTS)}"
        raise argparse.ArgumentTypeError(message)
    return operations


def add_world_arguments(parser: argparse.ArgumentParser) -> None:
    """`--known-to` and `--operations`, for `chosen_world`."""
    parser.add_argument("--known-to", type=Path, metavar="MODEL", help="only the part of the world in the manifest of this folder; else all of it")
    parser.add_argument("--operations", type=read_operations, help="only these operations, for example add,it; else all that are known there")


def chosen_world(args: argparse.Namespace) -> tuple[World, tuple[str, ...]]:
    """World and operations that the arguments ask for."""
    world, known = WORLD, tuple(WEIGHTS)
    if args.known_to:
        world, known = known_world(json.loads((args.known_to / "manifest.json").read_text()))
    return world, args.operations or known
