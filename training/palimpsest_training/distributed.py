"""Training on several ranks under torchrun: DDP or FSDP2, and checkpoints that are those of a single process.

Order: build the model and its `Ema`, then `parallel` and, for the average, `shard`, then the optimisers. What
`full_state` and `full_optimizer_state` return is the plain state: any kind and number of ranks can load it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict, set_model_state_dict
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.nn.parallel import DistributedDataParallel

Kind = Literal["single", "ddp", "fsdp"]


@dataclass(frozen=True, slots=True)
class Ranks:
    """One process among all that train; without torchrun it is rank 0 of 1."""

    rank: int
    count: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def seed(self, seed: int, step: int = 0) -> int:
        """Seed of this rank's own draws from `step` on: other ranks, seeds and steps have others, in 0..2^31."""
        return int(np.random.SeedSequence([seed, step, self.rank]).generate_state(1)[0] >> 1)

    def from_first(self, *values: float) -> list[float]:
        """The first rank's values on every rank. Whatever decides about a collective call must come from here: clocks and signals differ."""
        if self.count == 1:
            return list(values)
        shared = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.broadcast(shared, 0)
        return shared.tolist()

    def mean(self, *values: float) -> list[float]:
        """Means over all ranks, for the log."""
        shared = torch.tensor(values, dtype=torch.float64, device=self.device)
        if self.count > 1:
            dist.all_reduce(shared)
        return (shared / self.count).tolist()


@contextmanager
def ranks(device: str) -> Iterator[Ranks]:
    """Joins the ranks that torchrun started, through NCCL for "cuda" and Gloo for "cpu", and leaves them at the end."""
    if "RANK" not in os.environ:
        yield Ranks(0, 1, torch.device(device))
        return
    here = torch.device(device)
    if here.type == "cuda":
        here = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(here)
    # The first rank may evaluate while the others wait.
    dist.init_process_group("nccl" if here.type == "cuda" else "gloo", timeout=timedelta(minutes=30))
    try:
        yield Ranks(dist.get_rank(), dist.get_world_size(), here)
    finally:
        dist.destroy_process_group()


class Run(nn.Module):
    """Calls functions of a model as a forward pass, which is where DDP and FSDP hook in: `run(loss_of, batch, arguments)`."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, function: Callable[..., object], *args: object, **options: object) -> object:
        return function(self.model, *args, **options)


def shard(model: nn.Module, units: Iterable[nn.Module], dtype: torch.dtype | None = None, *, frees_after_forward: bool = False) -> Run:
    """FSDP2: every rank keeps its share of each parameter; `units` (the blocks) are gathered one by one, the rest at once.

    Parameters are gathered as `dtype` (None = as they are) and gradients reduced in float32. Activations keep their
    dtype, as autocast rules them. Gathered units are kept from forward to backward pass unless `frees_after_forward`.
    """
    policy = MixedPrecisionPolicy(param_dtype=dtype, reduce_dtype=torch.float32, cast_forward_inputs=False)
    for unit in units:
        fully_shard(unit, mp_policy=policy, reshard_after_forward=frees_after_forward)
    return fully_shard(Run(model), mp_policy=policy, reshard_after_forward=frees_after_forward)


def parallel(
    model: nn.Module, kind: Kind, units: Iterable[nn.Module] = (), dtype: torch.dtype | None = None, *, has_unused: bool = False
) -> nn.Module:
    """The model as something to call like `Run`, its weights those of the first rank; build optimisers from `model` afterwards.

    `has_unused` lets DDP meet parameters without a gradient. Gradients are means over the ranks.
    """
    if kind == "single":
        if dist.is_initialized() and dist.get_world_size() > 1:
            message = "several ranks cannot train as 'single': take 'ddp' or 'fsdp', or start one process"
            raise ValueError(message)
        return Run(model)
    if not dist.is_initialized():
        message = f"{kind!r} needs ranks: start with torchrun --nproc-per-node N -m palimpsest_training.train"
        raise ValueError(message)
    if kind == "ddp":
        return DistributedDataParallel(Run(model), find_unused_parameters=has_unused)
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            dist.broadcast(tensor, 0)
    return shard(model, units, dtype)


def whole(tensor: Tensor) -> Tensor:
    """A plain tensor as it is, a sharded one gathered; all ranks must call it."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def like(tensor: Tensor, sharded: Tensor) -> Tensor:
    """The own share of a whole tensor that all ranks hold, laid out as `sharded` is; no communication."""
    if not isinstance(sharded, DTensor):
        return tensor
    return distribute_tensor(tensor.to(sharded.device), sharded.device_mesh, sharded.placements, src_data_rank=None)


def clip_gradients(parameters: Iterable[nn.Parameter], most: float) -> float:
    """Scales gradients down to a global norm of `most`; returns the norm before, equal on all ranks."""
    return float(whole(nn.utils.clip_grad_norm_(parameters, most)))


_FULL = StateDictOptions(full_state_dict=True, cpu_offload=True)


def full_state(model: nn.Module) -> dict[str, Tensor]:
    """The plain state of a model on the CPU of the first rank, empty on the others; all ranks must call it."""
    return get_model_state_dict(model, options=_FULL)


def load_state(model: nn.Module, state: dict[str, Tensor]) -> None:
    """Loads a plain state, which all ranks have read, into a plain, replicated or sharded model."""
    set_model_state_dict(model, state, options=StateDictOptions(full_state_dict=True))


def full_optimizer_state(optimizer: torch.optim.Optimizer) -> dict:
    """The plain `state_dict` of an optimiser, on every rank; all ranks must call it."""
    saved = optimizer.state_dict()
    # One by one, and to the CPU at once: all together may not fit on the device.
    state = {
        index: {name: whole(value).cpu() if isinstance(value, DTensor) else value for name, value in values.items()}
        for index, values in saved["state"].items()
    }
    return saved | {"state": state}


def load_optimizer_state(optimizer: torch.optim.Optimizer, saved: dict) -> None:
    """Loads a plain `state_dict`, which all ranks have read; parameters must come in the order in which they were saved."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state = {
        index: {
            name: like(value, parameters[index]) if getattr(value, "shape", None) == parameters[index].shape else value
            for name, value in values.items()
        }
        for index, values in saved["state"].items()
    }
    optimizer.load_state_dict(saved | {"state": state})
