"""Identities of the flow, its sampler and its noise."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from palimpsest_training.model.flow import MIN_REMAINING, euler_step, mix, sampler_times, seeded_noise, time_features, velocity


def random_pair() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(4, 3, 5, generator=generator, dtype=torch.float64), torch.randn(4, 3, 5, generator=generator, dtype=torch.float64)


def mulberry32(seed: int):  # noqa: ANN201
    """The generator as its author wrote it, in 32-bit integers."""
    state = seed & 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        z = (state ^ (state >> 15)) * (state | 1) & 0xFFFFFFFF
        z ^= (z + ((z ^ (z >> 7)) * (z | 61) & 0xFFFFFFFF)) & 0xFFFFFFFF
        yield (z ^ (z >> 14)) / 2**32


def scalar_noise(seed: int, count: int) -> list[float]:
    uniform, values = mulberry32(seed), []
    while len(values) < count:
        radius = math.sqrt(-2 * math.log(max(next(uniform), 2.0**-32)))
        angle = 2 * math.pi * next(uniform)
        values += [radius * math.cos(angle), radius * math.sin(angle)]
    return values[:count]


def test_the_path_runs_from_the_noise_to_the_clean_latent() -> None:
    clean, noise = random_pair()
    assert torch.equal(mix(clean, noise, torch.tensor(0.0)), noise)
    assert torch.equal(mix(clean, noise, torch.tensor(1.0)), clean)


@pytest.mark.parametrize("time", [0.0, 0.3, 0.9])
def test_the_velocity_of_the_true_clean_latent_is_clean_minus_noise(time: float) -> None:
    clean, noise = random_pair()
    t = torch.tensor(time, dtype=torch.float64)
    torch.testing.assert_close(velocity(clean, mix(clean, noise, t), t), clean - noise)


def test_the_velocity_stays_finite_at_the_end() -> None:
    clean, noise = random_pair()
    torch.testing.assert_close(velocity(clean, noise, torch.tensor(1.0)), (clean - noise) / MIN_REMAINING)


@pytest.mark.parametrize(("steps", "shift"), [(1, 1.0), (4, 1.0), (5, 0.4), (30, 3.0)])
def test_euler_steps_with_the_true_clean_latent_follow_the_path_and_land_on_it(steps: int, shift: float) -> None:
    clean, noise = random_pair()
    x = noise
    for t, u in pairwise(sampler_times(steps, shift)):
        x = euler_step(x, clean, t, u)
        if 1 - t >= MIN_REMAINING:
            torch.testing.assert_close(x, mix(clean, noise, torch.tensor(u, dtype=torch.float64)))
    assert torch.equal(x, clean)


def test_an_euler_step_moves_along_the_velocity() -> None:
    clean, noisy = random_pair()
    moved = noisy + (0.75 - 0.5) * velocity(clean, noisy, torch.tensor(0.5, dtype=torch.float64))
    torch.testing.assert_close(euler_step(noisy, clean, 0.5, 0.75), moved)


@pytest.mark.parametrize("shift", [0.3, 1.0, 4.0])
def test_sampler_times_rise_from_0_to_1(shift: float) -> None:
    times = sampler_times(9, shift)
    assert (len(times), times[0], times[-1]) == (10, 0.0, 1.0)
    assert all(t < u for t, u in pairwise(times))


def test_shift_1_spaces_times_evenly_and_a_larger_one_keeps_them_near_the_noise() -> None:
    assert sampler_times(4, 1.0) == [0.0, 0.25, 0.5, 0.75, 1.0]
    inner = [sampler_times(4, shift)[1:4] for shift in (2.0, 1.0, 0.5)]
    assert all(late < even < early for late, even, early in zip(*inner, strict=True))


@pytest.mark.parametrize(("steps", "shift"), [(0, 1.0), (4, 0.0)])
def test_impossible_sampler_settings_are_refused(steps: int, shift: float) -> None:
    with pytest.raises(ValueError, match="steps must be at least 1 and shift above 0"):
        sampler_times(steps, shift)


@pytest.mark.parametrize("seed", [0, 1, 42, 2**31, 2**32 - 1])
def test_noise_equals_a_scalar_generator(seed: int) -> None:
    wanted = np.array(scalar_noise(seed, 101)).astype(np.float32)
    np.testing.assert_allclose(seeded_noise(seed, (101,)), wanted, rtol=1e-6, atol=1e-7)


def test_noise_is_normal_and_uncorrelated() -> None:
    noise = seeded_noise(3, (200_000,)).astype(np.float64)
    assert abs(noise.mean()) < 0.01
    assert abs(noise.var() - 1) < 0.02
    assert abs((noise**4).mean() - 3) < 0.1
    assert abs((noise[1:] * noise[:-1]).mean()) < 0.01


def test_equal_seeds_give_equal_noise_in_row_order_and_others_differ() -> None:
    noise = seeded_noise(9, (2, 3, 4))
    assert noise.dtype == np.float32
    assert np.array_equal(noise.reshape(-1), seeded_noise(9, (24,)))
    assert np.array_equal(noise.reshape(-1)[:7], seeded_noise(9, (7,)))
    assert not np.allclose(noise, seeded_noise(10, (2, 3, 4)))


def test_time_features_are_cosines_then_sines_of_1000_t() -> None:
    times = [0.0, 0.2, 0.777, 1.0]
    wanted = [[turn(1000 * t * 10_000 ** (-i / 8)) for turn in (math.cos, math.sin) for i in range(8)] for t in times]
    features = time_features(torch.tensor(times, dtype=torch.float64), 16)
    assert features.dtype == torch.float32
    torch.testing.assert_close(features.double(), torch.tensor(wanted, dtype=torch.float64), rtol=0, atol=1e-7)
