"""Procedural places, drawn at any size and from any view from smooth functions of world coordinates.

The default view shows world coordinates 0..1; what lies beyond goes on in the same manner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np

Field = np.ndarray
Colour = tuple[int, int, int]
View = tuple[float, float, float]


def _ramp(y: Field, stops: tuple[tuple[float, Colour], ...]) -> Field:
    positions = [p for p, _ in stops]
    return np.stack([np.interp(y, positions, [c[i] / 255.0 for _, c in stops]) for i in range(3)], -1).astype(np.float32)


def _shade(colour: Colour) -> Field:
    return np.array(colour, np.float32) / 255.0


class _Canvas:
    """Painter over world coordinates; edges are one pixel soft at any size and zoom.

    `x` is `[1, size]` and `y` is `[size, 1]`. Every shape paints only within its own box: a frame has many small ones.
    """

    def __init__(self, size: int, view: View) -> None:
        centre_x, centre_y, zoom = view
        step = ((np.arange(size) + 0.5) / size - 0.5) / zoom
        self.x = (centre_x + step).astype(np.float32)[None, :]
        self.y = (centre_y + step).astype(np.float32)[:, None]
        self.edge = 1.2 / (size * zoom)
        self.image = np.zeros((size, size, 3), np.float32)

    def _box(self, left: float, top: float, right: float, bottom: float) -> tuple[slice, slice] | None:
        """Rows and columns that a shape with these bounds touches; None when it is out of view."""
        x0, x1 = np.searchsorted(self.x[0], (left - self.edge, right + self.edge))
        y0, y1 = np.searchsorted(self.y[:, 0], (top - self.edge, bottom + self.edge))
        return None if x0 == x1 or y0 == y1 else (slice(y0, y1), slice(x0, x1))

    def _paint(self, box: tuple[slice, slice], colour: Field, cover: Field) -> None:
        part = self.image[box]
        part += (colour - part) * cover[..., None]

    def soft(self, inside: Field, steepness: float = 1.0) -> Field:
        """Cover from the distance to the edge, positive inside."""
        return np.clip(inside / (self.edge * steepness) + 0.5, 0, 1)

    def repeats(self, x: float, reach: float, period: float = 1.0) -> Iterator[float]:
        """The places x + k period where something that reaches this far can be seen."""
        reach += 2 * self.edge
        first = np.ceil((self.x[0, 0] - reach - x) / period)
        last = np.floor((self.x[0, -1] + reach - x) / period)
        return (x + k * period for k in range(int(first), int(last) + 1))

    def ramp(self, *stops: tuple[float, Colour]) -> None:
        self.image[:] = _ramp(self.y, stops)

    def below(self, line: Field | float, *stops: tuple[float, Colour]) -> None:
        """Fills under the curve y = line; stops are depths below it."""
        box = self._box(-np.inf, float(np.min(line)), np.inf, np.inf)
        if box is not None:
            depth = self.y[box[0]] - line
            self._paint(box, _ramp(depth, stops), self.soft(depth))

    def blob(self, cx: float, cy: float, rx: float, ry: float, colour: Colour, alpha: float = 1.0, soft: float = 0.0) -> None:
        box = self._box(cx - rx, cy - ry, cx + rx, cy + ry)
        if box is None:
            return
        radius = np.hypot((self.x[:, box[1]] - cx) / rx, (self.y[box[0]] - cy) / ry)
        width = max(soft, self.edge / min(rx, ry))
        cover = np.clip((1 - radius) / width + (0.5 if soft == 0 else 0.0), 0, 1)
        if soft:
            cover = cover * cover * (3 - 2 * cover)
        self._paint(box, _shade(colour), cover * alpha)

    def cloud(self, cx: float, cy: float, scale: float, colour: Colour = (255, 255, 255), alpha: float = 0.95) -> None:
        """One union of ellipses with a flat base, so that overlaps do not double up; a second row is above the frame."""
        reach = 0.14 * scale
        for row in range(2):
            for left in self.repeats(cx + 0.45 * row, reach):
                self._cloud(left, cy - 0.42 * row, scale, colour, alpha)

    def _cloud(self, cx: float, cy: float, scale: float, colour: Colour, alpha: float) -> None:
        box = self._box(cx - 0.14 * scale, cy - 0.06 * scale, cx + 0.14 * scale, cy + 0.04 * scale)
        if box is None:
            return
        x, y = self.x[:, box[1]], self.y[box[0]]
        parts = ((0.0, 0.0, 0.085, 0.038), (-0.075, 0.014, 0.055, 0.024), (0.075, 0.012, 0.06, 0.026), (-0.02, -0.022, 0.04, 0.03))
        cover = np.zeros((), np.float32)
        for dx, dy, rx, ry in parts:
            radius = np.hypot((x - cx - dx * scale) / (rx * scale), (y - cy - dy * scale) / (ry * scale))
            cover = np.maximum(cover, self.soft((1 - radius) * (ry * scale)))
        cover = cover * np.clip((cy + 0.026 * scale - y) / (0.016 * scale) + 0.5, 0, 1)
        self._paint(box, _shade(colour), cover * alpha)

    def stars(self, count: int, offset: tuple[float, float], stride: float, height: float, colour: Colour, alpha: float) -> None:
        """A fixed low-discrepancy spread looks like stars and is the same at every size."""
        for index in range(count):
            across, down = (index * 0.618034 + offset[0]) % 1.0, (index * stride + offset[1]) % height
            for x in self.repeats(across, 0.006):
                for row in range(2):
                    self.blob(x, down - row * height, 0.006, 0.006, colour, alpha, 0.8)

    def rectangle(self, left: float, top: float, right: float, bottom: float, *stops: tuple[float, Colour]) -> None:
        box = self._box(left, top, right, bottom)
        if box is not None:
            x, y = self.x[:, box[1]], self.y[box[0]]
            inside = np.minimum(np.minimum(x - left, right - x), np.minimum(y - top, bottom - y))
            self._paint(box, _ramp(y, stops), self.soft(inside))

    def panes(self, left: float, top: float, pitch: float, columns: int, rows: int, colour: Colour, alpha: float) -> None:
        """A lattice of upright windows, half a pitch of wall between them."""
        high = pitch * 1.3
        box = self._box(left, top, left + pitch * columns, top + high * rows)
        if box is not None:
            across = self.soft(pitch * 0.24 - np.abs((self.x[:, box[1]] - left) % pitch - pitch / 2))
            down = self.soft(high * 0.3 - np.abs((self.y[box[0]] - top) % high - high / 2))
            self._paint(box, _shade(colour), across * down * alpha)

    def stem(self, x0: float, y0: float, x1: float, y1: float, thickness: float, colour: Colour) -> None:
        """A straight line with round ends."""
        box = self._box(min(x0, x1) - thickness, min(y0, y1) - thickness, max(x0, x1) + thickness, max(y0, y1) + thickness)
        if box is not None:
            x, y = self.x[:, box[1]] - x0, self.y[box[0]] - y0
            dx, dy = x1 - x0, y1 - y0
            along = np.clip((x * dx + y * dy) / (dx * dx + dy * dy), 0, 1)
            self._paint(box, _shade(colour), self.soft(thickness - np.hypot(x - along * dx, y - along * dy)))

    def triangle(self, cx: float, top: float, base: float, half: float, colour: Colour, cap: Colour | None = None) -> None:
        box = self._box(cx - half, top, cx + half, base)
        if box is None:
            return
        x, y = self.x[:, box[1]], self.y[box[0]]
        slope = (base - top) / half
        steepness = 1.6 if cap else float(np.hypot(1.0, slope))
        cover = np.minimum(self.soft(y - top - np.abs(x - cx) * slope, steepness), self.soft(base - y))
        paint = _shade(colour)
        if cap is not None:
            snow = top + (base - top) * 0.3 + 0.022 * np.sin(x * 70.0)
            paint = paint + (_shade(cap) - paint) * self.soft(snow - y, 1.6)[..., None]
        self._paint(box, paint, cover)


def _beach(c: _Canvas) -> None:
    c.ramp((0.0, (98, 174, 240)), (0.46, (205, 232, 250)))
    c.cloud(0.2, 0.17, 1.25)
    c.cloud(0.84, 0.1, 0.95)
    c.below(0.46, (0.0, (32, 128, 160)), (0.12, (54, 170, 186)), (0.2, (120, 208, 208)))
    shore = 0.64 + 0.018 * np.sin(c.x * 7.0 + 0.6)
    c.below(shore, (0.0, (250, 247, 235)), (0.02, (246, 232, 196)), (0.05, (238, 212, 160)), (0.4, (222, 186, 126)), (0.9, (196, 154, 98)))


def _meadow(c: _Canvas) -> None:
    c.ramp((0.0, (116, 188, 240)), (0.55, (224, 242, 250)))
    c.cloud(0.24, 0.22, 1.1)
    c.cloud(0.74, 0.14, 1.35)
    c.below(0.54 - 0.06 * np.sin(c.x * 4.2 + 0.4), (0.0, (158, 208, 128)), (0.3, (130, 190, 106)))
    c.below(0.6 + 0.04 * np.sin(c.x * 3.3 + 2.4), (0.0, (112, 182, 84)), (0.42, (70, 138, 62)), (0.45, (70, 138, 62)), (0.9, (48, 108, 50)))


def _snow(c: _Canvas) -> None:
    c.ramp((0.0, (158, 176, 200)), (0.6, (226, 234, 242)))
    c.cloud(0.22, 0.18, 1.25, (240, 244, 248), 0.9)
    c.cloud(0.8, 0.12, 1.0, (240, 244, 248), 0.9)
    c.below(0.52 - 0.05 * np.sin(c.x * 5.0 + 1.8), (0.0, (206, 218, 232)), (0.25, (190, 206, 224)))
    c.below(0.61 + 0.035 * np.sin(c.x * 3.6 + 0.4), (0.0, (250, 252, 255)), (0.4, (220, 230, 242)), (0.43, (220, 230, 242)), (0.9, (188, 204, 226)))


def _desert(c: _Canvas) -> None:
    c.ramp((0.0, (90, 160, 214)), (0.52, (252, 228, 186)))
    c.blob(0.8, 0.17, 0.075, 0.075, (255, 244, 200))
    c.below(0.55 - 0.05 * np.sin(c.x * 4.6 + 0.9), (0.0, (234, 178, 108)), (0.25, (220, 156, 88)))
    c.below(0.63 + 0.04 * np.sin(c.x * 3.1 + 1.9), (0.0, (242, 196, 122)), (0.38, (206, 140, 76)))


def _room(c: _Canvas) -> None:
    c.ramp((0.0, (228, 214, 192)), (0.66, (212, 194, 168)))
    c.rectangle(-np.inf, -np.inf, np.inf, -0.07, (0.0, (246, 240, 228)))
    c.rectangle(-np.inf, -0.105, np.inf, -0.07, (0.0, (232, 220, 200)))
    for middle in c.repeats(0.5, 0.19, 0.86):
        c.rectangle(middle - 0.19, 0.1, middle + 0.19, 0.46, (0.0, (250, 248, 242)))
        for pane in (middle - 0.0865, middle + 0.0865):
            c.rectangle(pane - 0.0785, 0.125, pane + 0.0785, 0.435, (0.12, (146, 196, 236)), (0.44, (214, 236, 248)))
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
    c.stars(22, (0.07, 0.03), 0.3819, 0.5, (255, 250, 226), 0.85)
    c.blob(0.79, 0.17, 0.16, 0.16, (150, 158, 196), 0.35, 1.0)
    c.blob(0.79, 0.17, 0.07, 0.07, (250, 244, 214))
    c.below(0.58 - 0.05 * np.sin(c.x * 4.4 + 2.6), (0.0, (30, 46, 74)), (0.3, (24, 38, 62)))
    c.below(0.64 + 0.03 * np.sin(c.x * 3.4 + 0.8), (0.0, (38, 64, 72)), (0.36, (20, 36, 46)))


def _mountains(c: _Canvas) -> None:
    c.ramp((0.0, (134, 190, 232)), (0.6, (232, 242, 248)))
    c.cloud(0.5, 0.1, 1.1)
    for cx, top, half in ((0.24, 0.2, 0.34), (-0.36, 0.24, 0.34), (1.26, 0.22, 0.3)):
        c.triangle(cx, top, 0.64, half, (126, 142, 170), (246, 249, 252))
    c.triangle(0.72, 0.15, 0.64, 0.4, (106, 124, 156), (246, 249, 252))
    c.below(0.6 + 0.025 * np.sin(c.x * 4.0 + 0.2), (0.0, (128, 178, 112)), (0.4, (76, 128, 82)), (0.43, (76, 128, 82)), (0.9, (54, 100, 66)))


def _space(c: _Canvas) -> None:
    c.ramp((0.0, (24, 14, 48)), (0.5, (50, 28, 84)), (1.0, (22, 18, 56)))
    c.blob(0.3, 0.35, 0.42, 0.26, (122, 60, 140), 0.45, 1.0)
    c.blob(-0.42, 0.1, 0.4, 0.3, (70, 70, 160), 0.4, 1.0)
    c.blob(1.4, 0.3, 0.4, 0.28, (122, 60, 140), 0.4, 1.0)
    c.stars(26, (0.31, 0.11), 0.7548, 0.66, (255, 252, 240), 0.9)
    c.blob(0.85, 0.16, 0.09, 0.09, (226, 160, 108))
    c.blob(0.85, 0.16, 0.155, 0.018, (244, 206, 160), 0.85, 0.4)
    c.below(0.68 - 0.04 * np.sin(c.x * 3.14159), (0.0, (176, 172, 196)), (0.32, (118, 112, 150)))


def _lake(c: _Canvas) -> None:
    c.ramp((0.0, (126, 196, 224)), (0.5, (240, 244, 222)))
    c.cloud(0.28, 0.14, 1.15)
    c.below(0.44 - 0.05 * np.sin(c.x * 5.2 + 0.3), (0.0, (122, 170, 150)), (0.2, (96, 148, 126)))
    c.below(0.52, (0.0, (120, 188, 206)), (0.2, (72, 146, 180)))
    c.below(0.73 + 0.025 * np.sin(c.x * 4.2 + 1.2), (0.0, (150, 194, 100)), (0.28, (94, 148, 72)), (0.3, (94, 148, 72)), (0.8, (66, 114, 54)))


def _city(c: _Canvas) -> None:
    c.ramp((0.0, (136, 186, 226)), (0.56, (248, 234, 214)))
    c.cloud(0.7, 0.13, 1.15)
    for layer, (width, base, wall, pane) in enumerate(((0.1, 0.36, (190, 202, 220), None), (0.16, 0.47, (146, 162, 192), (206, 214, 222)))):
        for left in c.repeats(0.03 * layer, width, width):
            top = base - 0.2 * ((round(left / width) * 0.618034 + 0.3 * layer) % 1.0)
            c.rectangle(left, top, left + width * 0.94, 0.72, (0.0, wall))
            if pane:
                c.panes(left + 0.0032, top + 0.01, 0.036, 4, 9, pane, 0.8)
    c.below(0.66, (0.0, (214, 212, 208)), (0.08, (200, 198, 196)))
    c.below(0.735, (0.0, (168, 168, 172)), (0.012, (168, 168, 172)), (0.014, (134, 138, 148)), (0.3, (112, 116, 128)), (0.8, (92, 96, 108)))
    for left in c.repeats(0.04, 0.16, 0.25):
        c.rectangle(left, 0.868, left + 0.14, 0.884, (0.0, (226, 222, 206)))


def _forest(c: _Canvas) -> None:
    c.ramp((0.0, (188, 218, 212)), (0.6, (232, 242, 220)))
    rows = ((0.13, 0.6, 0.3, (176, 206, 188)), (0.17, 0.64, 0.4, (134, 178, 152)), (0.26, 0.7, 0.52, (94, 146, 116)))
    for row, (pitch, base, height, colour) in enumerate(rows):
        c.below(base - 0.09 + 0.012 * np.sin(c.x * 9.0 + 2.0 * row), (0.0, colour))
        for cx in c.repeats(0.07 * row, pitch, pitch):
            tall = height * (0.72 + 0.28 * ((round(cx / pitch) * 0.618034 + 0.4 * row) % 1.0))
            # Three tiers, each wider than the one above it.
            for tier in range(3):
                c.triangle(cx, base - tall * (1.0 - 0.24 * tier), base - tall * (0.5 - 0.19 * tier), pitch * (0.3 + 0.13 * tier), colour)
    c.below(0.66 + 0.02 * np.sin(c.x * 5.0 + 0.7), (0.0, (150, 176, 104)), (0.36, (98, 122, 70)), (0.9, (70, 92, 54)))
    c.below(0.78 + 0.03 * np.sin(c.x * 3.6 + 2.6), (0.0, (168, 158, 104)), (0.24, (126, 116, 74)), (0.8, (90, 84, 56)))


def _reef(c: _Canvas) -> None:
    c.ramp((-0.5, (176, 236, 236)), (0.0, (112, 208, 224)), (0.55, (42, 146, 196)), (1.0, (26, 104, 164)))
    rays = np.clip(np.sin((c.x + 0.35 * c.y) * 14.0) + 0.5 * np.sin((c.x + 0.35 * c.y) * 9.1 + 1.0) - 0.2, 0, 1)
    c.image += 0.1 * (rays * np.clip(1.0 - c.y / 0.6, 0, 1))[..., None]
    c.below(0.58 - 0.05 * np.sin(c.x * 5.6 + 0.4), (0.0, (50, 138, 178)), (0.3, (40, 122, 166)))
    for cx in c.repeats(0.66, 0.2):
        c.blob(cx + 0.06, 0.76, 0.1, 0.13, (132, 116, 180))
        c.blob(cx - 0.05, 0.78, 0.08, 0.08, (222, 160, 116))
    for cx in c.repeats(0.12, 0.2):
        for dx, dy in ((-0.085, 0.12), (-0.04, 0.2), (0.02, 0.16), (0.075, 0.21), (0.11, 0.1)):
            c.stem(cx, 0.78, cx + dx, 0.74 - dy, 0.016, (226, 132, 146))
    c.below(0.74 + 0.025 * np.sin(c.x * 4.4 + 1.0), (0.0, (232, 222, 180)), (0.26, (184, 190, 162)), (0.8, (120, 150, 150)))
    for index in range(9):
        for x in c.repeats((index * 0.618034 + 0.36) % 1.0, 0.02):
            radius = 0.007 + 0.0025 * (index % 3)
            c.blob(x, (index * 0.3247 + 0.08) % 1.0 * 0.9 - 0.35, radius, radius, (226, 246, 250), 0.6)


def _farm(c: _Canvas) -> None:
    c.ramp((0.0, (122, 190, 236)), (0.5, (244, 242, 222)))
    c.cloud(0.22, 0.12, 1.1)
    c.cloud(0.62, 0.19, 0.85)
    c.below(0.5 - 0.045 * np.sin(c.x * 4.4 + 2.6), (0.0, (172, 206, 122)), (0.3, (146, 188, 100)))
    for cx in c.repeats(0.3, 0.2, 1.3):
        c.rectangle(cx + 0.13, 0.31, cx + 0.19, 0.6, (0.0, (196, 200, 204)))
        c.blob(cx + 0.16, 0.31, 0.03, 0.03, (164, 172, 180))
        c.rectangle(cx - 0.1, 0.42, cx + 0.1, 0.6, (0.0, (188, 92, 78)))
        c.triangle(cx, 0.325, 0.435, 0.125, (130, 78, 74))
        c.rectangle(cx - 0.045, 0.475, cx + 0.045, 0.6, (0.0, (244, 236, 224)))
        c.rectangle(cx - 0.033, 0.487, cx + 0.033, 0.6, (0.0, (166, 76, 66)))
    ground = 0.57
    c.below(ground, (0.0, (196, 186, 110)), (0.43, (168, 148, 82)), (0.9, (134, 112, 64)))
    depth = np.maximum(c.y - ground + 0.1, 0.1)
    # Rows of crops run towards a point above the horizon, so their width grows with the depth.
    rows = np.abs((c.x - 0.5) / depth % 0.5 - 0.25) - 0.125
    cover = c.soft(rows * depth, 1.4) * c.soft(c.y - ground)
    c.image += (_shade((140, 172, 84)) - c.image) * 0.6 * cover[..., None]
    for top in (0.555, 0.59):
        c.rectangle(-np.inf, top, np.inf, top + 0.012, (0.0, (248, 242, 230)))
    for cx in c.repeats(0.05, 0.01, 0.125):
        c.rectangle(cx - 0.009, 0.535, cx + 0.009, 0.63, (0.0, (248, 242, 230)))


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
    "city": _city,
    "forest": _forest,
    "reef": _reef,
    "farm": _farm,
}
BACKGROUNDS = tuple(BACKGROUND_PAINTERS)


@lru_cache(maxsize=64)
def background(name: str, size: int, view: View = (0.5, 0.5, 1.0)) -> np.ndarray:
    """RGB float32 `[size, size, 3]` in 0..1; read-only, it is cached.

    `view` is centre x, centre y and zoom: the frame coordinate u in 0..1 shows the world coordinate
    centre + (u - 0.5) / zoom. Places are made for zooms of 0.7 to 1.6 about centres in 0.2 to 0.8.
    """
    canvas = _Canvas(size, view)
    BACKGROUND_PAINTERS[name](canvas)
    image = np.clip(canvas.image, 0.0, 1.0)
    image.setflags(write=False)
    return image
