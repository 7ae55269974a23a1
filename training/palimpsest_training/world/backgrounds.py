"""Procedural places, drawn at any size from smooth functions of normalised coordinates."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

Field = np.ndarray
Colour = tuple[int, int, int]


def _mix(a: Field, b: Field, amount: Field) -> Field:
    return a + (b - a) * amount[..., None]


def _flat(like: Field, colour: Colour) -> Field:
    return np.broadcast_to(np.array(colour, np.float32) / 255.0, (*like.shape, 3))


def _ramp(y: Field, stops: list[tuple[float, Colour]]) -> Field:
    positions = [p for p, _ in stops]
    return np.stack([np.interp(y, positions, [c[i] / 255.0 for _, c in stops]) for i in range(3)], -1).astype(np.float32)


class _Canvas:
    """Painter over normalised coordinates; edges are one pixel soft at any size."""

    def __init__(self, size: int) -> None:
        step = (np.arange(size, dtype=np.float32) + 0.5) / size
        self.x, self.y = np.meshgrid(step, step)
        self.edge = 1.2 / size
        self.image = np.zeros((size, size, 3), np.float32)

    def ramp(self, *stops: tuple[float, Colour]) -> None:
        self.image = _ramp(self.y, list(stops))

    def below(self, line: Field | float, *stops: tuple[float, Colour]) -> None:
        """Fills under the curve y = line; stops are depths below it."""
        depth = self.y - line
        cover = np.clip(depth / self.edge + 0.5, 0, 1)
        self.image = _mix(self.image, _ramp(depth, list(stops)), cover)

    def blob(self, cx: float, cy: float, rx: float, ry: float, colour: Colour, alpha: float = 1.0, soft: float = 0.0) -> None:
        radius = np.hypot((self.x - cx) / rx, (self.y - cy) / ry)
        width = max(soft, self.edge / min(rx, ry))
        cover = np.clip((1 - radius) / width + (0.5 if soft == 0 else 0.0), 0, 1)
        if soft:
            cover = cover * cover * (3 - 2 * cover)
        self.image = _mix(self.image, _flat(self.x, colour), cover * alpha)

    def cloud(self, cx: float, cy: float, scale: float, colour: Colour = (255, 255, 255), alpha: float = 0.95) -> None:
        """One union of ellipses with a flat base, so that overlaps do not double up."""
        parts = ((0.0, 0.0, 0.085, 0.038), (-0.075, 0.014, 0.055, 0.024), (0.075, 0.012, 0.06, 0.026), (-0.02, -0.022, 0.04, 0.03))
        cover = np.zeros_like(self.x)
        for dx, dy, rx, ry in parts:
            radius = np.hypot((self.x - cx - dx * scale) / (rx * scale), (self.y - cy - dy * scale) / (ry * scale))
            cover = np.maximum(cover, np.clip((1 - radius) * (ry * scale) / self.edge + 0.5, 0, 1))
        cover *= np.clip((cy + 0.026 * scale - self.y) / (0.016 * scale) + 0.5, 0, 1)
        self.image = _mix(self.image, _flat(self.x, colour), cover * alpha)

    def rectangle(self, left: float, top: float, right: float, bottom: float, *stops: tuple[float, Colour]) -> None:
        inside = np.minimum(np.minimum(self.x - left, right - self.x), np.minimum(self.y - top, bottom - self.y))
        self.image = _mix(self.image, _ramp(self.y, list(stops)), np.clip(inside / self.edge + 0.5, 0, 1))

    def triangle(self, cx: float, top: float, base: float, half: float, colour: Colour, cap: Colour | None = None) -> None:
        line = top + np.abs(self.x - cx) * (base - top) / half
        depth = self.y - line
        cover = np.clip(depth / (self.edge * 1.6) + 0.5, 0, 1)
        paint = _flat(self.x, colour)
        if cap is not None:
            snow = top + (base - top) * 0.3 + 0.022 * np.sin(self.x * 70.0)
            paint = _mix(paint, _flat(self.x, cap), np.clip((snow - self.y) / (self.edge * 1.6) + 0.5, 0, 1))
        self.image = _mix(self.image, paint, cover)


def _beach(c: _Canvas) -> None:
    c.ramp((0.0, (98, 174, 240)), (0.46, (205, 232, 250)))
    c.cloud(0.2, 0.17, 1.25)
    c.cloud(0.84, 0.1, 0.95)
    c.below(0.46, (0.0, (32, 128, 160)), (0.12, (54, 170, 186)), (0.2, (120, 208, 208)))
    shore = 0.64 + 0.018 * np.sin(c.x * 7.0 + 0.6)
    c.below(shore, (0.0, (250, 247, 235)), (0.02, (246, 232, 196)), (0.05, (238, 212, 160)), (0.4, (222, 186, 126)))


def _meadow(c: _Canvas) -> None:
    c.ramp((0.0, (116, 188, 240)), (0.55, (224, 242, 250)))
    c.cloud(0.24, 0.22, 1.1)
    c.cloud(0.74, 0.14, 1.35)
    c.below(0.54 - 0.06 * np.sin(c.x * 4.2 + 0.4), (0.0, (158, 208, 128)), (0.3, (130, 190, 106)))
    c.below(0.6 + 0.04 * np.sin(c.x * 3.3 + 2.4), (0.0, (112, 182, 84)), (0.42, (70, 138, 62)))


def _snow(c: _Canvas) -> None:
    c.ramp((0.0, (158, 176, 200)), (0.6, (226, 234, 242)))
    c.cloud(0.22, 0.18, 1.25, (240, 244, 248), 0.9)
    c.cloud(0.8, 0.12, 1.0, (240, 244, 248), 0.9)
    c.below(0.52 - 0.05 * np.sin(c.x * 5.0 + 1.8), (0.0, (206, 218, 232)), (0.25, (190, 206, 224)))
    c.below(0.61 + 0.035 * np.sin(c.x * 3.6 + 0.4), (0.0, (250, 252, 255)), (0.4, (220, 230, 242)))


def _desert(c: _Canvas) -> None:
    c.ramp((0.0, (90, 160, 214)), (0.52, (252, 228, 186)))
    c.blob(0.8, 0.17, 0.075, 0.075, (255, 244, 200))
    c.below(0.55 - 0.05 * np.sin(c.x * 4.6 + 0.9), (0.0, (234, 178, 108)), (0.25, (220, 156, 88)))
    c.below(0.63 + 0.04 * np.sin(c.x * 3.1 + 1.9), (0.0, (242, 196, 122)), (0.38, (206, 140, 76)))


def _room(c: _Canvas) -> None:
    c.ramp((0.0, (228, 214, 192)), (0.66, (212, 194, 168)))
    c.rectangle(0.31, 0.1, 0.69, 0.46, (0.0, (250, 248, 242)), (1.0, (250, 248, 242)))
    for left, right in ((0.335, 0.492), (0.508, 0.665)):
        c.rectangle(left, 0.125, right, 0.435, (0.12, (146, 196, 236)), (0.44, (214, 236, 248)))
    c.below(0.66, (0.0, (242, 236, 224)), (0.025, (242, 236, 224)), (0.028, (138, 92, 64)), (0.34, (112, 72, 48)))


def _sunset(c: _Canvas) -> None:
    c.ramp((0.0, (78, 70, 130)), (0.3, (188, 110, 134)), (0.54, (255, 180, 112)))
    c.blob(0.5, 0.45, 0.085, 0.085, (255, 236, 172))
    c.cloud(0.2, 0.2, 1.1, (226, 140, 150), 0.9)
    c.cloud(0.8, 0.26, 1.0, (240, 160, 146), 0.9)
    c.below(0.54, (0.0, (206, 118, 116)), (0.2, (110, 74, 124)), (0.46, (54, 44, 96)))
    for step in range(5):
        c.blob(0.5, 0.58 + 0.055 * step, 0.1 + 0.022 * step, 0.007, (255, 206, 148), 0.75, 0.7)


def _night(c: _Canvas) -> None:
    c.ramp((0.0, (14, 20, 52)), (0.6, (46, 56, 104)))
    for index in range(22):
        # A fixed low-discrepancy spread looks like stars and is the same at every size.
        c.blob((index * 0.618034 + 0.07) % 1.0, (index * 0.3819 + 0.03) % 0.5, 0.006, 0.006, (255, 250, 226), 0.85, 0.8)
    c.blob(0.79, 0.17, 0.16, 0.16, (150, 158, 196), 0.35, 1.0)
    c.blob(0.79, 0.17, 0.07, 0.07, (250, 244, 214))
    c.below(0.58 - 0.05 * np.sin(c.x * 4.4 + 2.6), (0.0, (30, 46, 74)), (0.3, (24, 38, 62)))
    c.below(0.64 + 0.03 * np.sin(c.x * 3.4 + 0.8), (0.0, (38, 64, 72)), (0.36, (20, 36, 46)))


def _mountains(c: _Canvas) -> None:
    c.ramp((0.0, (134, 190, 232)), (0.6, (232, 242, 248)))
    c.cloud(0.5, 0.1, 1.1)
    c.triangle(0.24, 0.2, 0.64, 0.34, (126, 142, 170), (246, 249, 252))
    c.triangle(0.72, 0.15, 0.64, 0.4, (106, 124, 156), (246, 249, 252))
    c.below(0.6 + 0.025 * np.sin(c.x * 4.0 + 0.2), (0.0, (128, 178, 112)), (0.4, (76, 128, 82)))


def _space(c: _Canvas) -> None:
    c.ramp((0.0, (24, 14, 48)), (0.5, (50, 28, 84)), (1.0, (22, 18, 56)))
    c.blob(0.3, 0.35, 0.42, 0.26, (122, 60, 140), 0.45, 1.0)
    for index in range(26):
        c.blob((index * 0.618034 + 0.31) % 1.0, (index * 0.7548 + 0.11) % 0.66, 0.006, 0.006, (255, 252, 240), 0.9, 0.8)
    c.blob(0.85, 0.16, 0.09, 0.09, (226, 160, 108))
    c.blob(0.85, 0.16, 0.155, 0.018, (244, 206, 160), 0.85, 0.4)
    c.below(0.68 - 0.04 * np.sin(c.x * 3.14159), (0.0, (176, 172, 196)), (0.32, (118, 112, 150)))


def _lake(c: _Canvas) -> None:
    c.ramp((0.0, (126, 196, 224)), (0.5, (240, 244, 222)))
    c.cloud(0.28, 0.14, 1.15)
    c.below(0.44 - 0.05 * np.sin(c.x * 5.2 + 0.3), (0.0, (122, 170, 150)), (0.2, (96, 148, 126)))
    c.below(0.52, (0.0, (120, 188, 206)), (0.2, (72, 146, 180)))
    c.below(0.73 + 0.025 * np.sin(c.x * 4.2 + 1.2), (0.0, (150, 194, 100)), (0.28, (94, 148, 72)))


BACKGROUND_PAINTERS: dict[str, Callable[[_Canvas], None]] = {
    "beach": _beach,
    "meadow": _meadow,
    "snow": _snow,
    "desert": _desert,
    "room": _room,
    "sunset": _sunset,
    "night": _night,
    "mountains": _mountains,
    "space": _space,
    "lake": _lake,
}
BACKGROUNDS = tuple(BACKGROUND_PAINTERS)


@cache
def background(name: str, size: int) -> np.ndarray:
    """RGB float32 `[size, size, 3]` in 0..1; do not write into it, it is cached."""
    canvas = _Canvas(size)
    BACKGROUND_PAINTERS[name](canvas)
    image = np.clip(canvas.image, 0.0, 1.0).astype(np.float32)
    image.setflags(write=False)
    return image
