"""A scene as data, and its exact picture at any size."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np

from .backgrounds import background
from .looks import LIGHTS, STYLES, apply_light, apply_style
from .sprites import sprite

CELLS = 16
"""Places lie on whole sixteenths of the frame, the cells of a latent, where a thing has the same few latents wherever it stands."""
_COLUMNS = {"left": 3 / CELLS, "centre": 8 / CELLS, "right": 13 / CELLS}
_ROWS = {"top": 3 / CELLS, "centre": 8 / CELLS, "bottom": 13 / CELLS}
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
# Each the next one's by the root of a half, the step of the camera's zoom: 48, 68 and 96 of 256 pixels.
SIZES: dict[str, float] = {"small": 0.1875, "medium": 0.265625, "large": 0.375}
HELD_OUT_SHARE = 10
# Above this height things float and throw no shadow.
_GROUND = 0.35
# Styles that leave no colour to be told.
_GREY_STYLES = frozenset({"sepia", "black and white", "blueprint"})


@dataclass(frozen=True, slots=True)
class Camera:
    """What of the world the frame shows: frame coordinate u shows `x + (u - 0.5) / zoom`."""

    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0

    def to_frame(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.x) * self.zoom + 0.5, (y - self.y) * self.zoom + 0.5

    def to_world(self, u: float, v: float) -> tuple[float, float]:
        return self.x + (u - 0.5) / self.zoom, self.y + (v - 0.5) / self.zoom


@dataclass(frozen=True, slots=True)
class Thing:
    """One object. Centre and side are in world units; a frame at zoom 1 is one unit wide.

    `key` tells things of a kind apart through a session; `layer` goes before height in the order of drawing.
    """

    name: str
    x: float
    y: float
    side: float = SIZES["medium"]
    angle: float = 0.0
    is_flipped: bool = False
    colour: str | None = None
    layer: int = 0
    key: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture as data."""

    background: str
    things: tuple[Thing, ...] = ()
    style: str = STYLES[0]
    light: str = LIGHTS[0]
    camera: Camera = Camera()

    def named(self, name: str) -> list[Thing]:
        return [thing for thing in self.things if thing.name == name]

    def find(self, key: int) -> Thing | None:
        return next((thing for thing in self.things if thing.key == key), None)

    def without(self, *things: Thing) -> Scene:
        return replace(self, things=tuple(t for t in self.things if t not in things))

    def plus(self, *things: Thing) -> Scene:
        return replace(self, things=(*self.things, *things))

    def with_changed(self, old: Thing, new: Thing) -> Scene:
        return replace(self, things=tuple(new if t == old else t for t in self.things))

    def whole(self) -> tuple[object, ...]:
        """What every pixel depends on."""
        return self.background, self.style, self.light, self.camera


def placed(name: str, place: str, size: str = "medium", *, camera: Camera = Camera(), **rest: object) -> Thing:
    """A thing at one of the nine places of the frame, in one of the three sizes there."""
    x, y = camera.to_world(*PLACES[place])
    return Thing(name, x, y, SIZES[size] / camera.zoom, **rest)


def frame_centre(scene: Scene, thing: Thing) -> tuple[float, float]:
    return scene.camera.to_frame(thing.x, thing.y)


def place_of(scene: Scene, thing: Thing) -> str:
    """The nearest of the nine places of the frame."""
    u, v = frame_centre(scene, thing)
    return min(PLACES, key=lambda place: (PLACES[place][0] - u) ** 2 + (PLACES[place][1] - v) ** 2)


def size_of(scene: Scene, thing: Thing) -> str:
    """The nearest of the three sizes, as seen in the frame."""
    return min(SIZES, key=lambda size: abs(SIZES[size] - thing.side * scene.camera.zoom))


def is_visible(scene: Scene, thing: Thing) -> bool:
    u, v = frame_centre(scene, thing)
    return 0.04 < u < 0.96 and 0.04 < v < 0.96


def shows_colours(scene: Scene) -> bool:
    return scene.style not in _GREY_STYLES


@cache
def is_held_out(name: str, place: str, where: str) -> bool:
    """Whether object x place x background is kept out of training (one in ten, by hash)."""
    digest = hashlib.sha256(f"{name}|{place}|{where}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % HELD_OUT_SHARE == 0


def has_held_out(scene: Scene) -> bool:
    return any(is_held_out(t.name, place_of(scene, t), scene.background) for t in scene.things)


@lru_cache(maxsize=6000)
def _layer(name: str, side: int, angle: float, is_flipped: bool, colour: str | None, has_shadow: bool) -> np.ndarray:  # noqa: FBT001
    """Shadow and sprite as one premultiplied RGBA patch, centred on the thing."""
    pixels = sprite(name, side, angle=angle, flipped=is_flipped, colour=colour)
    if not has_shadow:
        return pixels
    reach = round(side * 0.12)
    high, wide = pixels.shape[:2]
    patch = np.zeros((high + 2 * reach, wide + 2 * reach, 4), np.float32)
    yy, xx = np.mgrid[: patch.shape[0], : patch.shape[1]].astype(np.float32) + 0.5
    foot = patch.shape[0] / 2 + side * 0.47
    radius = np.hypot((xx - patch.shape[1] / 2) / (0.5 * side), (yy - foot) / (0.11 * side))
    patch[..., 3] = 0.34 * np.clip(1 - radius, 0, 1) ** 1.3
    view = patch[reach : reach + high, reach : reach + wide]
    view[:] = pixels + view * (1 - pixels[..., 3:])
    patch.setflags(write=False)
    return patch


def _nearest(pixels: float) -> int:
    """The whole pixel; things stand on exact halves, and an error of rounding must not tip them."""
    return math.floor(pixels + 0.501)


def _patch_in_frame(scene: Scene, thing: Thing, size: int) -> tuple[slice, slice, np.ndarray] | None:
    """Rows and columns of the frame that the thing covers, and its pixels there; None when it is outside."""
    side = max(2, _nearest(thing.side * scene.camera.zoom * size))
    patch = _layer(thing.name, side, thing.angle, thing.is_flipped, thing.colour, thing.y > _GROUND)
    u, v = frame_centre(scene, thing)
    top, left = _nearest(v * size - patch.shape[0] / 2), _nearest(u * size - patch.shape[1] / 2)
    y0, y1 = max(top, 0), min(top + patch.shape[0], size)
    x0, x1 = max(left, 0), min(left + patch.shape[1], size)
    if y0 >= y1 or x0 >= x1:
        return None
    return slice(y0, y1), slice(x0, x1), patch[y0 - top : y1 - top, x0 - left : x1 - left]


def draw_order(scene: Scene) -> list[Thing]:
    """Farthest first: within a layer nearer things (lower in the frame) cover farther ones."""
    return sorted(scene.things, key=lambda t: (t.layer, t.y, t.x, t.name, t.key))


def paint(scene: Scene, size: int, opacity: dict[int, float] | None = None) -> np.ndarray:
    """RGB float32 `[size, size, 3]` in 0..1; `opacity` by the key of a thing, 1 where it has none."""
    camera = scene.camera
    image = background(scene.background, size, (camera.x, camera.y, camera.zoom)).copy()
    for thing in draw_order(scene):
        found = _patch_in_frame(scene, thing, size)
        if found is not None:
            rows, columns, patch = found
            shown = 1.0 if opacity is None else opacity.get(thing.key, 1.0)
            view = image[rows, columns]
            view *= 1 - patch[..., 3:] * shown
            view += patch[..., :3] * shown
    return np.clip(apply_style(apply_light(image, scene.light), scene.style), 0.0, 1.0)


def to_bytes(image: np.ndarray) -> np.ndarray:
    return (image * 255.0 + 0.5).astype(np.uint8)


def render(scene: Scene, size: int) -> np.ndarray:
    """RGB uint8 `[size, size, 3]`."""
    return to_bytes(paint(scene, size))


def render_between(before: Scene, after: Scene, share: float, size: int) -> np.ndarray:
    """RGB uint8 frame of the way from `before` (share 0) to `after` (1).

    Things in both glide, turn and grow; others fade; what every pixel depends on cross-fades, but for the camera, which glides.
    """

    def mixed(a: float, b: float) -> float:
        return a + (b - a) * share

    old, new = {t.key: t for t in before.things}, {t.key: t for t in after.things}
    things, opacity = [], {}
    for key in sorted(old | new):
        a, b = old.get(key), new.get(key)
        if a is not None and b is not None and a.name == b.name:
            # Tint and mirror image have no middle: they change half-way.
            look = a if share < 0.5 else b
            things.append(replace(look, x=mixed(a.x, b.x), y=mixed(a.y, b.y), side=mixed(a.side, b.side), angle=mixed(a.angle, b.angle)))
            continue
        for thing, shown, number in ((a, 1 - share, key), (b, share, ~key)):
            if thing is not None:
                things.append(replace(thing, key=number))
                opacity[number] = shown
    a, b = before.camera, after.camera
    camera = Camera(mixed(a.x, b.x), mixed(a.y, b.y), mixed(a.zoom, b.zoom))
    ends = [paint(replace(s, things=tuple(things), camera=camera), size, opacity) for s in (before, after)]
    return to_bytes(ends[0] * (1 - share) + ends[1] * share)


def thing_mask(scene: Scene, thing: Thing, size: int) -> np.ndarray:
    """Boolean `[size, size]`: the pixels that the thing and its shadow touch."""
    mask = np.zeros((size, size), bool)
    found = _patch_in_frame(scene, thing, size)
    if found is not None:
        rows, columns, patch = found
        mask[rows, columns] = patch[..., 3] > 0.02
    return mask


def thing_cells(scene: Scene, thing: Thing, cells: int) -> np.ndarray:
    """Boolean `[cells, cells]`: cells of a grid over the frame whose centre lies in the thing's square."""
    u, v = frame_centre(scene, thing)
    half = thing.side * scene.camera.zoom / 2
    centre = (np.arange(cells) + 0.5) / cells
    return (np.abs(centre - v) < half)[:, None] & (np.abs(centre - u) < half)[None]
