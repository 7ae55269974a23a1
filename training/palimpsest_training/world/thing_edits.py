"""Edits of single things. Every maker gives the edit, or None where the scene does not allow it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from .history import Edit, History, Subject
from .language import NUMBERS, article, plural
from .sampling import dragged, is_free, sample_place, sample_size, sample_tint
from .scene import CELLS, PLACES, SIZES, Camera, Thing, frame_centre, place_of, placed, size_of

MOST_THINGS = 6
_QUARTER = 90.0
_ROWS = {
    "at the top": ("top left", "top", "top right"),
    "in the middle": ("left", "middle", "right"),
    "at the bottom": ("bottom left", "bottom", "bottom right"),
}


def new_thing(h: History, name: str, place: str) -> tuple[Thing, str]:
    """A thing of any size, sometimes tinted, and the words for it."""
    size = sample_size(h.rng)
    colour = sample_tint(h.rng, h.world)
    return placed(name, place, size, camera=h.scene.camera, colour=colour, key=h.free_key(h.scene)), h.speaker.thing(name, size, colour)


def absent_name(h: History) -> str:
    return h.rng.choice([name for name in h.world.objects if not h.scene.named(name)])


def add(h: History, *, is_drawn: bool = False) -> Edit | None:
    name = absent_name(h)
    place = sample_place(h.rng, name, h.scene)
    if place is None or len(h.scene.things) >= MOST_THINGS:
        return None
    thing, words = new_thing(h, name, place)
    where = "here" if is_drawn else h.speaker.place(place)
    return replace(h.edit("add", h.speaker.phrase("add", thing=words, where=where), h.scene.plus(thing)), is_drawn=is_drawn)


def remove(h: History, subject: Subject) -> Edit | None:
    return h.edit("remove", h.speaker.phrase("remove", subject=subject.words), h.scene.without(subject.thing), subject=subject)


def replace_thing(h: History, subject: Subject) -> Edit | None:
    colour = sample_tint(h.rng, h.world)
    new = replace(subject.thing, name=absent_name(h), colour=colour, angle=0.0, is_flipped=False)
    words = h.speaker.phrase("replace", subject=subject.words, thing=h.speaker.thing(new.name, "medium", colour))
    return h.edit("replace", words, h.scene.with_changed(subject.thing, new), subject=subject)


def move(h: History, subject: Subject) -> Edit | None:
    """Not for drawn regions: nothing changes outside a region, so one about the new place would leave the thing at the old one."""
    place = sample_place(h.rng, subject.thing.name, h.scene, but=[subject.thing])
    if place is None or place == place_of(h.scene, subject.thing):
        return None
    x, y = h.scene.camera.to_world(*PLACES[place])
    words = h.speaker.phrase("move", subject=subject.words, where=f"to the {place}")
    return h.edit("move", words, h.scene.with_changed(subject.thing, replace(subject.thing, x=x, y=y)), subject=subject)


def resize(h: History, subject: Subject) -> Edit | None:
    thing, sizes = subject.thing, list(SIZES)
    old = sizes.index(size_of(h.scene, thing))
    new = h.rng.choice([i for i in range(len(sizes)) if i != old])
    if abs(new - old) == 1 and h.rng.random() < 0.6:
        words = h.speaker.phrase("grow" if new > old else "shrink", subject=subject.words)
    else:
        words = h.speaker.phrase("size", subject=subject.words, size=sizes[new])
    changed = replace(thing, side=SIZES[sizes[new]] / h.scene.camera.zoom)
    return h.edit("resize", words, h.scene.with_changed(thing, changed), subject=subject)


def rotate(h: History, subject: Subject) -> Edit | None:
    thing = subject.thing
    kind = h.rng.choice(["left", "right", "over"])
    if kind == "over":
        words, turn = h.speaker.phrase("overturn", subject=subject.words), 180.0
    else:
        words, turn = h.speaker.phrase("rotate", subject=subject.words, side=kind), _QUARTER if kind == "left" else -_QUARTER
    return h.edit("rotate", words, h.scene.with_changed(thing, replace(thing, angle=(thing.angle + turn) % 360)), subject=subject)


def flip(h: History, subject: Subject) -> Edit | None:
    changed = replace(subject.thing, is_flipped=not subject.thing.is_flipped)
    return h.edit("flip", h.speaker.phrase("flip", subject=subject.words), h.scene.with_changed(subject.thing, changed), subject=subject)


def recolour(h: History, subject: Subject) -> Edit | None:
    colour = h.rng.choice([c for c in h.world.colours if c != subject.thing.colour])
    words = h.speaker.phrase("recolour", subject=subject.words, colour=colour)
    return h.edit("recolour", words, h.scene.with_changed(subject.thing, replace(subject.thing, colour=colour)), subject=subject)


def whole_cells(distance: float, camera: Camera) -> float:
    """The distance in world units, rounded up to whole cells of the frame."""
    unit = CELLS * camera.zoom
    return math.ceil(round(distance * unit, 6)) / unit


def beside(h: History) -> Edit | None:
    """Adds or moves a thing next to another one."""
    anchors = h.alone()
    if not anchors:
        return None
    anchor = h.rng.choice(anchors)
    moved = h.rng.choice([None, *(t for t in anchors if t != anchor)])
    if moved is None and len(h.scene.things) >= MOST_THINGS:
        return None
    name = absent_name(h) if moved is None else moved.name
    side = SIZES["medium"] / h.scene.camera.zoom if moved is None else moved.side
    gap = whole_cells(0.5 * (anchor.side + side) + 0.03 / h.scene.camera.zoom, h.scene.camera)
    sides = {"to the left of": (-gap, 0.0), "to the right of": (gap, 0.0), "above": (0.0, -gap), "below": (0.0, gap)}
    word, (dx, dy) = h.rng.choice(list(sides.items()))
    u, v = h.scene.camera.to_frame(anchor.x + dx, anchor.y + dy)
    if not (0.12 < u < 0.88 and 0.12 < v < 0.88 and is_free(h.scene, u, v, but=[anchor, *([moved] if moved else [])])):
        return None
    where = f"{word} the {anchor.name}"
    x, y = anchor.x + dx, anchor.y + dy
    if moved is None:
        words = h.speaker.phrase("add", thing=article(name), where=where)
        return h.edit("beside", words, h.scene.plus(Thing(name, x, y, side, key=h.free_key(h.scene))))
    words = h.speaker.phrase("move", subject=f"the {name}", where=where)
    return h.edit("beside", words, h.scene.with_changed(moved, replace(moved, x=x, y=y)))


def _overlapping(thing: Thing, other: Thing) -> bool:
    reach = 0.4 * (thing.side + other.side)
    return thing is not other and abs(thing.x - other.x) < reach and abs(thing.y - other.y) < reach


def layer(h: History) -> Edit | None:
    """Reorders things that overlap, or moves one in front of or behind another."""
    things, scene = h.alone(), h.scene
    crossing = [t for t in things if any(_overlapping(t, o) for o in scene.things)]
    is_front = h.rng.random() < 0.5
    top, bottom = max((t.layer for t in scene.things), default=0) + 1, min((t.layer for t in scene.things), default=0) - 1
    if crossing and h.rng.random() < 0.7:
        thing = h.rng.choice(crossing)
        words = h.speaker.phrase("front" if is_front else "rear", subject=f"the {thing.name}")
        return h.edit("layer", words, scene.with_changed(thing, replace(thing, layer=top if is_front else bottom)))
    if len(things) < 2:
        return None
    thing, anchor = h.rng.sample(things, 2)
    # About half a body aside, so that both stay to be seen.
    aside, down = (whole_cells(share * anchor.side, scene.camera) for share in (0.4, 0.12))
    x, y = anchor.x + (aside if anchor.x < scene.camera.x else -aside), anchor.y + (down if is_front else -down)
    if not is_free(scene, *scene.camera.to_frame(x, y), but=[thing, anchor]):
        return None
    changed = replace(thing, x=x, y=y, layer=top if is_front else bottom)
    words = h.speaker.phrase("move", subject=f"the {thing.name}", where=f"{'in front of' if is_front else 'behind'} the {anchor.name}")
    return h.edit("layer", words, scene.with_changed(thing, changed))


def count(h: History) -> Edit | None:
    """Several things at once, another one of a kind, or all of a kind away."""
    return h.rng.choice([_add_row, _add_another, _remove_all])(h)


def _remove_all(h: History) -> Edit | None:
    names = sorted({t.name for t in h.scene.things if len(h.scene.named(t.name)) > 1})
    if not names:
        return None
    name = h.rng.choice(names)
    return h.edit("count", h.speaker.phrase("remove all", things=plural(name), name=name), h.scene.without(*h.scene.named(name)))


def _add_another(h: History) -> Edit | None:
    """One more thing that looks like the one of its kind that is there."""
    models = h.alone()
    model = h.rng.choice(models) if models and len(h.scene.things) < MOST_THINGS else None
    place = model and sample_place(h.rng, model.name, h.scene)
    if not model or not place:
        return None
    x, y = h.scene.camera.to_world(*PLACES[place])
    words = h.speaker.phrase("another", name=model.name, where=h.speaker.place(place))
    return h.edit("count", words, h.scene.plus(replace(model, x=x, y=y, key=h.free_key(h.scene))))


def _add_row(h: History) -> Edit | None:
    """Two or three new things of a kind, side by side."""
    where, row = h.rng.choice(list(_ROWS.items()))
    number = h.rng.choice([2, 3])
    places = row if number == 3 else (row[0], row[2])
    if len(h.scene.things) + number > MOST_THINGS + 1 or not all(is_free(h.scene, *PLACES[p]) for p in places):
        return None
    name, after = absent_name(h), h.scene
    for place in places:
        after = after.plus(placed(name, place, camera=h.scene.camera, key=h.free_key(after)))
    return h.edit("count", h.speaker.phrase("count", number=NUMBERS[number - 1], things=plural(name), where=where), after)


def drag(h: History) -> Edit | None:
    """A thing taken by its region and put elsewhere; the person gives both regions."""
    subject = h.drawn_subject()
    if subject is None:
        return None
    changed = dragged(h.rng, h.scene, subject.thing)
    if changed == subject.thing or frame_centre(h.scene, changed) is None:
        return None
    edit = h.edit("drag", h.speaker.phrase("drag", subject=subject.words), h.scene.with_changed(subject.thing, changed))
    return replace(edit, is_dragged=True)


SUBJECT_EDITS: dict[str, Callable[[History, Subject], Edit | None]] = {
    "remove": remove,
    "replace": replace_thing,
    "move": move,
    "resize": resize,
    "rotate": rotate,
    "flip": flip,
    "recolour": recolour,
}
