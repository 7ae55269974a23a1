"""Draws edits and sessions: which operations occur, and how often."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Literal

from . import scene_edits, thing_edits
from .history import Edit, History, Subject
from .language import Speaker, fits
from .sampling import WORLD, World, sample_scene
from .scene import has_held_out

Way = Literal["words", "drawn", "dragged"]
"""How a person asks: in words, in words about a region that they draw, or by dragging a region."""

_SUBJECT_WEIGHTS = {"remove": 2.0, "replace": 3.0, "move": 3.0, "resize": 2.0, "rotate": 1.5, "flip": 1.0, "recolour": 2.5}
_OTHER_WEIGHTS = {
    "add": 4.0,
    "beside": 2.0,
    "layer": 1.0,
    "count": 2.0,
    "among": 4.0,
    "it": 4.0,
    "back": 3.5,
    "background": 2.0,
    "light": 1.5,
    "camera": 1.5,
    "style": 2.0,
    "absent": 1.0,
    "keep": 0.5,
    "story": 1.0,
}
WEIGHTS = _SUBJECT_WEIGHTS | _OTHER_WEIGHTS
OPERATIONS = (*WEIGHTS, "drag")
# "move" would need two regions, and the others change more than a region holds.
DRAWABLE = ("add", "remove", "replace", "resize", "rotate", "flip", "recolour")

_MAKERS: dict[str, Callable[[History], Edit | None]] = {
    "add": thing_edits.add,
    "beside": thing_edits.beside,
    "layer": thing_edits.layer,
    "count": thing_edits.count,
    "drag": thing_edits.drag,
    "back": scene_edits.back,
    "background": scene_edits.background,
    "light": scene_edits.light,
    "camera": scene_edits.camera,
    "style": scene_edits.style,
    "absent": scene_edits.absent,
    "keep": scene_edits.keep,
    "story": scene_edits.story,
}


def _pick_operation(rng: random.Random, among: Iterable[str]) -> str:
    names = list(among)
    return rng.choices(names, weights=[WEIGHTS[name] for name in names])[0]


def _about(h: History, subject: Subject | None, operation: str | None = None, among: Iterable[str] = _SUBJECT_WEIGHTS) -> Edit | None:
    if subject is None:
        return None
    chosen = operation or _pick_operation(h.rng, among)
    return thing_edits.SUBJECT_EDITS[chosen](h, subject)


def make_edit(h: History, operation: str, way: Way = "words", allowed: tuple[str, ...] | None = None) -> Edit | None:
    """One try at an edit of the current scene; None where it does not allow it."""
    # What is done to "it" or to one of several must be allowed as well.
    known = [name for name in _SUBJECT_WEIGHTS if allowed is None or name in allowed] or _SUBJECT_WEIGHTS
    if way == "drawn":
        return thing_edits.add(h, is_drawn=True) if operation == "add" else _about(h, h.drawn_subject(), operation)
    if operation in thing_edits.SUBJECT_EDITS:
        return _about(h, h.plain_subject(), operation)
    if operation == "among":
        return _about(h, h.subject_among(), among=known)
    if operation == "it":
        return _about(h, h.subject_it(), among=known)
    return _MAKERS[operation](h)


def sample_edit(
    h: History,
    *,
    way: Way = "words",
    operation: str | None = None,
    held_out: bool = False,
    farthest: int = 99,
    tries: int = 200,
    allowed: tuple[str, ...] | None = None,
) -> Edit | None:
    """A valid edit that reaches back at most `farthest` frames; None when the scene allows none after `tries`.

    Unless `held_out`, its result holds no held-out combination.
    """
    names = allowed or tuple(WEIGHTS)
    for _ in range(tries):
        among = [n for n in names if n in DRAWABLE] if way == "drawn" else names
        chosen = "drag" if way == "dragged" else operation or _pick_operation(h.rng, among)
        edit = make_edit(h, chosen, way, allowed)
        if edit is None or edit.reach > farthest or not fits(edit.instruction) or (not held_out and has_held_out(edit.after)):
            continue
        if edit.before == edit.after or edit.is_seen():
            return edit
    return None


def extend(h: History, ways: Iterable[Way], *, held_out: bool = False, farthest: int = 99, allowed: tuple[str, ...] | None = None) -> bool:
    """Adds one edit for each of `ways`; False where the scene left none."""
    for way in ways:
        edit = sample_edit(h, way=way, held_out=held_out, farthest=farthest, allowed=allowed)
        if edit is None:
            return False
        h.edits.append(edit)
    return True


def sample_session(
    rng: random.Random,
    ways: Iterable[Way],
    *,
    held_out: bool = False,
    farthest: int = 99,
    world: World = WORLD,
    allowed: tuple[str, ...] | None = None,
) -> list[Edit]:
    """Consecutive edits, one for each of `ways`; turn k edits what turn k - 1 left."""
    asked = tuple(ways)
    while True:
        h = History(rng, Speaker(rng), sample_scene(rng, held_out=held_out, world=world), world)
        if extend(h, asked, held_out=held_out, farthest=farthest, allowed=allowed):
            return h.edits


# Edits that can bring a combination into the frame.
_BRINGING = frozenset({"add", "replace", "move", "beside", "count", "background", "story"})


def sample_held_out_session(rng: random.Random, ways: Iterable[Way], *, world: World = WORLD, allowed: tuple[str, ...] | None = None) -> list[Edit]:
    """A first edit whose result brings in a combination that training never showed, where its kind can; the others may be anything.

    First operations come as often as they would anyway, so that the share of held-out results does not skew them.
    """
    asked = tuple(ways)
    names = [n for n in (allowed or WEIGHTS) if n not in {"it", "back"} and (asked[0] != "drawn" or n in DRAWABLE)]
    while True:
        operation = _pick_operation(rng, names)
        for _ in range(60):
            h = History(rng, Speaker(rng), sample_scene(rng, held_out=True, world=world), world)
            first = sample_edit(h, way=asked[0], operation=operation, held_out=True, farthest=1, tries=5, allowed=allowed)
            if first is None or (operation in _BRINGING and not first.touches_held_out()):
                continue
            h.edits.append(first)
            if extend(h, asked[1:], held_out=True, allowed=allowed):
                return h.edits
