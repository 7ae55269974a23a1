"""Random scenes and masks: which scenes occur, not what they look like."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from .backgrounds import BACKGROUNDS
from .looks import LIGHTS, STYLES
from .scene import CELLS, PLACES, SIZES, Scene, Thing, frame_centre, has_held_out, is_visible, placed, shows_colours
from .sprites import COLOURS, OBJECTS

_SKY = {"balloon", "star", "rocket", "helicopter", "butterfly"}
# Nearer than this (in frame widths) a place counts as taken.
APART = 0.2


@dataclass(frozen=True, slots=True)
class World:
    """What scenes may hold; a model that knows less is measured on less."""

    objects: tuple[str, ...] = OBJECTS
    backgrounds: tuple[str, ...] = BACKGROUNDS
    styles: tuple[str, ...] = STYLES
    lights: tuple[str, ...] = LIGHTS
    colours: tuple[str, ...] = tuple(COLOURS)
    is_rich: bool = True
    """Whether first scenes hold tinted things and several of a kind, and come in other lights."""


WORLD = World()


def next_key(scene: Scene) -> int:
    return 1 + max((thing.key for thing in scene.things), default=0)


def is_free(scene: Scene, u: float, v: float, but: Iterable[Thing] = ()) -> bool:
    """Whether no other thing is about the frame coordinates."""
    centres = (frame_centre(scene, t) for t in scene.things if t not in but)
    return all((u - x) ** 2 + (v - y) ** 2 > APART**2 for x, y in centres)


def free_places(scene: Scene, but: Iterable[Thing] = ()) -> list[str]:
    return [place for place, centre in PLACES.items() if is_free(scene, *centre, but)]


def sample_place(rng: random.Random, name: str, scene: Scene, but: Iterable[Thing] = ()) -> str | None:
    """A free place, usually one where the thing looks at home; None when all are taken."""
    free = free_places(scene, but)
    if not free:
        return None
    at_home = [p for p in free if p.startswith("top") == (name in _SKY)]
    return rng.choice(at_home if at_home and rng.random() < 0.5 else free)


def sample_size(rng: random.Random) -> str:
    return rng.choices(list(SIZES), weights=[1, 2, 1])[0]


def sample_tint(rng: random.Random, world: World) -> str | None:
    """The colour of a new thing: mostly its own, in a plain world always."""
    return rng.choice(world.colours) if world.is_rich and rng.random() < 0.2 else None


def sample_scene(rng: random.Random, *, held_out: bool = False, most: int = 4, least: int = 0, styled: float = 0.2, world: World = WORLD) -> Scene:
    """A scene of `least` to `most` things, a share of them `styled`. Without `held_out`, no held-out combination occurs in it."""
    while True:
        style = rng.choice(world.styles) if rng.random() < styled else world.styles[0]
        light = rng.choice(world.lights) if world.is_rich and rng.random() < styled / 2 else world.lights[0]
        scene = Scene(rng.choice(world.backgrounds), (), style, light)
        names = rng.sample(world.objects, rng.randint(least, most))
        if world.is_rich and len(names) > 1 and rng.random() < 0.3:
            names[1] = names[0]
        for name in names:
            place = sample_place(rng, name, scene)
            # What a grey picture never showed, nobody can bring back with the colours.
            colour = sample_tint(rng, world) if shows_colours(scene) else None
            if place is not None:
                thing = placed(name, place, sample_size(rng), colour=colour, key=next_key(scene))
                scene = scene.plus(thing)
        if held_out or not has_held_out(scene):
            return scene


def rough_mask(rng: random.Random, exact: np.ndarray) -> np.ndarray:
    """Boolean `[size, size]`: the region as a person would draw it, a blob or box about the exact one."""
    size = exact.shape[0]
    inside = np.argwhere(exact)
    (y0, x0), (y1, x1) = inside.min(0), inside.max(0)
    grow = [rng.uniform(-0.02, 0.07) * size for _ in range(4)]
    y0, x0, y1, x1 = y0 - grow[0], x0 - grow[1], y1 + grow[2], x1 + grow[3]
    yy, xx = np.mgrid[0:size, 0:size] + 0.5
    dy, dx = (yy - (y0 + y1) / 2) / ((y1 - y0) / 2), (xx - (x0 + x1) / 2) / ((x1 - x0) / 2)
    # A superellipse runs from round strokes (2) to a box (12).
    power = rng.choice([2.0, 2.6, 4.0, 12.0])
    return np.abs(dx) ** power + np.abs(dy) ** power <= 1.0


def dragged(rng: random.Random, scene: Scene, thing: Thing) -> Thing:
    """`thing` as a person may drag it: to anywhere in the frame, often also scaled or turned; two of three by even steps."""
    is_even = rng.random() < 2 / 3
    kinds = rng.choice([("move",), ("move",), ("move", "scale"), ("move", "turn"), ("scale",), ("turn",)])
    changed = thing
    if "move" in kinds:
        for _ in range(20):
            u, v = (rng.randint(3, CELLS - 3) / CELLS if is_even else rng.uniform(0.15, 0.85) for _ in range(2))
            if is_free(scene, u, v, but=[thing]):
                x, y = scene.camera.to_world(u, v)
                changed = replace(changed, x=x, y=y)
                break
    if "scale" in kinds:
        side = thing.side * rng.choice([0.5**0.5, 2**0.5] if is_even else [rng.uniform(0.6, 0.85), rng.uniform(1.2, 1.7)])
        changed = replace(changed, side=min(max(side, 0.14), 0.45))
    if "turn" in kinds:
        turn = 90.0 if is_even else rng.uniform(15, 60)
        changed = replace(changed, angle=(thing.angle + turn * rng.choice([-1, 1])) % 360)
    return changed


def visible_things(scene: Scene) -> list[Thing]:
    return [t for t in scene.things if is_visible(scene, t)]


def mask_picture(mask: np.ndarray) -> np.ndarray:
    """RGB uint8 picture of a mask: white = region, black = kept."""
    return np.repeat((mask.astype(np.uint8) * 255)[..., None], 3, -1)
