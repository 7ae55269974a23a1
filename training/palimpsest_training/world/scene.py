"""A scene as data, and its exact picture at any size."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from .backgrounds import background
from .sprites import sprite

# Centres as fractions of the frame; the third-of-frame grid keeps objects apart.
_COLUMNS = {"left": 0.1875, "centre": 0.5, "right": 0.8125}
_ROWS = {"top": 0.2, "centre": 0.5, "bottom": 0.8}
PLACES: dict[str, tuple[float, float]] = {
    "top left": (_COLUMNS["left"], _ROWS["top"]),
    "top": (_COLUMNS["centre"], _ROWS["top"]),
    "top right": (_COLUMNS["right"], _ROWS["top"]),
    "left": (_COLUMNS["left"], _ROWS["centre"]),
    "middle": (_COLUMNS["centre"], _ROWS["centre"]),
    "right": (_COLUMNS["right"], _ROWS["centre"]),
    "bottom left": (_COLUMNS["left"], _ROWS["bottom"]),
    "bottom": (_COLUMNS["centre"], _ROWS["bottom"]),
    "bottom right": (_COLUMNS["right"], _ROWS["bottom"]),
}
SIZES: dict[str, float] = {"small": 0.19, "medium": 0.27, "large": 0.36}
STYLES = ("full colour", "sepia", "black and white", "pastel")
HELD_OUT_SHARE = 10


@dataclass(frozen=True, slots=True)
class Thing:
    """One object: which, where and how large."""

    name: str
    place: str
    size: str = "medium"


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture as data; `things` has at most one of a kind and one per place."""

    background: str
    things: tuple[Thing, ...] = ()
    style: str = "full colour"

    def find(self, name: str) -> Thing | None:
        return next((thing for thing in self.things if thing.name == name), None)

    def at(self, place: str) -> Thing | None:
        return next((thing for thing in self.things if thing.place == place), None)

    def without(self, name: str) -> Scene:
        return replace(self, things=tuple(t for t in self.things if t.name != name))

    def plus(self, thing: Thing) -> Scene:
        return replace(self, things=(*self.things, thing))


@cache
def is_held_out(name: str, place: str, where: str) -> bool:
    """Whether object x place x background is kept out of training (one in ten, by hash)."""
    digest = hashlib.sha256(f"{name}|{place}|{where}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % HELD_OUT_SHARE == 0


def has_held_out(scene: Scene) -> bool:
    return any(is_held_out(t.name, t.place, scene.background) for t in scene.things)


def thing_box(thing: Thing, size: int) -> tuple[int, int, int]:
    """Left, top and side of the sprite in pixels."""
    side = round(SIZES[thing.size] * size)
    x, y = PLACES[thing.place]
    left = min(max(round(x * size - side / 2), 0), size - side)
    top = min(max(round(y * size - side / 2), 0), size - side)
    return left, top, side


@cache
def _layer(name: str, place: str, size_name: str, size: int) -> tuple[int, int, int, int, np.ndarray]:
    """Shadow and sprite as one premultiplied RGBA patch with its box (top, bottom, left, right)."""
    left, top, side = thing_box(Thing(name, place, size_name), size)
    reach = round(side * 0.12)
    y0, y1 = max(top, 0), min(top + side + reach, size)
    x0, x1 = max(left - reach, 0), min(left + side + reach, size)
    patch = np.zeros((y1 - y0, x1 - x0, 4), np.float32)
    if not place.startswith("top"):
        # What stands on the ground throws a soft shadow; what floats does not.
        yy, xx = np.mgrid[y0:y1, x0:x1].astype(np.float32) + 0.5
        radius = np.hypot((xx - left - side / 2) / (0.5 * side), (yy - top - side * 0.97) / (0.11 * side))
        patch[..., 3] = 0.34 * np.clip(1 - radius, 0, 1) ** 1.3
    pixels = sprite(name, side)
    view = patch[top - y0 : top - y0 + side, left - x0 : left - x0 + side]
    view[:] = pixels + view * (1 - pixels[..., 3:])
    return y0, y1, x0, x1, patch


def _apply_style(image: np.ndarray, style: str) -> np.ndarray:
    if style == "full colour":
        return image
    grey = image @ np.array([0.299, 0.587, 0.114], np.float32)
    if style == "black and white":
        return np.repeat(grey[..., None], 3, -1)
    if style == "sepia":
        return np.clip(grey[..., None] * np.array([1.08, 0.86, 0.62], np.float32) + np.array([0.05, 0.03, 0.0], np.float32), 0, 1)
    if style == "pastel":
        return 0.45 * image + 0.15 * grey[..., None] + 0.4 * np.array([0.98, 0.93, 0.96], np.float32)
    message = f"unknown style {style!r}; known are {', '.join(STYLES)}"
    raise ValueError(message)


def draw_order(scene: Scene) -> list[Thing]:
    """Farthest first: nearer things (lower in the frame) cover farther ones."""
    return sorted(scene.things, key=lambda t: (PLACES[t.place][1], PLACES[t.place][0], t.name))


def render(scene: Scene, size: int) -> np.ndarray:
    """RGB uint8 `[size, size, 3]`."""
    image = background(scene.background, size).copy()
    for thing in draw_order(scene):
        y0, y1, x0, x1, patch = _layer(thing.name, thing.place, thing.size, size)
        view = image[y0:y1, x0:x1]
        view *= 1 - patch[..., 3:]
        view += patch[..., :3]
    return (_apply_style(image, scene.style) * 255.0 + 0.5).astype(np.uint8)


def thing_mask(thing: Thing, size: int) -> np.ndarray:
    """Boolean `[size, size]`: the pixels that the thing and its shadow touch."""
    y0, y1, x0, x1, patch = _layer(thing.name, thing.place, thing.size, size)
    mask = np.zeros((size, size), bool)
    mask[y0:y1, x0:x1] = patch[..., 3] > 0.02
    return mask
