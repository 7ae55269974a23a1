"""What an error of the latent costs in pixels, and the loss that weighs it so."""

import pytest
import tiny
import torch

from palimpsest_training.losses import sample_times, weighed_error
from palimpsest_training.model.dit import patchify
from palimpsest_training.pixel_metric import metric_root, pixel_metric

CHANNELS, GRID = tiny.CONFIG.channels, tiny.CONFIG.grid


@pytest.fixture(scope="module")
def latents() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(4, CHANNELS, GRID, GRID)


def test_the_metric_tells_how_far_a_small_error_moves_the_pixels(latents: torch.Tensor) -> None:
    torch.manual_seed(1)
    vae = tiny.make_vae()
    metric = pixel_metric(vae, latents, probes=64)
    assert torch.allclose(metric, metric.T, atol=1e-5)
    assert float(metric.trace()) == pytest.approx(CHANNELS, rel=1e-4)
    values, vectors = torch.linalg.eigh(metric)

    def moved(direction: torch.Tensor) -> float:
        """Mean squared change of the pixels for errors of any place along the direction."""
        step = 1e-2 * torch.randn(4, 1, GRID, GRID) * direction[:, None, None]
        return float((vae.decode(latents + step) - vae.decode(latents)).square().mean())

    # Two estimates from random draws, each good to some per cent.
    far, near = moved(vectors[:, -1]), moved(vectors[:, 0])
    assert far / near == pytest.approx(float(values[-1] / values[0]), rel=0.3)


def test_the_mixed_error_lies_between_plain_and_metric_error() -> None:
    torch.manual_seed(2)
    half = torch.randn(CHANNELS, CHANNELS)
    metric = half @ half.T
    metric = metric * (CHANNELS / metric.trace())
    error = patchify(torch.randn(2, 3, CHANNELS, GRID, GRID), tiny.CONFIG.patch)
    plain, full, mixed = (weighed_error(error, metric_root(metric, share)) for share in (0.0, 1.0, 0.25))
    assert torch.allclose(plain, error.square().mean(-1), rtol=1e-4)
    assert torch.allclose(mixed, 0.75 * plain + 0.25 * full, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.45, 1.0])
def test_a_share_of_the_targets_starts_from_noise_alone(share: float) -> None:
    torch.manual_seed(3)
    times = sample_times((100, 100), "cpu", share)
    # Four standard deviations of a share of 10,000 draws.
    assert float((times == 0).float().mean()) == pytest.approx(share, abs=0.02)
    assert bool((times < 1).all())
