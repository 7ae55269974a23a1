"""Flow matching: path, velocity, sampler times, time features and portable noise."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

MIN_REMAINING = 0.05


def mix(clean: Tensor, noise: Tensor, time: Tensor) -> Tensor:
    """x_t = t x1 + (1 - t) x0; `time` broadcasts."""
    return time * clean + (1 - time) * noise


def velocity(clean: Tensor, noisy: Tensor, time: Tensor) -> Tensor:
    """Velocity that a prediction of the clean latent stands for; 1 - t is held above 0.05."""
    return (clean - noisy) / (1 - time).clamp_min(MIN_REMAINING)


def euler_step(noisy: Tensor, clean: Tensor, time: float, until: float) -> Tensor:
    """One step from `time` to `until`; lands on the prediction itself at 1."""
    if until >= 1.0:
        return clean
    return noisy + (until - time) * (clean - noisy) / max(1 - time, MIN_REMAINING)


def sampler_times(steps: int, shift: float) -> list[float]:
    """steps + 1 times from 0 to 1; shift < 1 spends more steps near the noise."""
    if steps < 1 or shift <= 0:
        message = f"steps must be at least 1 and shift above 0, got {steps} and {shift}"
        raise ValueError(message)
    return [(i / steps) / (i / steps + shift * (1 - i / steps)) for i in range(steps + 1)]


def time_features(time: Tensor, count: int) -> Tensor:
    """[...] -> [..., count] float32: cosines, then sines, of 1000 t at geometric frequencies."""
    half = count // 2
    frequency = 10_000.0 ** (-torch.arange(half, dtype=torch.float64, device=time.device) / half)
    angle = 1000.0 * time.double()[..., None] * frequency
    return torch.cat([angle.cos(), angle.sin()], -1).float()


def seeded_noise(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    """float32 normal noise from mulberry32 and Box-Muller, the same in every language."""
    count = math.prod(shape)
    pairs = -(-count // 2)
    # mulberry32 is a counter hashed by 32-bit mixing, so all draws are made at once.
    counter = (np.uint64(seed & 0xFFFFFFFF) + np.arange(1, 2 * pairs + 1, dtype=np.uint64) * np.uint64(0x6D2B79F5)) & np.uint64(0xFFFFFFFF)
    mask = np.uint64(0xFFFFFFFF)
    z = ((counter ^ (counter >> np.uint64(15))) * (counter | np.uint64(1))) & mask
    z ^= (z + ((z ^ (z >> np.uint64(7))) * (z | np.uint64(61)) & mask)) & mask
    uniform = ((z ^ (z >> np.uint64(14))) & mask).astype(np.float64) / 2.0**32
    first, second = np.maximum(uniform[0::2], 2.0**-32), uniform[1::2]
    radius, angle = np.sqrt(-2.0 * np.log(first)), 2.0 * np.pi * second
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1).reshape(-1)[:count].reshape(shape).astype(np.float32)
