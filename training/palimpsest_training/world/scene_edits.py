"""Edits of the whole picture, edits that need earlier turns, and instructions that change nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .history import Edit, History
from .sampling import is_free
from .scene import CELLS, PLACES, SIZES, Camera, Scene, Thing, frame_centre, is_visible, shows_colours, thing_mask

# Equal steps, as of the sizes: one frame does not tell how near the camera is.
_ZOOMS = (0.5**0.5, 1.0, 2**0.5)
_PAN = 4 / CELLS
_EDGE = 0.25
_SIDES = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
# How many frames back an instruction may reach.
FARTHEST = 4


def background(h: History) -> Edit | None:
    name = h.rng.choice([b for b in h.world.backgrounds if b != h.scene.background])
    words = h.speaker.phrase("background", where=h.speaker.background(name))
    return h.edit("background", words, replace(h.scene, background=name))


def light(h: History) -> Edit | None:
    name = h.rng.choice([x for x in h.world.lights if x != h.scene.light])
    return h.edit("light", h.speaker.phrase("light", light=h.speaker.light(name)), replace(h.scene, light=name))


def style(h: History) -> Edit | None:
    name = h.rng.choice([s for s in h.world.styles if s != h.scene.style])
    after = replace(h.scene, style=name)
    tinted = [t for t in h.scene.things if t.colour is not None and shows_colours(after) and not shows_colours(h.scene)]
    reach = _last_seen(h, after, tinted)
    return reach and h.edit("style", h.speaker.phrase("style", style=name), after, reach=reach)


def _last_seen(h: History, after: Scene, things: list[Thing]) -> int | None:
    """How many frames hold what `after` will show of the things; None when some of it was never to be seen."""
    reach = 1
    for thing in things:
        shown = (number for number, s in enumerate(reversed(h.scenes), 1) if thing in s.things and is_visible(s, thing))
        coloured = (number for number in shown if shows_colours(h.scenes[-number]) or not shows_colours(after))
        found = next(coloured, None)
        if found is None:
            return None
        reach = max(reach, found)
    return reach


def camera(h: History) -> Edit | None:
    """One step of zoom, or a pan by a quarter of the frame."""
    now = h.scene.camera
    if h.rng.random() < 0.5:
        at = _ZOOMS.index(now.zoom)
        step = h.rng.choice([i for i in (at - 1, at + 1) if 0 <= i < len(_ZOOMS)])
        words = h.speaker.phrase("zoom in" if step > at else "zoom out")
        new = Camera(now.x, now.y, _ZOOMS[step])
    else:
        side, (dx, dy) = h.rng.choice(list(_SIDES.items()))
        words = h.speaker.phrase("pan", side=side)
        new = Camera(round(now.x + dx * _PAN / now.zoom, 6), round(now.y + dy * _PAN / now.zoom, 6), now.zoom)
        if abs(new.x - 0.5) > _EDGE or abs(new.y - 0.5) > _EDGE:
            return None
    after = replace(h.scene, camera=new)
    # What comes into view again looks as it did when it went out of it.
    coming = [t for t in after.things if not is_visible(h.scene, t) and thing_mask(after, t, 64).any()]
    reach = _last_seen(h, after, coming)
    return reach and h.edit("camera", words, after, reach=reach)


def keep(h: History) -> Edit | None:
    return h.edit("keep", h.speaker.phrase("keep"), h.scene)


def absent(h: History) -> Edit | None:
    """Asks for something that cannot be: the thing is not there. The right answer is the unchanged frame."""
    subject = f"the {h.rng.choice([n for n in h.world.objects if not h.scene.named(n)])}"
    say = h.speaker.phrase
    colours = [h.rng.choice(h.world.colours)] if h.world.colours else []
    words = h.rng.choice(
        [
            say("remove", subject=subject),
            *(say("recolour", subject=subject, colour=colour) for colour in colours),
            say("move", subject=subject, where=f"to the {h.rng.choice(list(PLACES))}"),
            say("grow", subject=subject),
            say("flip", subject=subject),
        ]
    )
    return h.edit("absent", words, h.scene)


def back(h: History) -> Edit | None:
    """Something as it was before."""
    makers = [_undo, _bring_back, _colour_before, _place_before, _background_before]
    h.rng.shuffle(makers)
    return next((edit for maker in makers if (edit := maker(h)) is not None), None)


def _undo(h: History) -> Edit | None:
    if not h.edits or h.edits[-1].before == h.scene:
        return None
    return h.edit("back", h.speaker.phrase("undo"), h.edits[-1].before, reach=2)


def _earlier(h: History) -> list[tuple[int, Scene]]:
    """Earlier scenes with their reach, latest first."""
    scenes = h.scenes[:-1][::-1][: FARTHEST - 1]
    return [(number + 2, scene) for number, scene in enumerate(scenes)]


def _bring_back(h: History) -> Edit | None:
    names: set[str] = set()
    for reach, scene in _earlier(h):
        for thing in scene.things:
            is_new = thing.name not in names and not h.scene.named(thing.name)
            names.add(thing.name)
            is_clear = len(scene.named(thing.name)) == 1 and h.is_told(scene, thing)
            if is_new and is_clear and is_free(h.scene, *frame_centre(h.scene, thing)):
                again = replace(thing, key=h.free_key(h.scene, thing.key))
                return h.edit("back", h.speaker.phrase("bring back", name=thing.name), h.scene.plus(again), reach=reach)
    return None


def _before(h: History, look: Callable[[Thing], object]) -> tuple[Thing, Thing, int] | None:
    """A thing alone of its kind, as it is and as it last was when its look was another, and the reach."""
    for thing in h.alone():
        for reach, scene in _earlier(h):
            old = scene.find(thing.key)
            if old is None or old.name != thing.name or look(old) == look(thing):
                continue
            if h.is_told(scene, old):
                return thing, old, reach
            break
    return None


def _colour_before(h: History) -> Edit | None:
    found = _before(h, lambda thing: thing.colour)
    if found is None:
        return None
    thing, old, reach = found
    words = h.speaker.phrase("colour before", subject=f"the {thing.name}")
    return h.edit("back", words, h.scene.with_changed(thing, replace(thing, colour=old.colour)), reach=reach)


def _place_before(h: History) -> Edit | None:
    found = _before(h, lambda thing: (thing.x, thing.y))
    if found is None:
        return None
    thing, old, reach = found
    if not is_free(h.scene, *frame_centre(h.scene, old), but=[thing]):
        return None
    words = h.speaker.phrase("place before", subject=f"the {thing.name}")
    return h.edit("back", words, h.scene.with_changed(thing, replace(thing, x=old.x, y=old.y, layer=old.layer)), reach=reach)


def _background_before(h: History) -> Edit | None:
    for reach, scene in _earlier(h):
        if scene.background != h.scene.background:
            return h.edit("back", h.speaker.phrase("background before"), replace(h.scene, background=scene.background), reach=reach)
    return None


def story(h: History) -> Edit | None:
    """The next scene with the same cast: words give the place, earlier frames give colour, size and which way it faces."""
    cast: dict[str, tuple[Thing, int]] = {}
    for reach, scene in [(1, h.scene), *_earlier(h)]:
        for thing in scene.things:
            if len(scene.named(thing.name)) == 1 and thing.name not in cast and h.is_told(scene, thing):
                cast[thing.name] = (replace(thing, side=min(thing.side * scene.camera.zoom, SIZES["large"])), reach)
    if not cast:
        return None
    names = h.rng.sample(sorted(cast), h.rng.randint(1, min(3, len(cast))))
    new = Scene(h.rng.choice([b for b in h.world.backgrounds if b != h.scene.background]), (), h.scene.style, h.scene.light)
    words, reach = [], 1
    for place, name in zip(h.rng.sample(list(PLACES), len(names)), names, strict=True):
        thing, needed = cast[name]
        reach = max(reach, needed)
        x, y = PLACES[place]
        new = new.plus(replace(thing, x=x, y=y, layer=0, key=h.free_key(new, thing.key)))
        words.append(f"the {name} {h.speaker.place(place)}")
    where = h.speaker.with_things(new.background, words)
    return h.edit("story", h.speaker.phrase("story", where=where), new, reach=reach)
