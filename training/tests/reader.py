"""A second, independent meaning of the instructions: what a reader of the words would do to the frames that they know."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from palimpsest_training.world.backgrounds import BACKGROUNDS
from palimpsest_training.world.language import TEMPLATES, plural
from palimpsest_training.world.looks import LIGHTS, STYLES
from palimpsest_training.world.scene import (
    PLACES,
    SIZES,
    Camera,
    Scene,
    Thing,
    frame_centre,
    is_visible,
    place_of,
    placed,
    shows_colours,
    size_of,
)
from palimpsest_training.world.sprites import COLOURS, OBJECTS
from palimpsest_training.world.thing_edits import whole_cells

NAME = f"(?:{'|'.join(OBJECTS)})"
THINGS = {plural(name): name for name in OBJECTS}
LOOKS = f"(?:(?:small|little|large|big|{'|'.join(COLOURS)}) )*"
ROW, COLUMN = "top|upper|bottom|lower", "left|right|middle|centre|center"
PLACE = rf"(?:(?:in|at|on) the (?:(?:{ROW}) )?(?:{ROW}|{COLUMN})(?: side| in the middle)?)"
BESIDE = rf"(?:(?:to the left of|to the right of|above|below|in front of|behind) the {NAME})"
FIELDS = {
    "subject": rf"it|this|the one you just (?:added|changed)|the (?:{LOOKS}|left |right |upper |lower ){NAME}(?: {PLACE})?",
    "thing": f"an? {LOOKS}{NAME}",
    "name": NAME,
    "things": f"(?:{'|'.join(THINGS)})",
    "number": "one|two|three",
    "size": "|".join(SIZES),
    "side": "left|right|up|down",
    "colour": "|".join(COLOURS),
    "style": "|".join(STYLES),
    "light": "day|bright day|dusk|evening|night|dark night",
}
BACKGROUND = f"(?:(?:a |the |an )?(?:green |snowy |living |starry |night |sea |outer )?(?:{'|'.join(BACKGROUNDS)}|field|sky|floor)(?: over the sea)?)"
WHERE = {
    "add": f"{PLACE}|{BESIDE}|here",
    "move": rf"to the (?:{'|'.join(PLACES)})|{BESIDE}",
    "count": "at the top|in the middle|at the bottom",
    "background": BACKGROUND,
    "story": f"{BACKGROUND}(?: with .+)?",
    "scene": f"{BACKGROUND}(?: with .+)?",
}
DEFAULT_VIEW = Camera()
# What the words of a background name, where they are not its own name.
NICKNAMES = {"a snowy field": "snow", "a night sky": "night", "a starry sky": "night", "the sea floor": "reef"}
LIGHT_OF = {"evening": "dusk", **{light: light for light in LIGHTS}}


def _pattern(kind: str, template: str) -> re.Pattern[str]:
    fields = FIELDS | {"where": WHERE.get(kind, PLACE)}
    parts = re.split(r"{(\w+)}", template)
    return re.compile("".join(f"(?P<{part}>{fields[part]})" if at % 2 else re.escape(part) for at, part in enumerate(parts)))


PATTERNS = [(kind, number, _pattern(kind, template)) for kind, known in TEMPLATES.items() for number, template in enumerate(known)]


def readings(text: str) -> list[tuple[str, int, dict[str, str]]]:
    """Every kind of edit, number of its phrasing and words that the text can be read as."""
    return [(kind, number, found.groupdict()) for kind, number, pattern in PATTERNS if (found := pattern.fullmatch(text))]


def place_in(words: str) -> str:
    known = set(words.split())
    row = "top" if known & {"top", "upper"} else "bottom" if known & {"bottom", "lower"} else ""
    column = "left" if "left" in known else "right" if "right" in known else ""
    return f"{row} {column}".strip() or "middle"


def looks_in(words: str) -> tuple[str, str | None]:
    """Size and colour."""
    known = set(words.split())
    size = "small" if known & {"small", "little"} else "large" if known & {"large", "big"} else "medium"
    return size, next((c for c in COLOURS if c in known), None)


def background_in(words: str) -> str:
    return NICKNAMES.get(words) or next(b for b in BACKGROUNDS if re.search(rf"\b{b}\b", words))


def described(words: str, camera: Camera = DEFAULT_VIEW) -> Thing:
    """'a small red cat on the left' as a thing."""
    size, colour = looks_in(words)
    name = re.search(rf"\b{NAME}\b", words)
    place = re.search(PLACE, words)
    return placed(name[0], place_in(place[0]) if place else "middle", size, camera=camera, colour=colour)


def scene_of(words: str) -> Scene:
    """A description of a scene as a scene."""
    where, _, things = words.partition(" with ")
    return Scene(background_in(where), tuple(described(part) for part in things.split(" and ")) if things else ())


class Reader:
    """Knows the last frames only: what none of them shows, in its colours, does not come into view for it."""

    def __init__(self, scenes: list[Scene], pointed: Thing | None) -> None:
        self.scenes, self.pointed = scenes, pointed
        self.scene = scenes[-1]

    def visible(self, name: str) -> list[Thing]:
        return [t for t in self.scene.named(name) if is_visible(self.scene, t)]

    def subject(self, words: str) -> Thing | None:
        """The one thing that the words fit; None when they fit none."""
        if words == "this":
            return self.pointed
        if words == "it" or words.startswith("the one you"):
            (thing,) = (t for t in self.scene.things if t not in self.scenes[-2].things)
            return thing
        name = re.search(rf"\b{NAME}\b", words)[0]
        before, _, after = words.removeprefix("the").partition(name)
        size, colour = looks_in(before)
        found = self.visible(name)
        if size != "medium":
            found = [t for t in found if size_of(self.scene, t) == size]
        # The colour of a lone thing may be said though the picture is grey.
        if colour is not None and len(found) > 1:
            assert shows_colours(self.scene), words
            found = [t for t in found if t.colour == colour]
        for word, axis, sign in (("left", 0, 1), ("right", 0, -1), ("upper", 1, 1), ("lower", 1, -1)):
            if word in before.split():
                centres = sorted(sign * frame_centre(self.scene, t)[axis] for t in found)
                assert len(centres) == 1 or centres[1] - centres[0] > 0.1, words
                found = [t for t in found if sign * frame_centre(self.scene, t)[axis] == centres[0]]
        if after.strip():
            found = [t for t in found if place_of(self.scene, t) == place_in(after)]
        assert len(found) <= 1, words
        return found[0] if found else None

    def spot(self, where: str, side: float, *, is_layered: bool) -> tuple[float, float]:
        """World coordinates that the words name for a thing of that side."""
        scene = self.scene
        if " the " in f" {where}" and (anchor_name := re.search(rf"(?:of|above|below|behind) the ({NAME})", where)):
            (anchor,) = self.visible(anchor_name[1])
            if is_layered:
                aside = whole_cells(0.4 * anchor.side, scene.camera) * (1 if anchor.x < scene.camera.x else -1)
                return anchor.x + aside, anchor.y + whole_cells(0.12 * anchor.side, scene.camera) * (1 if "front" in where else -1)
            gap = whole_cells(0.5 * (anchor.side + side) + 0.03 / scene.camera.zoom, scene.camera)
            dx, dy = next(v for k, v in {"left": (-1, 0), "right": (1, 0), "above": (0, -1), "below": (0, 1)}.items() if k in where.split())
            return anchor.x + dx * gap, anchor.y + dy * gap
        if where == "here":
            return self.pointed.x, self.pointed.y
        return scene.camera.to_world(*PLACES[place_in(where)])

    def earlier(self) -> list[Scene]:
        return self.scenes[-2::-1]

    def obey(self, kind: str, words: dict[str, str]) -> Scene:
        """The scene after the instruction."""
        scene = self.scene
        if "subject" not in words:
            return getattr(self, "_" + kind.replace(" ", "_"))(**words)
        thing = self.subject(words["subject"])
        if thing is None:
            return scene
        if kind == "remove":
            return scene.without(thing)
        rest = {name: value for name, value in words.items() if name != "subject"}
        return scene.with_changed(thing, getattr(self, "_" + kind.replace(" ", "_"))(thing, **rest))

    def _replace(self, subject: Thing, thing: str) -> Thing:
        new = described(thing)
        return replace(subject, name=new.name, colour=new.colour, angle=0.0, is_flipped=False)

    def _move(self, subject: Thing, where: str) -> Thing:
        is_layered = "front" in where or "behind" in where
        x, y = self.spot(where, subject.side, is_layered=is_layered)
        return replace(subject, x=x, y=y, layer=(99 if "front" in where else -99) if is_layered else subject.layer)

    def _step(self, subject: Thing, step: int) -> Thing:
        sizes = list(SIZES)
        return self._size(subject, sizes[sizes.index(size_of(self.scene, subject)) + step])

    def _grow(self, subject: Thing) -> Thing:
        return self._step(subject, 1)

    def _shrink(self, subject: Thing) -> Thing:
        return self._step(subject, -1)

    def _size(self, subject: Thing, size: str) -> Thing:
        return replace(subject, side=SIZES[size] / self.scene.camera.zoom)

    def _rotate(self, subject: Thing, side: str) -> Thing:
        return replace(subject, angle=(subject.angle + (90 if side == "left" else -90)) % 360)

    def _overturn(self, subject: Thing) -> Thing:
        return replace(subject, angle=(subject.angle + 180) % 360)

    def _flip(self, subject: Thing) -> Thing:
        return replace(subject, is_flipped=not subject.is_flipped)

    def _recolour(self, subject: Thing, colour: str) -> Thing:
        return replace(subject, colour=colour)

    def _front(self, subject: Thing) -> Thing:
        return replace(subject, layer=99)

    def _rear(self, subject: Thing) -> Thing:
        return replace(subject, layer=-99)

    def _colour_before(self, subject: Thing) -> Thing:
        old = (s.find(subject.key) for s in self.earlier() if shows_colours(s) or not shows_colours(self.scene))
        return replace(subject, colour=next(t.colour for t in old if t is not None and t.name == subject.name and t.colour != subject.colour))

    def _place_before(self, subject: Thing) -> Thing:
        old = (s.find(subject.key) for s in self.earlier())
        spot = next(t for t in old if t is not None and t.name == subject.name and (t.x, t.y) != (subject.x, subject.y))
        return replace(subject, x=spot.x, y=spot.y, layer=spot.layer)

    def _add(self, thing: str, where: str) -> Scene:
        new = described(thing, self.scene.camera)
        x, y = self.spot(where, new.side, is_layered=False)
        return self.scene.plus(replace(new, x=x, y=y))

    def _count(self, number: str, things: str, where: str) -> Scene:
        row = {"at the top": ("top left", "top", "top right"), "in the middle": ("left", "middle", "right")}
        places = row.get(where, ("bottom left", "bottom", "bottom right"))
        chosen = places if number == "three" else (places[0], places[2])
        return self.scene.plus(*(placed(THINGS[things], place, camera=self.scene.camera) for place in chosen))

    def _another(self, name: str, where: str) -> Scene:
        (model,) = self.visible(name)
        x, y = self.spot(where, model.side, is_layered=False)
        return self.scene.plus(replace(model, x=x, y=y, key=99))

    def _remove_all(self, things: str | None = None, name: str | None = None) -> Scene:
        return self.scene.without(*self.scene.named(name or THINGS[things]))

    def _undo(self) -> Scene:
        return self.scenes[-2]

    def _bring_back(self, name: str) -> Scene:
        scene = next(s for s in self.earlier() if s.named(name))
        (thing,) = scene.named(name)
        assert is_visible(scene, thing)
        assert thing.colour is None or shows_colours(scene) or not shows_colours(self.scene)
        return self.scene.plus(replace(thing, key=99))

    def _background_before(self) -> Scene:
        return replace(self.scene, background=next(s.background for s in self.earlier() if s.background != self.scene.background))

    def _background(self, where: str) -> Scene:
        return replace(self.scene, background=background_in(where))

    def _light(self, light: str) -> Scene:
        return replace(self.scene, light=LIGHT_OF[light.rsplit(maxsplit=1)[-1]])

    def _style(self, style: str) -> Scene:
        after = replace(self.scene, style=style)
        if shows_colours(self.scene) or not shows_colours(after):
            return after
        coloured = [t for s in self.scenes if shows_colours(s) for t in s.things if is_visible(s, t)]
        return replace(after, things=tuple(t if t in coloured else replace(t, colour=None) for t in after.things))

    def _seen_from(self, camera: Camera) -> Scene:
        """The things that some frame showed, from another view."""
        shown = [t for t in self.scene.things if any(t in s.things and is_visible(s, t) for s in self.scenes)]
        return replace(self.scene, things=tuple(shown), camera=camera)

    def _zoom(self, factor: float) -> Scene:
        half_octaves = round(2 * math.log2(self.scene.camera.zoom * factor))
        return self._seen_from(replace(self.scene.camera, zoom=2 ** (half_octaves / 2)))

    def _zoom_in(self) -> Scene:
        return self._zoom(2**0.5)

    def _zoom_out(self) -> Scene:
        return self._zoom(0.5**0.5)

    def _pan(self, side: str) -> Scene:
        camera = self.scene.camera
        dx, dy = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}[side]
        return self._seen_from(Camera(camera.x + 0.25 * dx / camera.zoom, camera.y + 0.25 * dy / camera.zoom, camera.zoom))

    def _keep(self) -> Scene:
        return self.scene

    def _scene(self, where: str) -> Scene:
        return scene_of(where)

    def _story(self, where: str) -> Scene:
        """The named things as they were last seen in the frame, at new places."""
        background, _, things = where.partition(" with ")
        new = Scene(background_in(background), (), self.scene.style, self.scene.light)
        for part in things.split(" and "):
            name = re.search(rf"\b{NAME}\b", part)[0]
            scene, thing = next(
                (s, t)
                for s in self.scenes[::-1]
                for t in s.named(name)
                if len(s.named(name)) == 1 and is_visible(s, t) and (shows_colours(s) or not shows_colours(self.scene))
            )
            x, y = PLACES[place_in(part.partition(name)[2])]
            new = new.plus(replace(thing, x=x, y=y, side=min(thing.side * scene.camera.zoom, SIZES["large"]), layer=0))
        return new
