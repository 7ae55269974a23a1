"""Optimisers, schedule and averaging."""

import pytest
import torch
from torch import nn

from palimpsest_training.optim import Ema, Muon, make_optimizers, orthogonalise, schedule


@pytest.mark.parametrize("shape", [(64, 64), (32, 96), (96, 32)])
def test_orthogonalised_matrices_have_singular_values_near_1(shape: tuple[int, int]) -> None:
    u, _, v = torch.linalg.svd(torch.randn(shape, generator=torch.Generator().manual_seed(0)), full_matrices=False)
    # A random square matrix has values near 0, which five steps leave small; these spread by a factor of 10.
    values = torch.linalg.svdvals(orthogonalise(u @ torch.diag(torch.linspace(0.3, 3, min(shape))) @ v))
    assert values.min() > 0.6
    assert values.max() < 1.3


def test_orthogonalising_keeps_the_singular_vectors() -> None:
    u, _ = torch.linalg.qr(torch.randn(24, 24, generator=torch.Generator().manual_seed(1)))
    v, _ = torch.linalg.qr(torch.randn(24, 24, generator=torch.Generator().manual_seed(2)))
    aligned = u.T @ orthogonalise(u @ torch.diag(torch.linspace(0.5, 2, 24)) @ v.T) @ v
    assert (aligned - torch.diag(aligned.diag())).abs().max() < 0.1


def test_muon_solves_a_least_squares_problem() -> None:
    torch.manual_seed(3)
    x, truth = torch.randn(64, 12), torch.randn(8, 12)
    weight = nn.Parameter(torch.zeros(8, 12))
    optimizer = Muon([weight], lr=0.3)
    losses = []
    for step in range(120):
        optimizer.param_groups[0]["lr"] = 0.3 * (1 - step / 120)
        loss = (x @ weight.T - x @ truth.T).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.01 * losses[0]


def test_muon_takes_convolutions_and_skips_what_has_no_gradient() -> None:
    torch.manual_seed(4)
    used, unused = nn.Parameter(torch.randn(6, 4, 3, 3)), nn.Parameter(torch.randn(3, 3))
    before, kept = used.detach().clone(), unused.detach().clone()
    used.square().sum().backward()
    Muon([used, unused], lr=0.1).step()
    assert used.square().sum() < before.square().sum()
    assert torch.equal(unused, kept)


def test_matrices_go_to_muon_and_vectors_and_named_ones_to_adamw() -> None:
    model = nn.ModuleDict({"linear": nn.Linear(4, 3), "embedding": nn.Embedding(5, 2), "conv": nn.Conv2d(1, 2, 3)})
    muon, adam = make_optimizers(model, 0.1, 0.2, adam_only=("embedding",))
    shapes = [sorted(tuple(p.shape) for group in o.param_groups for p in group["params"]) for o in (muon, adam)]
    assert shapes == [[(2, 1, 3, 3), (3, 4)], [(2,), (3,), (5, 2)]]
    assert [o.param_groups[0]["lr"] for o in (muon, adam)] == [0.1, 0.2]


def test_the_schedule_rises_from_0_stays_at_1_and_falls_to_0() -> None:
    assert [schedule(p, 0.1, 0.5) for p in (0.0, 0.05, 0.1, 0.3, 0.5, 0.75, 1.0, 1.2)] == pytest.approx([0, 0.5, 1, 1, 1, 0.5, 0, 0])


def test_the_average_of_constant_weights_is_constant() -> None:
    model = nn.Linear(3, 2)
    ema = Ema(model, 0.99)
    for _ in range(50):
        ema.update(model)
    for mine, theirs in zip(ema.model.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs)


def test_the_average_forgets_its_start_and_copies_buffers() -> None:
    model = nn.BatchNorm1d(2)
    ema = Ema(model, 0.9)
    with torch.no_grad():
        model.weight.fill_(5)
        model.running_mean.fill_(7)
    for _ in range(200):
        ema.update(model)
    torch.testing.assert_close(ema.model.weight, torch.full((2,), 5.0))
    assert torch.equal(ema.model.running_mean, torch.full((2,), 7.0))
    assert not any(p.requires_grad for p in ema.model.parameters())
