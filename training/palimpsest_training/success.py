"""Decides by program, from the frame alone, whether an edit was done right."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .world.backgrounds import BACKGROUNDS
from .world.history import Edit
from .world.looks import LIGHTS, STYLES
from .world.sampling import APART
from .world.scene import PLACES, SIZES, Camera, Scene, Thing, frame_centre, render, thing_mask
from .world.sprites import COLOURS, OBJECTS

# What is left of the change's squared error may be at most this share: mush in the right colours fails. It counts against the
# truth or, where that is nearer, the truth as the autoencoder shows it: of a mirrored ball little else is to be seen.
MOST_LEFT = 0.25
LEAK_STEP = 56
MOST_LEAKED = 0.02
# Where nothing may change, half of the smallest thing is too much already, in the dark as well.
LEAK_STEP_AT_REST, MOST_LEAKED_AT_REST = 24, 0.005
# Scenes that differ less, by a mirrored ball for example, look the same.
_SEEN_STEP, _SEEN_SHARE = 24, 0.002


@dataclass(frozen=True, slots=True)
class Verdict:
    """`is_right` needs all three: the true scene is the nearest one, the change is done, little else moved."""

    is_nearest: bool
    left: float
    leaked: float
    most_leaked: float = MOST_LEAKED

    @property
    def is_right(self) -> bool:
        return self.is_nearest and self.left <= MOST_LEFT and self.leaked <= self.most_leaked


def _others(rest: Scene, thing: Thing) -> list[Scene]:
    """`rest` with what `thing` may be mistaken for: another kind, place, size, colour, or way round."""
    camera = rest.camera
    found = [rest.plus(replace(thing, name=n)) for n in OBJECTS if n != thing.name]
    centre = frame_centre(rest, thing)
    for u, v in PLACES.values():
        if (u - centre[0]) ** 2 + (v - centre[1]) ** 2 > APART**2:
            x, y = camera.to_world(u, v)
            found.append(rest.plus(replace(thing, x=x, y=y)))
    sides = [side / camera.zoom for side in SIZES.values()]
    found += [rest.plus(replace(thing, side=side)) for side in sides if not 0.8 < side / thing.side < 1.25]
    found += [rest.plus(replace(thing, colour=c)) for c in (None, *COLOURS) if c != thing.colour]
    found += [rest.plus(replace(thing, angle=(thing.angle + turn) % 360)) for turn in (-90, 90, 180)]
    return [*found, rest.plus(replace(thing, is_flipped=not thing.is_flipped))]


def _without_or_other(scene: Scene, thing: Thing) -> list[Scene]:
    """`scene` without `thing`, and with what it may be mistaken for."""
    rest = scene.without(thing)
    return [rest, *_others(rest, thing)]


def _other_wholes(scene: Scene) -> list[Scene]:
    """The scene with another background, light or style."""
    found = [replace(scene, background=b) for b in BACKGROUNDS if b != scene.background]
    found += [replace(scene, light=x) for x in LIGHTS if x != scene.light]
    return found + [replace(scene, style=s) for s in STYLES if s != scene.style]


def _other_views(scene: Scene) -> list[Scene]:
    """The scene from a little aside, nearer and farther."""
    camera = scene.camera
    views = [(0.25, 0.0, 1.0), (-0.25, 0.0, 1.0), (0.0, 0.25, 1.0), (0.0, -0.25, 1.0), (0.0, 0.0, 2**0.5), (0.0, 0.0, 0.5**0.5)]
    return [replace(scene, camera=Camera(camera.x + dx / camera.zoom, camera.y + dy / camera.zoom, camera.zoom * zoom)) for dx, dy, zoom in views]


def _is_nearest(own: float, got: np.ndarray, truth: np.ndarray, others: list[Scene]) -> bool:
    """Whether `own`, the mean squared error against the right scene, is below that against all others that look different."""
    for scene in others:
        picture = render(scene, got.shape[0])
        if own >= np.square(got - picture).mean() and (np.abs(picture - truth).max(-1) > _SEEN_STEP).mean() > _SEEN_SHARE:
            return False
    return True


def rivals(edit: Edit) -> list[Scene]:
    """Scenes that a wrong edit would give: other things, places, looks or surroundings, a thing lost on the way, and no edit at all."""
    before, after = edit.before, edit.after
    gone, new = edit.changed_things()
    if before == after:
        # Whatever may change in the dark, where no pixel moves far.
        at_rest = [*_other_wholes(after), *_other_views(after)]
        return [*at_rest, *(other for thing in after.things for other in _without_or_other(after, thing))]
    found = [before]
    found += [after.without(t) for t in after.things if t not in new]
    if edit.is_whole:
        found += _other_wholes(after)
        if before.camera != after.camera:
            found.append(replace(after, camera=before.camera))
    for thing in new[:3]:
        found += _without_or_other(after, thing)
    if not new:
        found += [before.without(t) for t in after.things]
        # A thing that only moved, or is now another one, leaves an error that is small wherever contrast is low.
        for thing in gone[:2]:
            found += _others(after, thing)
    for old in gone:
        # It was to move or to turn into another, and is still there beside the new one.
        found.append(after.plus(old))
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


def share_left(picture: np.ndarray, before: np.ndarray, *truths: np.ndarray) -> float:
    """Squared error against the truth, as a share of that of changing nothing; the least where there are several truths."""
    got, old = picture.astype(np.float64), before.astype(np.float64)
    return min(float(np.square(got - truth).sum() / np.square(old - truth).sum()) for truth in truths)


def judge(edit: Edit, picture: np.ndarray, shown: np.ndarray | None = None) -> Verdict:
    """Verdict on `picture` [size, size, 3] uint8 as the result of `edit`; `shown` is the truth, encoded and decoded."""
    size = picture.shape[0]
    truth, before = render(edit.after, size).astype(np.float64), render(edit.before, size).astype(np.float64)
    got = picture.astype(np.float64)
    changed = changed_pixels(edit, size)
    error = np.square(got - truth)
    is_at_rest = not changed.any()
    leaked = float(((np.abs(got - truth).max(-1) > (LEAK_STEP_AT_REST if is_at_rest else LEAK_STEP)) & ~changed).mean())
    if is_at_rest:
        is_nearest = leaked <= MOST_LEAKED_AT_REST and _is_nearest(error.mean(), got, truth, rivals(edit))
        return Verdict(is_nearest, left=0.0, leaked=leaked, most_leaked=MOST_LEAKED_AT_REST)
    truths = [truth] if shown is None else [truth, shown]
    left = share_left(got[changed], before[changed], *(aim[changed] for aim in truths))
    # The many rivals are drawn only for what may still be right.
    is_nearest = left <= MOST_LEFT and leaked <= MOST_LEAKED and _is_nearest(error.mean(), got, truth, rivals(edit))
    return Verdict(is_nearest, left, leaked)


def is_scene(scene: Scene, picture: np.ndarray) -> bool:
    """Whether `picture` [size, size, 3] uint8 shows `scene`, as asked for in words alone.

    The scene must be nearer than every one with other surroundings, a thing less, or another kind, place, size, colour
    or way round of a thing; and at most a quarter of the error of a plain picture of the scene's mean colour may be left.
    """
    size = picture.shape[0]
    truth, got = render(scene, size).astype(np.float64), picture.astype(np.float64)
    own = np.square(got - truth).mean()
    plain = np.square(truth - truth.mean((0, 1))).mean()
    if own > MOST_LEFT * plain:
        return False
    others = _other_wholes(scene)
    for thing in scene.things:
        others += _without_or_other(scene, thing)
    return _is_nearest(own, got, truth, others)


def psnr(picture: np.ndarray, truth: np.ndarray) -> float:
    """PSNR in dB of uint8 pictures, at most 80."""
    error = np.square(picture.astype(np.float64) - truth).mean()
    return float(10 * np.log10(255.0**2 / max(error, 255.0**2 / 1e8)))


def psnr_outside(edit: Edit, picture: np.ndarray) -> float | None:
    """PSNR in dB against the truth outside the change; None when the change is everywhere."""
    size = picture.shape[0]
    outside = ~changed_pixels(edit, size)
    return psnr(picture[outside], render(edit.after, size)[outside]) if outside.mean() >= 0.05 else None


def mask_iou(mask: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of boolean masks; two masks that are (nearly) empty agree."""
    few = 0.002 * truth.size
    if truth.sum() < few:
        return float(mask.sum() < few)
    return float((mask & truth).sum() / (mask | truth).sum())


def place_error(edit: Edit, picture: np.ndarray, reach: int = 16) -> float:
    """Distance in pixels of 128 between where the one changed thing of `edit` should be and where it is.

    It is the offset of the thing, up to `reach` pixels each way, at which the scene fits the picture best; a thing that
    fits nowhere better than its absence counts as `2 * reach` off.
    """
    unit = 128
    size = min(unit, picture.shape[0])
    small = picture.reshape(size, picture.shape[0] // size, size, -1, 3).mean((1, 3))
    thing = edit.changed_things()[1][0]
    rest = edit.after.without(thing)
    window = thing_mask(rest, replace(thing, side=thing.side + 2.5 * reach / unit / rest.camera.zoom), size)
    rows, columns = np.nonzero(window)
    area = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]

    def error(dx: int, dy: int) -> float:
        moved = replace(thing, x=thing.x + dx / unit / rest.camera.zoom, y=thing.y + dy / unit / rest.camera.zoom)
        return float(np.square(small[area] - render(rest.plus(moved), size)[area]).mean())

    best, step = (0, 0), 4
    coarse = range(-reach, reach + 1, step)
    best = min(((x, y) for x in coarse for y in coarse), key=lambda o: error(*o))
    while step > 1:
        step //= 2
        near = [(best[0] + i * step, best[1] + j * step) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        best = min(near, key=lambda o: error(*o))
    missing = float(np.square(small[area] - render(rest, size)[area]).mean())
    return float(np.hypot(*best)) if error(*best) < missing else 2.0 * reach
