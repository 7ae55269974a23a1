"""Instructions: several phrasings for every operation, places and things in words."""

from __future__ import annotations

import itertools
import random
import re

from palimpsest_training.model.packing import ROLES

from .backgrounds import BACKGROUNDS
from .looks import STYLES
from .scene import PLACES, Scene, Thing, place_of, size_of
from .sprites import COLOURS, OBJECTS

# The last phrasing of every kind is never used in training: it tells whether words are understood or phrases learnt.
TEMPLATES: dict[str, tuple[str, ...]] = {
    "add": (
        "add {thing} {where}",
        "put {thing} {where}",
        "place {thing} {where}",
        "draw {thing} {where}",
        "there should be {thing} {where}",
        "make {thing} appear {where}",
    ),
    "remove": (
        "remove {subject}",
        "delete {subject}",
        "take away {subject}",
        "erase {subject}",
        "get rid of {subject}",
        "make {subject} disappear",
    ),
    "replace": (
        "replace {subject} with {thing}",
        "turn {subject} into {thing}",
        "change {subject} into {thing}",
        "swap {subject} for {thing}",
        "make {subject} {thing}",
        "{thing} should replace {subject}",
    ),
    "move": (
        "move {subject} {where}",
        "shift {subject} {where}",
        "bring {subject} {where}",
        "put {subject} {where}",
        "send {subject} {where}",
        "{subject} should be {where}",
    ),
    "grow": (
        "make {subject} bigger",
        "make {subject} larger",
        "enlarge {subject}",
        "grow {subject}",
        "scale {subject} up",
        "{subject} should be bigger",
    ),
    "shrink": (
        "make {subject} smaller",
        "shrink {subject}",
        "reduce {subject}",
        "scale {subject} down",
        "make {subject} less big",
        "{subject} should be smaller",
    ),
    "size": (
        "make {subject} {size}",
        "change {subject} to {size} size",
        "set {subject} to {size}",
        "turn {subject} {size}",
        "give {subject} a {size} size",
        "{subject} should be {size}",
    ),
    "rotate": (
        "rotate {subject} to the {side}",
        "turn {subject} to the {side}",
        "tip {subject} to the {side}",
        "roll {subject} to the {side}",
        "spin {subject} to the {side}",
        "{subject} should turn to the {side}",
    ),
    "overturn": (
        "turn {subject} upside down",
        "rotate {subject} upside down",
        "make {subject} stand upside down",
        "put {subject} upside down",
        "flip {subject} upside down",
        "{subject} should be upside down",
    ),
    "flip": (
        "flip {subject}",
        "mirror {subject}",
        "make {subject} face the other way",
        "turn {subject} around",
        "make {subject} look the other way",
        "{subject} should face the other way",
    ),
    "recolour": (
        "make {subject} {colour}",
        "paint {subject} {colour}",
        "colour {subject} {colour}",
        "change the colour of {subject} to {colour}",
        "turn {subject} {colour}",
        "{subject} should be {colour}",
    ),
    "front": (
        "bring {subject} to the front",
        "put {subject} in front",
        "move {subject} to the front",
        "draw {subject} on top",
        "show {subject} in front",
        "{subject} should be in front",
    ),
    "rear": (
        "send {subject} to the back",
        "put {subject} behind everything",
        "move {subject} to the back",
        "draw {subject} behind everything",
        "show {subject} behind everything",
        "{subject} should be behind everything",
    ),
    "count": (
        "add {number} {things} {where}",
        "put {number} {things} {where}",
        "place {number} {things} {where}",
        "draw {number} {things} {where}",
        "there should be {number} {things} {where}",
        "make {number} {things} appear {where}",
    ),
    "another": (
        "add another {name} {where}",
        "put another {name} {where}",
        "place another {name} {where}",
        "add one more {name} {where}",
        "draw one more {name} {where}",
        "put one more {name} {where}",
    ),
    "remove all": (
        "remove all the {things}",
        "delete all {things}",
        "take away all the {things}",
        "erase all the {things}",
        "get rid of all {things}",
        "delete every {name}",
    ),
    "undo": (
        "undo that",
        "undo the last change",
        "take that back",
        "go back one step",
        "revert that",
        "revert the last change",
    ),
    "bring back": (
        "bring back the {name}",
        "restore the {name}",
        "bring the {name} back again",
        "show the {name} again",
        "there should be the {name} again",
        "restore the old {name}",
    ),
    "colour before": (
        "give {subject} the colour it had before",
        "make {subject} the colour it had before",
        "change {subject} back to its old colour",
        "give {subject} its old colour",
        "restore the colour of {subject}",
        "bring back the colour of {subject}",
    ),
    "place before": (
        "move {subject} back",
        "put {subject} back where it was",
        "move {subject} back where it was before",
        "send {subject} back where it was",
        "bring {subject} back to its old place",
        "{subject} should be where it was before",
    ),
    "background before": (
        "change the background back",
        "bring back the old background",
        "restore the background",
        "go back to the old background",
        "use the old background again",
        "restore the old background",
    ),
    "background": (
        "change the background to {where}",
        "make the background {where}",
        "replace the background with {where}",
        "set the scene to {where}",
        "switch to {where}",
        "the background should be {where}",
    ),
    "light": (
        "make it {light}",
        "change the light to {light}",
        "set the light to {light}",
        "turn the light to {light}",
        "it should be {light}",
        "the light should be {light}",
    ),
    "zoom in": (
        "zoom in",
        "move the camera closer",
        "zoom the camera in",
        "go closer",
        "bring the camera closer",
        "the camera should be closer",
    ),
    "zoom out": (
        "zoom out",
        "move the camera away",
        "zoom the camera out",
        "go farther away",
        "bring the camera farther away",
        "the camera should be farther away",
    ),
    "pan": (
        "pan {side}",
        "move the camera {side}",
        "shift the camera {side}",
        "pan the camera {side}",
        "turn the camera {side}",
        "send the camera {side}",
    ),
    "style": (
        "make the picture {style}",
        "turn it {style}",
        "make it {style}",
        "change the style to {style}",
        "turn the picture {style}",
        "the picture should be {style}",
    ),
    "keep": (
        "change nothing",
        "keep everything",
        "keep the picture as it is",
        "leave everything as it is",
        "do nothing",
        "leave the picture as it is",
    ),
    "drag": (
        "move {subject} here",
        "drag {subject} here",
        "bring {subject} here",
        "put {subject} here",
        "place {subject} here",
        "shift {subject} here",
    ),
    "scene": (
        "{where}",
        "draw {where}",
        "a picture of {where}",
        "an image of {where}",
        "make a picture of {where}",
        "show {where}",
    ),
    "story": (
        "next scene, {where}",
        "the next scene is {where}",
        "then {where}",
        "go on with {where}",
        "draw the next scene, {where}",
        "show the next scene, {where}",
    ),
    "reference": (
        "add the thing of picture {number} {where}",
        "put the thing of picture {number} {where}",
        "place the thing of picture {number} {where}",
        "draw the thing of picture {number} {where}",
        "there should be the thing of picture {number} {where}",
        "make the thing of picture {number} appear {where}",
    ),
    "same": (
        "do the same here",
        "apply the same change",
        "make the same change here",
        "change this picture the same way",
        "do that here",
        "apply the same change here",
    ),
}
_PLACE_WORDS: dict[str, tuple[str, ...]] = {
    "top left": ("in the top left", "at the top left", "in the upper left"),
    "top": ("at the top", "in the upper middle", "at the top in the middle"),
    "top right": ("in the top right", "at the top right", "in the upper right"),
    "left": ("on the left", "at the left", "on the left side"),
    "middle": ("in the middle", "in the centre", "in the center"),
    "right": ("on the right", "at the right", "on the right side"),
    "bottom left": ("in the bottom left", "at the bottom left", "in the lower left"),
    "bottom": ("at the bottom", "in the lower middle", "at the bottom in the middle"),
    "bottom right": ("in the bottom right", "at the bottom right", "in the lower right"),
}
_BACKGROUND_WORDS: dict[str, tuple[str, ...]] = {
    "beach": ("a beach", "the beach"),
    "meadow": ("a meadow", "a green meadow"),
    "snow": ("snow", "a snowy field"),
    "desert": ("a desert", "the desert"),
    "room": ("a room", "a living room"),
    "sunset": ("a sunset", "a sunset over the sea"),
    # "night" alone is a light.
    "night": ("a night sky", "a starry sky"),
    "mountains": ("mountains", "the mountains"),
    "space": ("space", "outer space"),
    "lake": ("a lake", "the lake"),
    "city": ("a city", "the city"),
    "forest": ("a forest", "the forest"),
    "reef": ("a reef", "the sea floor"),
    "farm": ("a farm", "the farm"),
}
_LIGHT_WORDS = {"day": ("day", "bright day"), "dusk": ("dusk", "evening"), "night": ("night", "dark night")}
_SIZE_WORDS = {"small": ("small", "little"), "medium": (), "large": ("large", "big")}
# Of the 32 tokens that an instruction may have, a full stop and the end mark take two.
_MOST_WORDS = 30
_IRREGULAR = {"sheep": "sheep", "fish": "fish", "butterfly": "butterflies"}
NUMBERS = ROLES["numbers"]


class Speaker:
    """Puts edits into words; `is_unseen` uses only the phrasings that training never saw."""

    def __init__(self, rng: random.Random, *, is_unseen: bool = False) -> None:
        self.rng = rng
        self.is_unseen = is_unseen

    def phrase(self, kind: str, **words: str) -> str:
        known, unseen = TEMPLATES[kind][:-1], TEMPLATES[kind][-1]
        return (unseen if self.is_unseen else self.rng.choice(known)).format(**words)

    def place(self, place: str) -> str:
        return self.rng.choice(_PLACE_WORDS[place])

    def background(self, name: str) -> str:
        return self.rng.choice(_BACKGROUND_WORDS[name])

    def light(self, light: str) -> str:
        return self.rng.choice(_LIGHT_WORDS[light])

    def looks(self, size: str, colour: str | None) -> str:
        """'small red ', '' ; medium and a thing's own colour go without saying."""
        sizes = _SIZE_WORDS[size]
        return "".join(f"{word} " for word in (self.rng.choice(sizes) if sizes else None, colour) if word)

    def thing(self, name: str, size: str = "medium", colour: str | None = None) -> str:
        """'a cat', 'a small red cat'."""
        return article(self.looks(size, colour) + name)

    def scene(self, scene: Scene) -> str:
        """Words that say all of a full-colour scene by day: 'a beach with a cat on the left and a star at the top'."""
        return self.with_things(scene.background, [self.described(scene, t) for t in scene.things])

    def described(self, scene: Scene, thing: Thing) -> str:
        return f"{self.thing(thing.name, size_of(scene, thing), thing.colour)} {self.place(place_of(scene, thing))}"

    def with_things(self, background: str, things: list[str]) -> str:
        words = self.background(background)
        return f"{words} with {' and '.join(things)}" if things else words


def article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def plural(name: str) -> str:
    return _IRREGULAR.get(name, f"{name}s")


def fits(text: str) -> bool:
    """Whether the model can read an instruction of this length."""
    return len(re.findall(r"\w+|,", text)) <= _MOST_WORDS


def vocabulary() -> list[str]:
    """Every word that an instruction can hold, sorted."""
    fragments = itertools.chain(
        itertools.chain.from_iterable(TEMPLATES.values()),
        itertools.chain.from_iterable(_PLACE_WORDS.values()),
        itertools.chain.from_iterable(_BACKGROUND_WORDS.values()),
        itertools.chain.from_iterable(_LIGHT_WORDS.values()),
        itertools.chain.from_iterable(_SIZE_WORDS.values()),
        (f"{name} {plural(name)}" for name in OBJECTS),
        PLACES,
        _SIZE_WORDS,
        STYLES,
        COLOURS,
        BACKGROUNDS,
        itertools.chain.from_iterable([role] if isinstance(role, str) else role for role in ROLES.values()),
        (
            "it this that the one you just added changed moved up down left right upper lower a an",
            "to the left of right of above below in front of behind both first second",
            "here color colour image please and with at on be",
        ),
    )
    return sorted({word for fragment in fragments for word in re.sub(r"{\w+}|,", " ", fragment).lower().split()})
