"""Random scenes and masks: which scenes occur, not what they look like."""

from __future__ import annotations

import random

import numpy as np

from .backgrounds import BACKGROUNDS
from .scene import PLACES, SIZES, STYLES, Scene, Thing, has_held_out, is_held_out, thing_mask
from .sprites import OBJECTS

_SKY = {"balloon", "star", "rocket"}


def sample_place(rng: random.Random, name: str, scene: Scene) -> str | None:
    """A free place, usually one where the thing looks at home; None when all are taken."""
    free = [place for place in PLACES if scene.at(place) is None]
    if not free:
        return None
    at_home = [p for p in free if p.startswith("top") == (name in _SKY)]
    return rng.choice(at_home if at_home and rng.random() < 0.5 else free)


def sample_size(rng: random.Random) -> str:
    return rng.choices(list(SIZES), weights=[1, 2, 1])[0]


def sample_scene(rng: random.Random, *, held_out: bool = False, most: int = 4, styled: float = 0.2) -> Scene:
    """A scene of 0 to `most` things, a share of them `styled`. Without `held_out`, no held-out combination occurs in it."""
    scene = Scene(rng.choice(BACKGROUNDS), (), rng.choice(STYLES) if rng.random() < styled else STYLES[0])
    for name in rng.sample(OBJECTS, rng.randint(0, most)):
        place = sample_place(rng, name, scene)
        if place is not None and (held_out or not is_held_out(name, place, scene.background)):
            scene = scene.plus(Thing(name, place, sample_size(rng)))
    if not held_out and has_held_out(scene):
        message = "sampled a held-out combination"
        raise AssertionError(message)
    return scene


def rough_mask(rng: random.Random, thing: Thing, size: int) -> np.ndarray:
    """Boolean `[size, size]`: the region as a person would draw it, a blob or box about the thing."""
    exact = np.argwhere(thing_mask(thing, size))
    (y0, x0), (y1, x1) = exact.min(0), exact.max(0)
    grow = [rng.uniform(-0.02, 0.07) * size for _ in range(4)]
    y0, x0, y1, x1 = y0 - grow[0], x0 - grow[1], y1 + grow[2], x1 + grow[3]
    yy, xx = np.mgrid[0:size, 0:size] + 0.5
    dy, dx = (yy - (y0 + y1) / 2) / ((y1 - y0) / 2), (xx - (x0 + x1) / 2) / ((x1 - x0) / 2)
    # A superellipse runs from round strokes (2) to a box (12).
    power = rng.choice([2.0, 2.6, 4.0, 12.0])
    return np.abs(dx) ** power + np.abs(dy) ** power <= 1.0


def mask_picture(mask: np.ndarray) -> np.ndarray:
    """RGB uint8 picture of a mask: white = region, black = kept."""
    return np.repeat((mask.astype(np.uint8) * 255)[..., None], 3, -1)
