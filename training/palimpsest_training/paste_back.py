"""Keeps the pixels that an edit did not touch: the made picture is pasted over the earlier one where they differ.

The autoencoder blurs everything a little, also what the editor only copied. So the decoded new latent is compared with
the decoded latent of the picture before, which has the same blur: what differs is the edit. The runtime does the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Array = np.ndarray

# Radii in pixels: the noise is averaged over 5x5, the change reaches 4 pixels on, and its edge is 9 pixels soft.
AVERAGE, REACH, SOFT = 2, 4, 4


@dataclass(frozen=True, slots=True)
class Limits:
    """Mean differences in levels of 255: up to `kept_below` a pixel stays, from `taken_from` on it is the new one."""

    kept_below: float = 8.0
    taken_from: float = 24.0


def _windows(values: Array, radius: int, axis: int) -> Array:
    pad = [(radius, radius) if at == axis else (0, 0) for at in range(values.ndim)]
    return sliding_window_view(np.pad(values, pad, "edge"), 2 * radius + 1, axis)


def _mean(values: Array, radius: int) -> Array:
    """Box mean; the picture's edge is repeated outwards."""
    return _windows(_windows(values, radius, 0).sum(-1), radius, 1).sum(-1) / (2 * radius + 1) ** 2


def change_weights(unedited: Array, made: Array, limits: Limits) -> Array:
    """[H, W] in 0..1: how much of `made` to take; both pictures [H, W, 3] uint8, decoded from latents."""
    difference = np.abs(made.astype(np.float64) - unedited).max(-1)
    weights = np.clip((_mean(difference, AVERAGE) - limits.kept_below) / (limits.taken_from - limits.kept_below), 0, 1)
    reached = _windows(_windows(weights, REACH, 0).max(-1), REACH, 1).max(-1)
    return _mean(reached, SOFT)


def paste_back(earlier: Array, made: Array, weights: Array) -> Array:
    """The earlier picture where weights are 0, the made one where they are 1, in between a mixture; all uint8."""
    mixed = earlier + (made.astype(np.float64) - earlier) * weights[..., None]
    return np.floor(mixed + 0.5).astype(np.uint8)
