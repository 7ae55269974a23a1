"""Muon for matrices and convolutions with AdamW for everything else, EMA, and the step schedule."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor, nn

from .distributed import like, whole

# Quintic Newton-Schulz coefficients (Jordan et al. 2024, Muon): fast, singular values end in 0.7..1.2.
_NS = (3.4445, -4.7750, 2.0315)


def orthogonalise(matrix: Tensor, steps: int = 5) -> Tensor:
    """Nearest semi-orthogonal matrix, roughly; computed in bf16."""
    x = matrix.bfloat16()
    is_tall = x.size(0) > x.size(1)
    if is_tall:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = _NS[0] * x + (_NS[1] * gram + _NS[2] * gram @ gram) @ x
    return (x.T if is_tall else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised per matrix, scaled so that AdamW learning rates fit.

    Convolution kernels are taken as [out, in * kh * kw]. The update of a sharded parameter is gathered first: an
    orthogonalised shard is not a shard of the orthogonalised matrix.
    """

    def __init__(self, params: Iterable[nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # noqa: ARG002
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(p)
                buffer = state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                update = whole(p.grad.lerp(buffer, group["momentum"]))
                matrix = update.flatten(1)
                scale = 0.2 * max(matrix.shape) ** 0.5
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(like(orthogonalise(matrix).view_as(update), p), alpha=-group["lr"] * scale)


def make_optimizers(
    model: nn.Module, muon_lr: float, adam_lr: float, weight_decay: float = 0.0, adam_only: tuple[str, ...] = ()
) -> list[torch.optim.Optimizer]:
    """Muon on weights of two or more dims, AdamW on vectors and on parameters whose name holds a word of `adam_only`."""
    matrices, rest = [], []
    for name, p in model.named_parameters():
        if p.requires_grad:
            (matrices if p.ndim >= 2 and not any(word in name for word in adam_only) else rest).append(p)
    return [
        Muon(matrices, lr=muon_lr, weight_decay=weight_decay),
        torch.optim.AdamW(rest, lr=adam_lr, betas=(0.9, 0.95), weight_decay=0.0),
    ]


def schedule(progress: float, warmup: float, decay: float) -> float:
    """Factor on the learning rate at `progress` in 0..1: linear warm-up, constant, linear decay to 0."""
    return max(0.0, min(1.0, progress / max(warmup, 1e-9), (1.0 - progress) / max(decay, 1e-9)))


def base_rates(optimizers: list[torch.optim.Optimizer]) -> list[float]:
    """Learning rates of all groups as they were built; take them before a checkpoint restores scheduled ones."""
    return [group["lr"] for optimizer in optimizers for group in optimizer.param_groups]


def set_rates(optimizers: list[torch.optim.Optimizer], base: list[float], factor: float) -> None:
    """Scales every group's base rate; a thousandth is left at the end of a schedule."""
    groups = (group for optimizer in optimizers for group in optimizer.param_groups)
    for group, lr in zip(groups, base, strict=True):
        group["lr"] = lr * max(factor, 1e-3)


def save_whole(state: object, path: Path) -> None:
    """Replaces `path` only when everything is written, so that a stop in between keeps the older file."""
    # Two runs may save the same pool at once.
    part = path.with_suffix(f".{os.getpid()}.tmp")
    torch.save(state, part)
    part.replace(path)


class Ema:
    """Exponential average of weights with a warm-up, so that early averages forget the start."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.model = copy.deepcopy(model).requires_grad_(requires_grad=False)

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for mine, theirs in zip(self.model.parameters(), model.parameters(), strict=True):
            mine.lerp_(theirs.detach(), 1 - decay)
        for mine, theirs in zip(self.model.buffers(), model.buffers(), strict=True):
            mine.copy_(theirs)
