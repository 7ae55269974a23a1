"""A session as data: the scenes so far, what each turn changed, and how words can name a thing."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np

from .language import Speaker
from .sampling import WORLD, World, rough_mask, visible_things
from .scene import PLACES, Scene, Thing, frame_centre, is_held_out, is_visible, place_of, render, shows_colours, size_of, thing_mask


@dataclass(frozen=True, slots=True)
class Edit:
    """One turn. `reach` tells how many earlier frames the right answer depends on; 1 = the one being edited."""

    operation: str
    instruction: str
    before: Scene
    after: Scene
    reach: int = 1
    is_drawn: bool = False
    """Whether the person draws the region, so that the words may be as short as "remove this"."""
    is_dragged: bool = False
    """Whether the person gives both regions, now and next."""

    def changed_things(self) -> tuple[list[Thing], list[Thing]]:
        """Things only in the earlier frame, and things only in the later one."""
        now = [t for t in self.before.things if t not in self.after.things]
        later = [t for t in self.after.things if t not in self.before.things]
        return now, later

    @property
    def is_whole(self) -> bool:
        """Whether the edit changes something that every pixel depends on."""
        return self.before.whole() != self.after.whole()

    def regions(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Boolean masks `[size, size]`: region now (earlier frame) and region next (later frame)."""
        if self.is_whole:
            whole = np.ones((size, size), bool)
            return whole, whole
        both = []
        for scene, things in zip((self.before, self.after), self.changed_things(), strict=True):
            mask = np.zeros((size, size), bool)
            for thing in things:
                mask |= thing_mask(scene, thing, size)
            both.append(mask)
        return both[0], both[1]

    def drawn_mask(self, rng: random.Random, size: int) -> np.ndarray | None:
        """The region as a person draws it about all that changes; None when they draw nothing."""
        if not self.is_drawn:
            return None
        now, later = self.regions(size)
        return rough_mask(rng, now | later)

    def touches_held_out(self) -> bool:
        """Whether the edit brings a held-out object x place x background into the frame."""
        return any(
            is_held_out(t.name, place_of(self.after, t), self.after.background)
            for t in self.after.things
            if self.is_whole or t not in self.before.things
        )

    def is_seen(self) -> bool:
        """Whether the frame shows the change: things may hide behind others or outside the frame."""
        size = 64
        return bool((np.abs(render(self.before, size).astype(int) - render(self.after, size)).max(-1) > 24).sum() >= 6)


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing that an instruction is about, and the words for it."""

    thing: Thing
    words: str
    reach: int = 1
    is_drawn: bool = False
    operation: str | None = None
    """Counted as this operation when naming the thing is the hard part."""


@dataclass(slots=True)
class History:
    """The session so far; `scene` is what the next turn edits."""

    rng: random.Random
    speaker: Speaker
    start: Scene
    world: World = WORLD
    edits: list[Edit] = field(default_factory=list)

    @property
    def scene(self) -> Scene:
        return self.edits[-1].after if self.edits else self.start

    @property
    def scenes(self) -> list[Scene]:
        return [self.start, *(edit.after for edit in self.edits)]

    def free_key(self, scene: Scene, key: int = 0) -> int:
        """`key` where `scene` has not given it to another thing, else one that no thing of the session ever had."""
        if key and scene.find(key) is None:
            return key
        return 1 + max((t.key for s in (*self.scenes, scene) for t in s.things), default=0)

    def is_told(self, scene: Scene, thing: Thing) -> bool:
        """Whether `scene`, of this session, shows all that the next frame could show of the thing."""
        return is_visible(scene, thing) and (shows_colours(scene) or not shows_colours(self.scene))

    def edit(self, operation: str, words: str, after: Scene, *, subject: Subject | None = None, reach: int = 1) -> Edit:
        if subject is None:
            return Edit(operation, words, self.scene, after, reach)
        return Edit(subject.operation or operation, words, self.scene, after, max(reach, subject.reach), subject.is_drawn)

    def touched(self) -> Thing | None:
        """The one thing that the last turn made or changed, while it is there."""
        if not self.edits or self.edits[-1].is_whole:
            return None
        new = self.edits[-1].changed_things()[1]
        return new[0] if len(new) == 1 and new[0] in visible_things(self.scene) else None

    def alone(self) -> list[Thing]:
        """Visible things that are the only ones of their kind: the name will do."""
        return [t for t in visible_things(self.scene) if len(self.scene.named(t.name)) == 1]

    def plain_subject(self) -> Subject | None:
        things = self.alone()
        if not things:
            return None
        thing = self.rng.choice(things)
        looks = self.speaker.looks("medium", thing.colour) if self.rng.random() < 0.3 else ""
        return Subject(thing, f"the {looks}{thing.name}")

    def drawn_subject(self) -> Subject | None:
        things = visible_things(self.scene)
        if not things:
            return None
        thing = self.rng.choice(things)
        is_named = len(self.scene.named(thing.name)) == 1 and self.rng.random() < 0.5
        return Subject(thing, f"the {thing.name}" if is_named else "this", is_drawn=True)

    def subject_among(self) -> Subject | None:
        """One of several of a kind, told apart by colour, size or place."""
        things = [t for t in visible_things(self.scene) if len(self.scene.named(t.name)) > 1]
        if not things:
            return None
        thing = self.rng.choice(things)
        words = distinguishing_words(self.rng, self.speaker, self.scene, thing)
        return None if words is None else Subject(thing, words, operation="among")

    def subject_it(self) -> Subject | None:
        """What the last turn was about, named by reference to it."""
        thing = self.touched()
        if thing is None:
            return None
        last = self.edits[-1]
        is_added = len(last.after.things) > len(last.before.things)
        words = ["it", "it", "the one you just added" if is_added else "the one you just changed"]
        return Subject(thing, self.rng.choice(words), reach=2, operation="it")


def distinguishing_words(rng: random.Random, speaker: Speaker, scene: Scene, thing: Thing) -> str | None:
    """Words that fit `thing` and no other one of its kind; None when there are none."""
    others = [t for t in scene.named(thing.name) if t.key != thing.key]
    found = []
    if thing.colour is not None and shows_colours(scene) and all(t.colour != thing.colour for t in others):
        found.append(f"the {thing.colour} {thing.name}")
    size = size_of(scene, thing)
    if size != "medium" and all(size_of(scene, t) != size for t in others):
        found.append(f"the {speaker.looks(size, None)}{thing.name}")
    u, v = frame_centre(scene, thing)
    centres = [frame_centre(scene, t) for t in others]
    clear = 0.15
    for word, is_first in (
        ("left", all(u < x - clear for x, _ in centres)),
        ("right", all(u > x + clear for x, _ in centres)),
        ("upper", all(v < y - clear for _, y in centres)),
        ("lower", all(v > y + clear for _, y in centres)),
    ):
        if is_first:
            found.append(f"the {word} {thing.name}")
    place = place_of(scene, thing)
    x, y = PLACES[place]
    # A place names it only where it stands there, and no other one does.
    if (u - x) ** 2 + (v - y) ** 2 < 0.01 and all(place_of(scene, t) != place for t in others):
        found.append(f"the {thing.name} {speaker.place(place)}")
    return rng.choice(found) if found else None
