"""Edits: from a scene to the next one, with an exact instruction and exact regions."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np

from .backgrounds import BACKGROUNDS
from .language import background_words, phrase, place_words, thing_words
from .sampling import rough_mask, sample_place, sample_scene, sample_size
from .scene import SIZES, STYLES, Scene, Thing, has_held_out, is_held_out, thing_mask
from .sprites import OBJECTS

OPERATIONS = ("add", "remove", "replace", "move", "resize", "background", "style")
_WEIGHTS = {"add": 5, "remove": 2, "replace": 5, "move": 4, "resize": 3, "background": 3, "style": 2}
MASK_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Edit:
    """One turn. `drawn` is the thing whose region the person draws, None when they draw nothing."""

    operation: str
    instruction: str
    before: Scene
    after: Scene
    drawn: Thing | None = None

    def changed_things(self) -> tuple[list[Thing], list[Thing]]:
        """Things only in the earlier frame, and things only in the later one."""
        now = [t for t in self.before.things if t not in self.after.things]
        later = [t for t in self.after.things if t not in self.before.things]
        return now, later

    def regions(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Boolean masks `[size, size]`: region now (earlier frame) and region next (later frame)."""
        if self.operation in {"background", "style"}:
            whole = np.ones((size, size), bool)
            return whole, whole
        both = []
        for things in self.changed_things():
            mask = np.zeros((size, size), bool)
            for thing in things:
                mask |= thing_mask(thing, size)
            both.append(mask)
        return both[0], both[1]

    def drawn_mask(self, rng: random.Random, size: int) -> np.ndarray | None:
        return None if self.drawn is None else rough_mask(rng, self.drawn, size)


def _add(rng: random.Random, scene: Scene) -> Edit | None:
    absent = [name for name in OBJECTS if scene.find(name) is None]
    name = rng.choice(absent)
    place = sample_place(rng, name, scene)
    if place is None or len(scene.things) >= 5:
        return None
    thing = Thing(name, place, sample_size(rng))
    is_drawn = rng.random() < MASK_SHARE
    where = "here" if is_drawn else place_words(rng, place)
    words = phrase(rng, "add", thing=thing_words(rng, thing), where=where)
    return Edit("add", words, scene, scene.plus(thing), thing if is_drawn else None)


def _pick(rng: random.Random, scene: Scene) -> tuple[Thing, Thing | None, str] | None:
    """A thing of the scene, the thing drawn by hand (or None), and how the words name it."""
    if not scene.things:
        return None
    thing = rng.choice(scene.things)
    if rng.random() < MASK_SHARE:
        return thing, thing, rng.choice(["this", f"the {thing.name}"])
    return thing, None, f"the {thing.name}"


def _remove(rng: random.Random, scene: Scene) -> Edit | None:
    picked = _pick(rng, scene)
    if picked is None:
        return None
    thing, drawn, named = picked
    return Edit("remove", phrase(rng, "remove", subject=named), scene, scene.without(thing.name), drawn)


def _replace(rng: random.Random, scene: Scene) -> Edit | None:
    picked = _pick(rng, scene)
    if picked is None:
        return None
    thing, drawn, named = picked
    name = rng.choice([o for o in OBJECTS if scene.find(o) is None])
    new = replace(thing, name=name)
    words = phrase(rng, "replace", subject=named, thing=thing_words(rng, replace(new, size="medium")))
    after = replace(scene, things=tuple(new if t == thing else t for t in scene.things))
    return Edit("replace", words, scene, after, drawn)


def _move(rng: random.Random, scene: Scene) -> Edit | None:
    """Never drawn: nothing changes outside a region, so one about the new place would leave the thing at the old one."""
    if not scene.things:
        return None
    thing = rng.choice(scene.things)
    place = sample_place(rng, thing.name, scene)
    if place is None:
        return None
    new = replace(thing, place=place)
    words = phrase(rng, "move", subject=f"the {thing.name}", where=f"to the {place}")
    after = replace(scene, things=tuple(new if t == thing else t for t in scene.things))
    return Edit("move", words, scene, after)


def _resize(rng: random.Random, scene: Scene) -> Edit | None:
    picked = _pick(rng, scene)
    if picked is None:
        return None
    thing, drawn, named = picked
    sizes = list(SIZES)
    old = sizes.index(thing.size)
    new = rng.choice([i for i in range(len(sizes)) if i != old])
    if abs(new - old) == 1 and rng.random() < 0.6:
        words = phrase(rng, "grow" if new > old else "shrink", subject=named)
    else:
        words = phrase(rng, "size", subject=named, size=sizes[new])
    changed = replace(thing, size=sizes[new])
    after = replace(scene, things=tuple(changed if t == thing else t for t in scene.things))
    # The region has room for the larger of both.
    return Edit("resize", words, scene, after, drawn and (changed if new > old else thing))


def _background(rng: random.Random, scene: Scene) -> Edit | None:
    name = rng.choice([b for b in BACKGROUNDS if b != scene.background])
    return Edit("background", phrase(rng, "background", where=background_words(rng, name)), scene, replace(scene, background=name))


def _style(rng: random.Random, scene: Scene) -> Edit | None:
    name = rng.choice([s for s in STYLES if s != scene.style])
    return Edit("style", phrase(rng, "style", style=name), scene, replace(scene, style=name))


_MAKERS = {"add": _add, "remove": _remove, "replace": _replace, "move": _move, "resize": _resize, "background": _background, "style": _style}


def touches_held_out(edit: Edit) -> bool:
    """Whether the edit brings a held-out object x place x background into the frame."""
    return any(
        is_held_out(t.name, t.place, edit.after.background)
        for t in edit.after.things
        if edit.operation == "background" or t not in edit.before.things
    )


def sample_edit(rng: random.Random, scene: Scene, *, held_out: bool = False, operation: str | None = None) -> Edit:
    """A valid edit of `scene`. Unless `held_out`, its result holds no held-out combination."""
    while True:
        chosen = operation or rng.choices(OPERATIONS, weights=list(_WEIGHTS.values()))[0]
        edit = _MAKERS[chosen](rng, scene)
        if edit is not None and (held_out or not has_held_out(edit.after)):
            return edit
        if edit is None and operation is not None:
            message = f"operation {operation!r} is impossible in {scene}"
            raise ValueError(message)


def sample_session(rng: random.Random, turns: int, *, held_out: bool = False) -> list[Edit]:
    """Consecutive edits; turn k edits what turn k - 1 left."""
    scene = sample_scene(rng, held_out=held_out)
    edits = []
    for _ in range(turns):
        edit = sample_edit(rng, scene, held_out=held_out)
        edits.append(edit)
        scene = edit.after
    return edits


def sample_held_out_edit(rng: random.Random) -> Edit:
    """An edit whose result brings in a combination that training never showed, where its kind can.

    Operations come as often as in training, so that the share of held-out results does not skew them.
    """
    operation = rng.choices(OPERATIONS, weights=list(_WEIGHTS.values()))[0]
    while True:
        scene = sample_scene(rng, held_out=True)
        if not scene.things and operation in {"remove", "replace", "move", "resize"}:
            continue
        edit = sample_edit(rng, scene, held_out=True, operation=operation)
        if touches_held_out(edit) or operation in {"remove", "resize", "style"}:
            return edit
