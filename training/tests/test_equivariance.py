"""Moves of pictures and of their latents."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from palimpsest_training.equivariance import moved, scaled, shifted, turned

DOWN = 4


def pooled(images: Tensor) -> Tensor:
    """A linear encoder that moves with its pictures exactly."""
    return F.avg_pool2d(images, DOWN)


def smooth_images() -> Tensor:
    ramp = torch.linspace(-1, 1, 32)
    return torch.stack([ramp[:, None] + 0.5 * ramp, ramp * ramp[:, None], 0.3 * ramp.expand(32, 32)])[None]


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_latent_turns_and_mirrors_with_its_picture(quarters: int, is_mirrored: bool) -> None:  # noqa: FBT001
    images = torch.randn(2, 3, 32, 32)
    latents, wanted = (turned(x, quarters, is_mirrored=is_mirrored) for x in (pooled(images), images))
    assert torch.allclose(latents, pooled(wanted), atol=1e-6)


def test_a_latent_shifts_by_half_a_cell_with_its_picture() -> None:
    images = smooth_images()
    latents, wanted = shifted(pooled(images), images)
    assert wanted.shape[-1] == latents.shape[-1] * DOWN == 28
    assert torch.allclose(latents, pooled(wanted), atol=0.02)


@pytest.mark.parametrize(("scale", "cells"), [(0.5, 4), (0.75, 6)])
def test_a_latent_shrinks_with_its_picture_to_whole_cells(scale: float, cells: int) -> None:
    images = smooth_images()
    latents, wanted = scaled(pooled(images), images, scale)
    assert latents.shape[-1] == cells
    assert wanted.shape[-1] == cells * DOWN
    assert torch.allclose(latents, pooled(wanted), atol=0.1)


def test_every_move_keeps_latent_and_picture_at_one_ratio() -> None:
    torch.manual_seed(0)
    sides = set()
    for _ in range(40):
        latents, images = moved(torch.randn(1, 2, 8, 8), torch.randn(1, 3, 32, 32))
        assert images.shape[-1] == latents.shape[-1] * DOWN
        sides.add(latents.shape[-1])
    assert sides == {8, 4, 6, 7}
