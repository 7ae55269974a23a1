"""Identities of the 4D rotary positions."""

import math

import pytest
import torch
from torch import Tensor

from palimpsest_training.model.rope import apply_rope, ntk_thetas, rope_tables

AXIS_DIMS = (6, 2, 28, 28)
DIM = sum(AXIS_DIMS)


def exact_tables(positions: Tensor) -> tuple[Tensor, Tensor]:
    """The tables by scalar arithmetic in float64."""
    angles = [
        [position * 10_000.0 ** (-i / (dims // 2)) for position, dims in zip(row, AXIS_DIMS, strict=True) for i in range(dims // 2)]
        for row in positions.tolist()
    ]
    return tuple(torch.tensor([[turn(a) for a in row] for row in angles], dtype=torch.float64) for turn in (math.cos, math.sin))


def random_positions(count: int, seed: int = 0) -> Tensor:
    return torch.randint(0, 300, (count, 4), generator=torch.Generator().manual_seed(seed)).double()


def random_vectors(count: int, seed: int = 0) -> Tensor:
    return torch.randn(count, DIM, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def score(q: Tensor, k: Tensor, q_at: Tensor, k_at: Tensor) -> Tensor:
    return (apply_rope(q, *exact_tables(q_at)) * apply_rope(k, *exact_tables(k_at))).sum(-1)


def test_tables_equal_scalar_arithmetic_rounded_once() -> None:
    positions = random_positions(50)
    for table, exact in zip(rope_tables(positions, AXIS_DIMS), exact_tables(positions), strict=True):
        assert table.dtype == torch.float32
        torch.testing.assert_close(table, exact.float(), rtol=0, atol=2e-7)


def test_position_zero_changes_nothing() -> None:
    x = random_vectors(7)
    assert torch.equal(apply_rope(x, *exact_tables(torch.zeros(7, 4))), x)


def test_every_pair_keeps_its_length() -> None:
    x = random_vectors(40)
    turned = apply_rope(x, *exact_tables(random_positions(40)))
    torch.testing.assert_close(turned.unflatten(-1, (-1, 2)).norm(dim=-1), x.unflatten(-1, (-1, 2)).norm(dim=-1), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("axis", range(4))
def test_a_score_depends_on_the_difference_along_an_axis_only(axis: int) -> None:
    q, k = random_vectors(30, 1), random_vectors(30, 2)
    q_at, k_at = random_positions(30, 3), random_positions(30, 4)
    offset = torch.zeros(4, dtype=torch.float64)
    offset[axis] = 117
    torch.testing.assert_close(score(q, k, q_at + offset, k_at + offset), score(q, k, q_at, k_at), rtol=1e-9, atol=1e-9)
    assert not torch.allclose(score(q, k, q_at + offset, k_at), score(q, k, q_at, k_at), atol=1e-3)


@pytest.mark.parametrize("axis", range(4))
def test_an_axis_turns_its_own_dims_only(axis: int) -> None:
    x = random_vectors(1)
    position = torch.zeros(1, 4)
    position[0, axis] = 3
    changed = (apply_rope(x, *exact_tables(position)) - x)[0].abs() > 1e-12
    start = sum(AXIS_DIMS[:axis])
    assert changed.tolist() == [start <= i < start + AXIS_DIMS[axis] for i in range(DIM)]


def test_a_rotation_by_two_positions_is_two_rotations() -> None:
    x, a, b = random_vectors(20), random_positions(20, 5), random_positions(20, 6)
    twice = apply_rope(apply_rope(x, *exact_tables(a)), *exact_tables(b))
    torch.testing.assert_close(twice, apply_rope(x, *exact_tables(a + b)), rtol=1e-9, atol=1e-9)


def test_odd_axis_dims_are_refused() -> None:
    with pytest.raises(ValueError, match="axis dims must be even, got"):
        rope_tables(torch.zeros(1, 4), (3, 3, 28, 28))


@pytest.mark.parametrize("scale", [1.5, 2.0, 4.0])
def test_farther_frames_keep_their_fastest_pair_and_end_their_slowest_where_training_did(scale: float) -> None:
    thetas = ntk_thetas(10_000.0, AXIS_DIMS, (1.0, 1.0, scale, 1.0))
    assert [theta == 10_000.0 for theta in thetas] == [True, True, False, True]
    pairs = AXIS_DIMS[2] // 2
    frequencies = thetas[2] ** (-torch.arange(pairs, dtype=torch.float64) / pairs)
    trained = 10_000.0 ** (-torch.arange(pairs, dtype=torch.float64) / pairs)
    ratios = (trained / frequencies).tolist()
    assert ratios == sorted(ratios)
    assert ratios[0] == 1.0
    assert ratios[-1] == pytest.approx(scale, rel=1e-12)


def test_nearer_frames_and_axes_of_one_pair_keep_theta() -> None:
    assert ntk_thetas(500.0, (2, 8), (4.0, 0.5)) == (500.0, 500.0)
    # Any number of axes of any size, as in other published models.
    four = rope_tables(torch.tensor([[1.0, 2.0, 3.0, 4.0]]), (32, 32, 32, 32), (2000.0,) * 4)
    assert four[0].shape == (1, 64)
    torch.testing.assert_close(four[0][0, ::16], torch.tensor([1.0, 2.0, 3.0, 4.0]).cos(), rtol=0, atol=1e-7)
