"""What lies over a whole picture: the light of the day and the style of the drawing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .sprites import LUMINANCE

LIGHTS = ("day", "dusk", "night")
_PIXEL_ART_BLOCKS = 32
# A contour reaches 1/256 of the frame to either side; smaller pictures have it one pixel wide and fainter.
_CONTOUR_STEPS = 256


def _colour(*channels: float) -> np.ndarray:
    return np.array(channels, np.float32)


def _grey(image: np.ndarray) -> np.ndarray:
    """Luminance `[h, w, 1]`."""
    return (image @ LUMINANCE)[..., None]


def _dusk(image: np.ndarray) -> np.ndarray:
    down = np.linspace(0.0, 1.0, len(image), dtype=np.float32)[:, None]
    # The last light comes from low in the sky: rosy above, amber and darker towards the ground.
    light = _colour(0.86, 0.62, 0.62) + _colour(-0.06, -0.1, -0.24) * down
    return image * light[:, None] + _colour(0.1, 0.03, 0.04)


def _night(image: np.ndarray) -> np.ndarray:
    # Colours fade in the dark, so that a part of each gives way to its luminance.
    return image * _colour(0.31, 0.32, 0.36) + _grey(image) * _colour(0.0, 0.07, 0.24) + _colour(0.015, 0.025, 0.085)


_LIGHTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"day": lambda image: image, "dusk": _dusk, "night": _night}


def apply_light(image: np.ndarray, light: str) -> np.ndarray:
    """RGB float32 `[h, w, 3]` in 0..1 to the same; day changes nothing. Raises ValueError for an unknown light."""
    if light not in _LIGHTS:
        message = f"unknown light {light!r}; known are {', '.join(LIGHTS)}"
        raise ValueError(message)
    return _LIGHTS[light](image)


def _contours(image: np.ndarray) -> np.ndarray:
    """How much of an edge each pixel is, `[h, w, 1]` in 0..1."""
    step = max(1, round(len(image) / _CONTOUR_STEPS))
    slope = np.zeros(image.shape[:2], np.float32)
    # The second weights see yellow on pale blue and green on teal, whose luminance is the same.
    for weights in (LUMINANCE, _colour(0.4, 0.0, -0.4)):
        wide = np.pad(image @ weights, step, mode="edge")
        slope += np.abs(wide[step:-step, 2 * step :] - wide[step:-step, : -2 * step])
        slope += np.abs(wide[2 * step :, step:-step] - wide[: -2 * step, step:-step])
    return np.clip(slope * 2.6 - 0.25, 0.0, min(1.0, 1.5 * len(image) / _CONTOUR_STEPS))[..., None]


def _sepia(image: np.ndarray) -> np.ndarray:
    return np.clip(_grey(image) * _colour(1.08, 0.86, 0.62) + _colour(0.05, 0.03, 0.0), 0, 1)


def _pastel(image: np.ndarray) -> np.ndarray:
    return 0.45 * image + 0.15 * _grey(image) + 0.4 * _colour(0.98, 0.93, 0.96)


def _blueprint(image: np.ndarray) -> np.ndarray:
    grey = _grey(image)
    paper = _colour(0.05, 0.17, 0.5) + grey * _colour(0.1, 0.22, 0.3)
    return paper + (_colour(0.93, 0.97, 1.0) - paper) * _contours(image)


def _comic(image: np.ndarray) -> np.ndarray:
    grey = _grey(image)
    vivid = np.clip(grey + (image - grey) * 1.5, 0.0, 1.0)
    return np.floor(vivid * 3.999) / 3.0 * (1.0 - 0.95 * _contours(image))


def _pixel_art(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    rows, columns = (np.linspace(0, n, min(_PIXEL_ART_BLOCKS, n), endpoint=False).astype(int) for n in (height, width))
    tall, wide = np.diff(rows, append=height), np.diff(columns, append=width)
    blocks = np.add.reduceat(np.add.reduceat(image, rows, 0), columns, 1) / (tall[:, None, None] * wide[:, None]).astype(np.float32)
    few = np.round(blocks * 5.0) / 5.0
    return few.repeat(tall, 0).repeat(wide, 1)


_STYLES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "full colour": lambda image: image,
    "sepia": _sepia,
    "black and white": lambda image: np.repeat(_grey(image), 3, -1),
    "pastel": _pastel,
    "blueprint": _blueprint,
    "negative": lambda image: 1.0 - image,
    "comic": _comic,
    "pixel art": _pixel_art,
}
STYLES = tuple(_STYLES)


def apply_style(image: np.ndarray, style: str) -> np.ndarray:
    """RGB float32 `[h, w, 3]` in 0..1 to the same; full colour changes nothing. Raises ValueError for an unknown style."""
    if style not in _STYLES:
        message = f"unknown style {style!r}; known are {', '.join(STYLES)}"
        raise ValueError(message)
    return _STYLES[style](image)
