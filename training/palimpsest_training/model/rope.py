"""4D rotary positions over (sequence, time, height, width); tables only, in float64 (EditVerse 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor


def rope_tables(positions: Tensor, axis_dims: tuple[int, int, int, int], theta: float = 10_000.0) -> tuple[Tensor, Tensor]:
    """cos and sin `[..., D/2]` float32 for positions `[..., 4]`.

    Pair i of an axis with p pairs turns by `position * theta^(-i/p)`; axes follow each other in order.
    """
    if any(dims % 2 for dims in axis_dims):
        message = f"axis dims must be even, got {axis_dims}"
        raise ValueError(message)
    angles = []
    for axis, dims in enumerate(axis_dims):
        pairs = dims // 2
        frequency = theta ** (-torch.arange(pairs, dtype=torch.float64) / pairs)
        angles.append(positions[..., axis, None].double() * frequency)
    angle = torch.cat(angles, -1)
    return angle.cos().float(), angle.sin().float()


def apply_rope(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotates adjacent pairs of the last dim: (a, b) -> (a cos - b sin, a sin + b cos).

    `x` is [..., D]; `cos` and `sin` broadcast against [..., D/2].
    """
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)
