"""Instructions: several phrasings for every operation, places and things in words."""

from __future__ import annotations

import itertools
import random

from .backgrounds import BACKGROUNDS
from .scene import PLACES, SIZES, STYLES, Scene, Thing
from .sprites import OBJECTS

TEMPLATES: dict[str, tuple[str, ...]] = {
    "add": (
        "add {thing} {where}",
        "put {thing} {where}",
        "place {thing} {where}",
        "draw {thing} {where}",
        "there should be {thing} {where}",
    ),
    "remove": (
        "remove {subject}",
        "delete {subject}",
        "take away {subject}",
        "erase {subject}",
        "get rid of {subject}",
    ),
    "replace": (
        "replace {subject} with {thing}",
        "turn {subject} into {thing}",
        "change {subject} into {thing}",
        "swap {subject} for {thing}",
        "make {subject} {thing}",
    ),
    "move": (
        "move {subject} {where}",
        "shift {subject} {where}",
        "bring {subject} {where}",
        "put {subject} {where}",
        "send {subject} {where}",
    ),
    "grow": ("make {subject} bigger", "make {subject} larger", "enlarge {subject}", "grow {subject}"),
    "shrink": ("make {subject} smaller", "shrink {subject}", "reduce {subject}", "scale {subject} down"),
    "size": ("make {subject} {size}", "change {subject} to {size} size", "set {subject} to {size}"),
    "background": (
        "change the background to {where}",
        "make the background {where}",
        "replace the background with {where}",
        "set the scene to {where}",
        "switch to {where}",
    ),
    "style": (
        "make the picture {style}",
        "turn it {style}",
        "make it {style}",
        "change the style to {style}",
        "turn the picture {style}",
    ),
    "scene": (
        "{where}",
        "draw {where}",
        "a picture of {where}",
        "an image of {where}",
        "make a picture of {where}",
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
    "night": ("night", "a night sky"),
    "mountains": ("mountains", "the mountains"),
    "space": ("space", "outer space"),
    "lake": ("a lake", "the lake"),
}
_SIZE_WORDS = {"small": ("small", "little"), "medium": (), "large": ("large", "big")}


def article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def thing_words(rng: random.Random, thing: Thing) -> str:
    """'a cat', 'a small cat'; medium goes without saying."""
    words = _SIZE_WORDS[thing.size]
    return article(f"{rng.choice(words)} {thing.name}") if words else article(thing.name)


def place_words(rng: random.Random, place: str) -> str:
    return rng.choice(_PLACE_WORDS[place])


def background_words(rng: random.Random, name: str) -> str:
    return rng.choice(_BACKGROUND_WORDS[name])


def phrase(rng: random.Random, kind: str, **words: str) -> str:
    return rng.choice(TEMPLATES[kind]).format(**words)


def scene_words(rng: random.Random, scene: Scene) -> str:
    """Words that say all of a full-colour scene: 'a beach with a cat on the left and a star at the top'."""
    things = " and ".join(f"{thing_words(rng, t)} {place_words(rng, t.place)}" for t in scene.things)
    words = background_words(rng, scene.background)
    return phrase(rng, "scene", where=f"{words} with {things}" if things else words)


def vocabulary() -> list[str]:
    """Every word that an instruction can hold, sorted."""
    fragments = itertools.chain(
        (t.replace("{", " ").replace("}", " ") for group in TEMPLATES.values() for t in group),
        itertools.chain.from_iterable(_PLACE_WORDS.values()),
        itertools.chain.from_iterable(_BACKGROUND_WORDS.values()),
        itertools.chain.from_iterable(_SIZE_WORDS.values()),
        OBJECTS,
        PLACES,
        SIZES,
        STYLES,
        BACKGROUNDS,
        ("a an the this here to color colour image scene please and with of in on at it is be",),
    )
    return sorted({word for fragment in fragments for word in fragment.lower().split()} - {"subject", "where"})
