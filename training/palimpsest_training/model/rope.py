"""4D rotary positions over (sequence, time, height, width); tables only, in float64 (EditVerse 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor


def ntk_thetas(theta: float, axis_dims: tuple[int, ...], scales: tuple[float, ...]) -> tuple[float, ...]:
    """theta of each axis for frames that reach `scales` times as far along it as those of training.

    NTK-aware: `theta * scale^(dims / (dims - 2))` leaves the fastest pair as it is and turns the slowest `scale` times more
    slowly, so that far positions stay within the angles of training and near ones stay apart. Nearer frames need nothing.
    """
    return tuple(theta * max(1.0, scale) ** (dims / (dims - 2)) if dims > 2 else theta for dims, scale in zip(axis_dims, scales, strict=True))


def rope_tables(positions: Tensor, axis_dims: tuple[int, ...], theta: float | tuple[float, ...] = 10_000.0) -> tuple[Tensor, Tensor]:
    """cos and sin `[..., D/2]` float32 for positions `[..., axes]`.

    Pair i of an axis with p pairs turns by `position * theta^(-i/p)`; axes follow each other in order. `theta` is one number or
    one for each axis.
    """
    if any(dims % 2 for dims in axis_dims):
        message = f"axis dims must be even, got {axis_dims}"
        raise ValueError(message)
    thetas = theta if isinstance(theta, tuple) else (theta,) * len(axis_dims)
    angles = []
    for axis, (dims, base) in enumerate(zip(axis_dims, thetas, strict=True)):
        pairs = dims // 2
        frequency = base ** (-torch.arange(pairs, dtype=torch.float64) / pairs)
        angles.append(positions[..., axis, None].double() * frequency)
    angle = torch.cat(angles, -1)
    return angle.cos().float(), angle.sin().float()


def apply_rope(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotates adjacent pairs of the last dim: (a, b) -> (a cos - b sin, a sin + b cos).

    `x` is [..., D]; `cos` and `sin` broadcast against [..., D/2].
    """
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)
