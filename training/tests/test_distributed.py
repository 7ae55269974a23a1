"""Two ranks train as one process does on their joint batch, and a checkpoint of any of them is a plain one.

The ranks are real processes over Gloo; they run everything once, and the tests look at what they left.
"""

from __future__ import annotations

import copy
import os
import socket
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import Tensor, multiprocessing, nn

from palimpsest_training.distributed import (
    Kind,
    Ranks,
    clip_gradients,
    full_optimizer_state,
    full_state,
    load_optimizer_state,
    load_state,
    parallel,
    ranks,
    shard,
    whole,
)
from palimpsest_training.model.dit import Clean, Dit, DitConfig, Target
from palimpsest_training.model.packing import frame_positions
from palimpsest_training.model.rope import rope_tables
from palimpsest_training.optim import Ema, Muon, make_optimizers

# Odd widths, and first dims of 2 and 6: shares of unequal length, some of them empty on more ranks.
CONFIG = DitConfig(
    width=36, layers=2, heads=2, feed_forward=25, axis_dims=(4, 4, 4, 4), text_width=8, time_features=16, channels=3, grid=4, patch=2, labels=5
)
KINDS: tuple[Kind, ...] = ("single", "ddp", "fsdp")
RANKS, ROWS, SAVED_AT, STEPS = 2, 4, 2, 4
MUON_SHAPES = [(5, 8), (8, 5), (1, 7), (6, 4, 3, 3), (3, 2, 1, 1)]
ALONE = Ranks(0, 1, torch.device("cpu"))


def make_dit(seed: int = 0) -> Dit:
    """Random weights everywhere: where a gradient is nothing but rounding, AdamW would make a whole step of it."""
    torch.manual_seed(seed)
    dit = Dit(CONFIG)
    for p in dit.parameters():
        nn.init.normal_(p, std=0.2)
    return dit


def loss_of(dit: Dit, step: int, rows: slice, *, weight: float = 1.0) -> tuple[Tensor, dict[str, float]]:
    """A mean over rows, so that the mean over ranks is that of the joint batch."""
    torch.manual_seed(step)
    latents = torch.randn(5, ROWS, CONFIG.channels, CONFIG.grid, CONFIG.grid)[:, rows]
    states, time = torch.randn(ROWS, 3, CONFIG.text_width)[rows], torch.rand(2, ROWS)[:, rows]
    cos, sin = rope_tables(frame_positions(2, 2, CONFIG.patch_pixels, 1), CONFIG.axis_dims)

    def picture(latent: Tensor) -> Clean:
        return Clean(dit.embed_frame(latent, torch.zeros_like(latent)), cos[None], sin[None])

    clean = [picture(latents[0]), Clean(dit.embed_text(states), cos[None, :3], sin[None, :3]), picture(latents[1])]
    targets = [Target(latents[2 + k], latents[k], time[k], cos, sin, sees=2 + k, text=1) for k in range(2)]
    patches, labels = dit(clean, targets)
    loss = weight * (patches - 1).square().mean() + labels.square().mean()
    return loss, {"loss": loss.item()}


def train(kind: Kind, here: Ranks, checkpoint: dict | None = None, parts: int = 1) -> dict:
    """Losses and norms, and the states at the middle and the end; from the middle on if a checkpoint is given.

    One process takes its rows in `parts` parts, whose gradients add up.
    """
    # What the ranks start from differs, and must not matter.
    dit = make_dit(0 if here.is_first else 9)
    ema = Ema(dit, 0.9)
    run = parallel(dit, kind, dit.blocks)
    if kind == "fsdp":
        shard(ema.model, ema.model.blocks)
    load_state(ema.model, make_dit().state_dict())
    optimizers = make_optimizers(dit, 1e-2, 2e-3, adam_only=("_out", "place", "edges", "modulation"))
    first = 0
    if checkpoint is not None:
        first, ema.steps = SAVED_AT, SAVED_AT
        load_state(dit, checkpoint["model"])
        load_state(ema.model, checkpoint["ema"])
        for optimizer, state in zip(optimizers, checkpoint["optimizers"], strict=True):
            load_optimizer_state(optimizer, state)

    def saved() -> dict:
        # States of plain models share memory with them, and training goes on.
        states = {"model": full_state(dit), "ema": full_state(ema.model), "optimizers": [full_optimizer_state(o) for o in optimizers]}
        return copy.deepcopy(states)

    share = ROWS // here.count // parts
    result = {"losses": [], "norms": []}
    for step in range(first, STEPS):
        if step == SAVED_AT:
            result["checkpoint"] = saved()
        losses = []
        for part in range(here.rank * parts, (here.rank + 1) * parts):
            loss, named = run(loss_of, step, slice(part * share, (part + 1) * share), weight=2.0)
            (loss / parts).backward()
            losses.append(named["loss"] / parts)
        result["norms"].append(clip_gradients(dit.parameters(), 1.0))
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        ema.update(dit)
        result["losses"] += here.mean(sum(losses))
    result["end"] = saved()
    return result


class Matrices(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.all = nn.ParameterList(torch.randn(shape) for shape in MUON_SHAPES)


def muon_updates(model: Matrices) -> list[Tensor]:
    """Weights after three steps of Muon on given gradients."""
    optimizer = Muon(model.parameters(), lr=0.1, weight_decay=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        for p in model.parameters():
            # A sharded weight takes its share of a gradient that all ranks know.
            p.grad = (p.detach() * 0.5 + p.detach().square()).clone()
        optimizer.step()
    return [whole(p.detach()) for p in model.parameters()]


def lean() -> dict:
    """One pass with weights gathered as bfloat16 and freed after each block, under autocast."""
    dit = make_dit()
    run = shard(dit, dit.blocks, torch.bfloat16, frees_after_forward=True)
    with torch.autocast("cpu", torch.bfloat16):
        loss, _ = run(loss_of, 0, slice(0, ROWS))
    loss.backward()
    return {"loss": loss.item(), "norm": clip_gradients(dit.parameters(), 1.0), "dtypes": {p.grad.dtype for p in dit.parameters()}}


def work(rank: int, port: int, folder: Path) -> None:
    """What each rank does."""
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(RANKS), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    torch.set_num_threads(1)
    with ranks("cpu") as here:
        found: dict = {kind: train(kind, here) for kind in ("ddp", "fsdp")}
        if here.is_first:
            for kind in ("ddp", "fsdp"):
                torch.save(found[kind]["checkpoint"], folder / f"{kind}.pt")
        dist.barrier()
        for origin in KINDS:
            for kind in ("ddp", "fsdp"):
                # Read anew each time: an optimiser goes on in the very tensors that it is given.
                checkpoint = torch.load(folder / f"{origin}.pt", weights_only=True)
                found[origin, kind] = train(kind, here, checkpoint)["losses"]
        matrices = Matrices()
        shard(matrices, [])
        found["muon"] = muon_updates(matrices)
        found["lean"] = lean()
        found["seeds"] = [here.seed(0), here.seed(0, 1), here.seed(1)]
        found["from first"] = here.from_first(rank + 0.25, 1e9 + rank)
        with pytest.raises(ValueError, match="take 'ddp' or 'fsdp'"):
            parallel(make_dit(), "single")
        torch.save(found, folder / f"rank{rank}.pt")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """What each of the two ranks found, with the results of one process, by parts and on the joint batch, in the first."""
    folder = tmp_path_factory.mktemp("ranks")
    alone = train("single", ALONE, parts=RANKS)
    torch.save(alone["checkpoint"], folder / "single.pt")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    context = multiprocessing.spawn(work, (port, folder), nprocs=RANKS, join=False)
    # One rank that waits for another in vain must not stop the whole suite. Each call returns when one more rank has ended.
    if not any(context.join(timeout=120) for _ in range(RANKS)):
        for process in context.processes:
            process.kill()
        pytest.fail("the ranks wait for each other")
    results = [torch.load(folder / f"rank{rank}.pt", weights_only=False) for rank in range(RANKS)]
    results[0] |= {"single": alone, "joint": train("single", ALONE)}
    for origin in KINDS:
        checkpoint = torch.load(folder / f"{origin}.pt", weights_only=True)
        results[0][origin, "single"] = train("single", ALONE, checkpoint, RANKS)["losses"]
    return results


def flat(state: dict) -> dict[str, Tensor]:
    """All tensors of a checkpoint by name."""
    tensors = {f"{part}.{name}": value for part in ("model", "ema") for name, value in state[part].items()}
    for number, optimizer in enumerate(state["optimizers"]):
        tensors |= {f"{number}.{index}.{name}": value for index, values in optimizer["state"].items() for name, value in values.items()}
    return tensors


def movement(state: dict, start: dict[str, Tensor]) -> Tensor:
    """How far all weights have moved, as one vector."""
    return torch.cat([(state["model"][name] - start[name]).flatten() for name in start])


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_two_ranks_equal_one_process_that_adds_up_their_gradients(found: list[dict], kind: Kind) -> None:
    """The sums are the same two numbers per weight and halving is exact, so the order of float32 sums in the norm is all that may differ."""
    alone, together = found[0]["single"], found[0][kind]
    assert together["losses"] == pytest.approx(alone["losses"], rel=1e-6)
    assert together["norms"] == pytest.approx(alone["norms"], rel=1e-6)
    wanted, got = flat(alone["end"]), flat(together["end"])
    assert got.keys() == wanted.keys()
    for name, value in got.items():
        torch.testing.assert_close(value, wanted[name], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_two_ranks_train_as_one_process_on_the_joint_batch(found: list[dict], kind: Kind) -> None:
    """Sums over rows run in another order. Muon turns the last bit of float32 into one of bfloat16 (2^-8), five times over."""
    alone, together = found[0]["joint"], found[0][kind]
    assert together["losses"][0] == pytest.approx(alone["losses"][0], rel=1e-6)
    assert together["norms"][0] == pytest.approx(alone["norms"][0], rel=1e-5)
    assert together["losses"] == pytest.approx(alone["losses"], rel=5 * 2**-8)
    start = make_dit().state_dict()
    wanted, got = movement(alone["end"], start), movement(together["end"], start)
    assert (got - wanted).norm() < 5 * 2**-8 * STEPS * wanted.norm()


def test_every_rank_sees_the_same_losses_and_only_the_first_holds_the_state(found: list[dict]) -> None:
    for kind in ("ddp", "fsdp"):
        assert found[0][kind]["losses"] == found[1][kind]["losses"]
    assert found[1]["fsdp"]["end"]["model"] == {}


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_a_checkpoint_of_ranks_loads_into_a_plain_model_and_its_optimisers(found: list[dict], kind: Kind) -> None:
    state = found[0][kind]["end"]
    assert all(type(value) is Tensor for value in flat(state).values())
    dit = make_dit(5)
    dit.load_state_dict(state["model"])
    assert all(torch.equal(p, state["model"][name]) for name, p in dit.named_parameters())
    for optimizer, saved in zip(
        make_optimizers(dit, 1e-2, 2e-3, adam_only=("_out", "place", "edges", "modulation")), state["optimizers"], strict=True
    ):
        optimizer.load_state_dict(saved)
        assert all(values["step" if "step" in values else "momentum"].any() for values in optimizer.state.values())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("origin", KINDS)
def test_any_kind_goes_on_from_the_checkpoint_of_any_kind(found: list[dict], origin: Kind, kind: Kind) -> None:
    assert found[0][origin, kind] == pytest.approx(found[0][origin]["losses"][SAVED_AT:], rel=1e-6)


def test_muon_moves_a_sharded_weight_as_it_moves_the_whole_one(found: list[dict]) -> None:
    wanted = muon_updates(Matrices())
    for rank in found:
        for got, whole_one in zip(rank["muon"], wanted, strict=True):
            assert torch.equal(got, whole_one)
    assert not any(torch.equal(a, b) for a, b in zip(wanted, Matrices().all, strict=True))


def test_lean_sharding_stays_near_and_reduces_gradients_in_float32(found: list[dict]) -> None:
    """Weights and products have 8 bits; the two halves of the batch are equal here, so nothing else differs."""
    with torch.autocast("cpu", torch.bfloat16):
        loss, _ = loss_of(make_dit(), 0, slice(0, ROWS))
    assert found[0]["lean"]["dtypes"] == {torch.float32}
    assert found[0]["lean"]["loss"] == pytest.approx(loss.item(), rel=2**-6)
    assert found[0]["lean"] == found[1]["lean"]


def test_ranks_draw_differently_and_take_decisions_from_the_first(found: list[dict]) -> None:
    seeds = [*found[0]["seeds"], *found[1]["seeds"]]
    assert len(set(seeds)) == 6
    assert ALONE.seed(0) == found[0]["seeds"][0]
    assert found[0]["from first"] == found[1]["from first"] == [0.25, 1e9]


def test_ranks_are_needed_and_without_torchrun_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANK", raising=False)
    with ranks("cpu") as here:
        assert here == ALONE
        assert here.from_first(1.5) == here.mean(1.5) == [1.5]
        with pytest.raises(ValueError, match="start with torchrun"):
            parallel(make_dit(), "ddp")
