"""Decides by program, from the frame alone, whether an edit was done right."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .world.backgrounds import BACKGROUNDS
from .world.edits import Edit
from .world.scene import PLACES, SIZES, STYLES, Scene, Thing, render
from .world.sprites import OBJECTS

# What is left of the change's squared error may be at most this share: mush in the right colours fails.
MOST_LEFT = 0.25
LEAK_STEP = 56
MOST_LEAKED = 0.02


@dataclass(frozen=True, slots=True)
class Verdict:
    """`is_right` needs all three: the true scene is the nearest one, the change is done, little else moved."""

    is_nearest: bool
    left: float
    leaked: float

    @property
    def is_right(self) -> bool:
        return self.is_nearest and self.left <= MOST_LEFT and self.leaked <= MOST_LEAKED


def _others(rest: Scene, thing: Thing) -> list[Scene]:
    """`rest` with what `thing` may be mistaken for: another kind, place or size."""
    found = [rest.plus(replace(thing, name=n)) for n in OBJECTS if n != thing.name and rest.find(n) is None]
    found += [rest.plus(replace(thing, place=p)) for p in PLACES if p != thing.place and rest.at(p) is None]
    return found + [rest.plus(replace(thing, size=s)) for s in SIZES if s != thing.size]


def _without_or_other(scene: Scene, thing: Thing) -> list[Scene]:
    """`scene` without `thing`, and with what it may be mistaken for."""
    rest = scene.without(thing.name)
    return [rest, *_others(rest, thing)]


def _other_backgrounds(scene: Scene) -> list[Scene]:
    return [replace(scene, background=b) for b in BACKGROUNDS if b != scene.background]


def _is_nearest(own: float, got: np.ndarray, others: list[Scene]) -> bool:
    """Whether `own`, the mean squared error against the right scene, is below that against all others."""
    return all(own < np.square(got - render(scene, got.shape[0])).mean() for scene in others)


def rivals(edit: Edit) -> list[Scene]:
    """Scenes that a wrong edit would give: other thing, place, size, background, style, a thing lost on the way, and no edit at all."""
    after = edit.after
    gone, new = edit.changed_things()
    found = [edit.before, *(after.without(t.name) for t in after.things if t not in new)]
    if edit.operation == "background":
        return found + _other_backgrounds(after)
    if edit.operation == "style":
        return found + [replace(after, style=s) for s in STYLES if s != after.style]
    if edit.operation == "remove":
        found += [edit.before.without(t.name) for t in after.things]
        # A thing that only moved, or is now another one, leaves an error that is small wherever contrast is low.
        found += _others(after, gone[0])
    for thing in new:
        found += _without_or_other(after, thing)
        if edit.operation == "move":
            found.append(after.plus(replace(gone[0], name=thing.name)))
    return found


def changed_pixels(edit: Edit, size: int, margin: int = 2) -> np.ndarray:
    """Boolean [size, size]: pixels that the true edit changes, grown by `margin` pixels."""
    mask = (np.abs(render(edit.before, size).astype(int) - render(edit.after, size)) > 2).any(-1)
    for _ in range(margin):
        grown = mask.copy()
        grown[1:] |= mask[:-1]
        grown[:-1] |= mask[1:]
        grown[:, 1:] |= mask[:, :-1]
        grown[:, :-1] |= mask[:, 1:]
        mask = grown
    return mask


def judge(edit: Edit, picture: np.ndarray) -> Verdict:
    """Verdict on `picture` [size, size, 3] uint8 as the result of `edit`."""
    size = picture.shape[0]
    truth, before = render(edit.after, size).astype(np.float64), render(edit.before, size).astype(np.float64)
    got = picture.astype(np.float64)
    changed = changed_pixels(edit, size)
    error = np.square(got - truth)
    own = error.mean()
    is_nearest = _is_nearest(own, got, rivals(edit))
    left = float(error[changed].sum() / np.square(before - truth)[changed].sum())
    leaked = (np.abs(got - truth).max(-1) > LEAK_STEP) & ~changed
    return Verdict(is_nearest, left, float(leaked.mean()))


def is_scene(scene: Scene, picture: np.ndarray) -> bool:
    """Whether `picture` [size, size, 3] uint8 shows `scene`, as asked for in words alone.

    The scene must be nearer than every one with another background, a thing less, or another kind, place or size
    of a thing; and at most a quarter of the error of a plain picture of the scene's mean colour may be left.
    """
    size = picture.shape[0]
    truth, got = render(scene, size).astype(np.float64), picture.astype(np.float64)
    others = _other_backgrounds(scene)
    for thing in scene.things:
        others += _without_or_other(scene, thing)
    own = np.square(got - truth).mean()
    plain = np.square(truth - truth.mean((0, 1))).mean()
    return own <= MOST_LEFT * plain and _is_nearest(own, got, others)


def psnr_outside(edit: Edit, picture: np.ndarray) -> float | None:
    """PSNR in dB against the truth outside the change; None when the change is everywhere."""
    size = picture.shape[0]
    outside = ~changed_pixels(edit, size)
    if outside.mean() < 0.05:
        return None
    error = np.square(picture.astype(np.float64) - render(edit.after, size))[outside].mean()
    return float(10 * np.log10(255.0**2 / max(error, 1e-3)))
