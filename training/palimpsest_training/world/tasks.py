"""Training examples: every task as one pattern of slots, filled by drawing the world.

A pattern is the interleaved sequence of a task; all rows of a shard share it, so that they batch without waste.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from palimpsest_training.model.packing import ROLES, frame_role
from palimpsest_training.segments import mask_cells

from .backgrounds import BACKGROUNDS
from .edits import WEIGHTS, Way, sample_edit, sample_session
from .history import Edit, History
from .language import NUMBERS, Speaker, fits
from .sampling import WORLD, World, free_places, mask_picture, next_key, sample_scene
from .scene import PLACES, Scene, Thing, draw_order, has_held_out, render, render_between, thing_cells
from .sprites import OBJECTS

LABEL_NAMES = (*OBJECTS, *BACKGROUNDS)
NO_LABEL = 255
TASKS = ("session", "words", "concepts", "demonstration", "clip between", "clip edit")


@dataclass(frozen=True, slots=True)
class Slot:
    """One segment of a pattern.

    `edits` is the slot of the picture that a target edits; `group` names slots that are dropped together;
    `turn` counts the turns of a session, from 0; the first picture belongs to turn 0. `is_role` texts say what
    the next segment is.
    """

    kind: Literal["text", "image", "mask"]
    turn: int = 0
    is_context: bool = True
    is_target: bool = False
    edits: int | None = None
    time: int = 0
    group: str | None = None
    is_role: bool = False


@dataclass(slots=True)
class Row:
    """What fills a pattern: a text or a picture for each slot; for target slots also labels, changed patches and reach.

    `labels` [cells * cells] uint8 (`NO_LABEL` where there is none), `changed` [cells * cells] bool; `reach` counts frames.
    """

    contents: list[str | np.ndarray] = field(default_factory=list)
    labels: dict[int, np.ndarray] = field(default_factory=dict)
    changed: dict[int, np.ndarray] = field(default_factory=dict)
    reach: dict[int, int] = field(default_factory=dict)


def label_grid(scene: Scene, cells: int) -> np.ndarray:
    """[cells * cells] uint8: which thing covers the cell's centre, else which background."""
    grid = np.full((cells, cells), len(OBJECTS) + BACKGROUNDS.index(scene.background), np.uint8)
    for thing in draw_order(scene):
        grid[thing_cells(scene, thing, cells)] = OBJECTS.index(thing.name)
    return grid.reshape(-1)


def changed_grid(before: np.ndarray, after: np.ndarray, cells: int) -> np.ndarray:
    """[cells * cells] bool: patches in which some pixel moved by more than 8 of 255."""
    difference = np.abs(before.astype(np.int16) - after).max(-1) > 8
    return mask_cells(difference, difference.shape[0] // cells).reshape(-1)


class Filler:
    """Builds the pattern while the first row is filled, and checks that later rows fit it."""

    def __init__(self, size: int, cells: int) -> None:
        self.size, self.cells = size, cells
        self.pattern: list[Slot] = []
        self.rows: list[Row] = []

    def begin(self) -> None:
        self.rows.append(Row())

    def add(self, slot: Slot, content: str | np.ndarray) -> int:
        row = self.rows[-1]
        index = len(row.contents)
        if index == len(self.pattern) and len(self.rows) == 1:
            self.pattern.append(slot)
        if self.pattern[index] != slot:
            message = f"slot {index} is {slot} in this row and {self.pattern[index]} in the first one"
            raise AssertionError(message)
        row.contents.append(content)
        return index

    def text(self, words: str, turn: int = 0) -> int:
        return self.add(Slot("text", turn), words)

    def role(self, words: str, turn: int = 0, group: str | None = None) -> int:
        return self.add(Slot("text", turn, group=group, is_role=True), words)

    def image(self, picture: np.ndarray, time: int = 0) -> int:
        return self.add(Slot("image", time=time), picture)

    def target(
        self, picture: np.ndarray, scene: Scene | None, edits: int | None, *, turn: int = 0, time: int = 0, reach: int = 1, is_context: bool = True
    ) -> int:
        """`scene` is what the picture shows; None between two scenes, where nothing has one label."""
        index = self.add(Slot("image", turn, is_context, is_target=True, edits=edits, time=time), picture)
        row = self.rows[-1]
        before = None if edits is None else row.contents[edits]
        row.labels[index] = np.full(self.cells**2, NO_LABEL, np.uint8) if scene is None else label_grid(scene, self.cells)
        row.changed[index] = np.ones(self.cells**2, bool) if before is None else changed_grid(before, picture, self.cells)
        row.reach[index] = reach
        return index

    def region(self, mask: np.ndarray, *, turn: int, edits: int | None = None, group: str | None = None, reach: int = 1) -> int:
        """A mask; a target as well where `edits` is given."""
        index = self.add(Slot("mask", turn, is_target=edits is not None, edits=edits, group=group), mask_picture(mask))
        row = self.rows[-1]
        if edits is not None:
            row.labels[index] = np.full(self.cells**2, NO_LABEL, np.uint8)
            row.changed[index] = mask_cells(mask, mask.shape[0] // self.cells).reshape(-1)
            row.reach[index] = reach
        return index


@dataclass(frozen=True, slots=True)
class TurnPlan:
    """How a turn of a session is asked for; `has_regions` puts both regions between words and picture."""

    way: Way = "words"
    has_regions: bool = False


def plan_turns(rng: random.Random, turns: int) -> tuple[TurnPlan, ...]:
    plans = []
    for _ in range(turns):
        way = rng.choices(["words", "drawn", "dragged"], weights=[78, 10, 12])[0]
        plans.append(TurnPlan(way, way == "words" and rng.random() < 0.3))
    return tuple(plans)


def fill_session(
    filler: Filler, rng: random.Random, plans: tuple[TurnPlan, ...], world: World = WORLD, allowed: tuple[str, ...] | None = None
) -> None:
    edits = sample_session(rng, [plan.way for plan in plans], farthest=4, world=world, allowed=allowed)
    filler.begin()
    frame = filler.image(render(edits[0].before, filler.size))
    for turn, (edit, plan) in enumerate(zip(edits, plans, strict=True)):
        fill_turn(filler, rng, edit, plan, turn, frame)
        frame = filler.target(render(edit.after, filler.size), edit.after, frame, turn=turn, reach=edit.reach)


def fill_turn(filler: Filler, rng: random.Random, edit: Edit, plan: TurnPlan, turn: int, frame: int) -> None:
    """Instruction and regions of a turn."""
    size = filler.size
    filler.text(edit.instruction, turn)
    if plan.way == "drawn":
        filler.add(Slot("mask", turn), mask_picture(rough_drawn(rng, edit, size)))
    if plan.way != "dragged" and not plan.has_regions:
        return
    for key, mask in zip(("regionNow", "regionNext"), edit.regions(size), strict=True):
        is_given = plan.way == "dragged"
        # Given regions are what the words point at; others may be dropped, so that words alone do as well.
        group = None if is_given else f"{key} {turn}"
        filler.role(ROLES[key], turn, group)
        filler.region(mask, turn=turn, edits=None if is_given else frame, group=group, reach=edit.reach)


def rough_drawn(rng: random.Random, edit: Edit, size: int) -> np.ndarray:
    mask = edit.drawn_mask(rng, size)
    if mask is None:
        message = f"{edit.operation} has no drawn region"
        raise AssertionError(message)
    return mask


def sample_description(rng: random.Random, *, held_out: bool = False, world: World = WORLD) -> tuple[Scene, str]:
    """A scene of at most two things, and words that say all of it."""
    speaker = Speaker(rng)
    while True:
        scene = sample_scene(rng, most=2, styled=0.0, held_out=held_out, world=world)
        words = speaker.phrase("scene", where=speaker.scene(scene))
        if fits(words):
            return scene, words


def fill_words(filler: Filler, rng: random.Random, world: World = WORLD) -> None:
    scene, words = sample_description(rng, world=world)
    filler.begin()
    filler.text(words)
    filler.target(render(scene, filler.size), scene, None)


def sample_concepts(rng: random.Random, count: int, *, has_picture: bool, held_out: bool = False) -> tuple[list[Scene], Scene | None, str, Scene]:
    """Reference scenes of one thing each, the picture that they go into (or None), the words, and the result."""
    speaker = Speaker(rng)
    while True:
        sources = [sample_scene(rng, most=1, least=1, styled=0.0, held_out=held_out) for _ in range(count)]
        base = sample_scene(rng, most=2, styled=0.0, held_out=held_out) if has_picture else None
        result = base or Scene(rng.choice(BACKGROUNDS))
        places = free_places(result)
        if len({s.things[0].name for s in sources}) < count or len(places) < count:
            continue
        nouns = ["the thing of", *rng.choices(["the thing of", "that of"], k=count - 1)]
        numbered = [(f"{noun} picture {NUMBERS[i]}", s.things[0]) for i, (noun, s) in enumerate(zip(nouns, sources, strict=True))]
        words = []
        for (name, thing), place in zip(numbered, rng.sample(places, count), strict=True):
            x, y = PLACES[place]
            result = result.plus(replace(thing, x=x, y=y, key=next_key(result)))
            words.append((name, speaker.place(place)))
        if not held_out and has_held_out(result):
            continue
        if base is None:
            text = speaker.phrase("scene", where=speaker.with_things(result.background, [f"{name} {where}" for name, where in words]))
        else:
            more = "".join(f" and {name} {where}" for name, where in words[1:])
            text = speaker.phrase("reference", number=NUMBERS[0], where=words[0][1]) + more
        if fits(text):
            return sources, base, text, result


def fill_concepts(filler: Filler, rng: random.Random, count: int, *, has_picture: bool) -> None:
    sources, base, words, result = sample_concepts(rng, count, has_picture=has_picture)
    filler.begin()
    frame = None if base is None else filler.image(render(base, filler.size))
    for role, source in zip(ROLES["pictures"], sources, strict=False):
        filler.role(role)
        filler.image(render(source, filler.size))
    filler.text(words)
    filler.target(render(result, filler.size), result, frame)


# What can be seen from one pair of pictures and done to another one.
_SHOWABLE = ("background", "style", "light", "camera", "recolour", "remove", "replace", "add")


def sample_demonstration(rng: random.Random, *, held_out: bool = False) -> tuple[Edit, Edit]:
    """An example edit, and the same one on another picture (with the words 'do the same here')."""
    speaker = Speaker(rng)
    while True:
        example = sample_edit(
            History(rng, speaker, sample_scene(rng, least=1, most=3, held_out=held_out)), held_out=held_out, tries=20, allowed=_SHOWABLE
        )
        if example is None:
            continue
        scene = sample_scene(rng, least=1, most=3, held_out=held_out)
        after = same_edit(example, scene)
        if after is None or after == scene or (not held_out and has_held_out(after)):
            continue
        edit = Edit("demonstration", speaker.phrase("same"), scene, after)
        if edit.is_seen():
            return example, edit


def same_edit(example: Edit, scene: Scene) -> Scene | None:
    """The scene after the example's change; None where it has no counterpart."""
    before, after = example.before, example.after
    if example.is_whole:
        changes = {name: getattr(after, name) for name in ("background", "style", "light", "camera") if getattr(after, name) != getattr(before, name)}
        return replace(scene, **changes)
    gone, new = example.changed_things()
    if not gone:
        thing = new[0]
        return None if scene.named(thing.name) else _added(scene, thing)
    alike = scene.named(gone[0].name)
    if len(alike) != 1 or len(before.named(gone[0].name)) != 1:
        return None
    if not new:
        return scene.without(alike[0])
    return scene.with_changed(alike[0], replace(alike[0], name=new[0].name, colour=new[0].colour))


def _added(scene: Scene, thing: Thing) -> Scene | None:
    spot = scene.camera.to_frame(thing.x, thing.y)
    is_there = any(abs(PLACES[p][0] - spot[0]) + abs(PLACES[p][1] - spot[1]) < 0.01 for p in free_places(scene))
    return scene.plus(replace(thing, key=next_key(scene) if scene.find(thing.key) else thing.key)) if is_there else None


def fill_demonstration(filler: Filler, rng: random.Random) -> None:
    example, edit = sample_demonstration(rng)
    filler.begin()
    frame = filler.image(render(edit.before, filler.size))
    for key, scene in (("exampleBefore", example.before), ("exampleAfter", example.after)):
        filler.role(ROLES[key])
        filler.image(render(scene, filler.size))
    filler.text(edit.instruction)
    filler.target(render(edit.after, filler.size), edit.after, frame)


# Edits whose way from first to last frame can be told from these two and the words.
_GLIDING = ("add", "remove", "replace", "move", "resize", "background", "style", "light", "camera", "recolour")


def sample_glide(rng: random.Random, *, held_out: bool = False) -> Edit:
    while True:
        h = History(rng, Speaker(rng), sample_scene(rng, held_out=held_out, least=1, most=3))
        edit = sample_edit(h, held_out=held_out, tries=20, allowed=_GLIDING)
        if edit is not None:
            return edit


def fill_clip_between(filler: Filler, rng: random.Random, frames: int) -> None:
    edit = sample_glide(rng)
    filler.begin()
    first = filler.image(render(edit.before, filler.size))
    filler.text(edit.instruction)
    filler.image(render(edit.after, filler.size))
    for number in range(2, frames):
        filler.role(frame_role(number, frames))
        picture = render_between(edit.before, edit.after, (number - 1) / (frames - 1), filler.size)
        filler.target(picture, None, first, time=number - 1)


# Edits that mean the same on every frame of a clip.
_STEADY = ("remove", "replace", "background", "style", "light", "recolour", "add")


def _new_keys(edit: Edit) -> set[int]:
    return {t.key for t in edit.after.things} - {t.key for t in edit.before.things}


def sample_clip_edit(rng: random.Random, *, held_out: bool = False) -> tuple[Edit, Edit]:
    """A motion (an edit seen as a clip), and an edit of its first frame that holds on every frame."""
    while True:
        motion = sample_glide(rng, held_out=held_out)
        h = History(rng, Speaker(rng), motion.before)
        edit = sample_edit(h, held_out=held_out, tries=20, allowed=_STEADY)
        # Two new things under one key would turn into each other.
        if edit is None or _new_keys(edit) & _new_keys(motion):
            continue
        after = same_edit(edit, motion.after)
        if after is not None and (held_out or not has_held_out(after)) and after != motion.after:
            return motion, edit


def edited_ends(motion: Edit, edit: Edit) -> tuple[Scene, Scene]:
    """First and last scene of the motion after the edit."""
    last = same_edit(edit, motion.after)
    if last is None:
        message = f"{edit.instruction!r} has no counterpart at the end of the clip"
        raise ValueError(message)
    return edit.after, last


def fill_clip_edit(filler: Filler, rng: random.Random, frames: int) -> None:
    motion, edit = sample_clip_edit(rng)
    ends = edited_ends(motion, edit)
    filler.begin()
    sources = [filler.image(render_between(motion.before, motion.after, i / (frames - 1), filler.size), time=i) for i in range(frames)]
    filler.text(edit.instruction)
    for i, source in enumerate(sources):
        filler.role(frame_role(i + 1, frames))
        scene = {0: ends[0], frames - 1: ends[1]}.get(i)
        filler.target(render_between(*ends, i / (frames - 1), filler.size), scene, source, time=i)


def fill_shard(
    rng: random.Random, task: str, rows: int, size: int, cells: int, turns: int, world: World = WORLD, allowed: tuple[str, ...] | None = None
) -> Filler:
    """`rows` examples of one task that share a pattern.

    Sessions and pictures from words can be drawn of a smaller `world`, and sessions of `allowed` operations only; raises
    ValueError for other tasks.
    """
    is_part = world != WORLD or (allowed is not None and set(allowed) != set(WEIGHTS))
    if is_part and task not in {"session", "words"}:
        message = f"the task {task!r} is drawn of the whole world only"
        raise ValueError(message)
    filler = Filler(size, cells)
    fill: Callable[[], None]
    if task == "session":
        plans = plan_turns(rng, turns)
        fill = lambda: fill_session(filler, rng, plans, world, allowed)  # noqa: E731
    elif task == "words":
        fill = lambda: fill_words(filler, rng, world)  # noqa: E731
    elif task == "concepts":
        count, has_picture = rng.randint(1, 3), rng.random() < 0.6
        fill = lambda: fill_concepts(filler, rng, count, has_picture=has_picture)  # noqa: E731
    elif task == "demonstration":
        fill = lambda: fill_demonstration(filler, rng)  # noqa: E731
    else:
        frames = rng.randint(4, 6)
        fill_clip = fill_clip_between if task == "clip between" else fill_clip_edit
        fill = lambda: fill_clip(filler, rng, frames)  # noqa: E731
    for _ in range(rows):
        fill()
    return filler
