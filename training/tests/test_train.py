"""Pools, batches, the loss, and that training learns and resumes."""

import argparse
import copy
import json
import random
import signal
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch

from palimpsest_training.data import LABELS, Pool, changed_grid, label_grid, make_pool, make_words_pool, pick_batch
from palimpsest_training.optim import Ema, make_optimizers
from palimpsest_training.train import Editor, choose_patches, extend, load_vae, loss_of, main
from palimpsest_training.world.backgrounds import BACKGROUNDS
from palimpsest_training.world.sampling import sample_scene
from palimpsest_training.world.scene import Scene, Thing, render
from palimpsest_training.world.sprites import OBJECTS

ARGUMENTS = argparse.Namespace(text_dropout=0.1, context_noise=0.0, patches=0, region_weight=4.0, label_weight=0.2)


@pytest.fixture(scope="module")
def pool() -> Pool:
    torch.manual_seed(0)
    return make_pool(tiny.make_vae(), 1, 24, 3, tiny.SIZE, tiny.CELLS)


def steps(editor: Editor, optimizers: list[torch.optim.Optimizer], ema: Ema, pool: Pool, numbers: range) -> list[float]:
    losses = []
    for number in numbers:
        torch.manual_seed(number)
        batch = pick_batch(pool, np.random.default_rng(number), 8, 2, with_history=True, device="cpu")
        loss, _ = loss_of(editor, batch, ARGUMENTS)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        ema.update(editor)
        losses.append(loss.item())
    return losses


def test_a_tiny_editor_learns_one_batch_by_heart(pool: Pool) -> None:
    torch.manual_seed(1)
    editor = tiny.make_editor()
    batch = pick_batch(pool, np.random.default_rng(0), 4, 2, with_history=True, device="cpu")
    arguments = argparse.Namespace(**vars(ARGUMENTS) | {"text_dropout": 0.0, "label_weight": 0.0})

    def loss_now() -> float:
        torch.manual_seed(99)
        with torch.no_grad():
            return float(np.mean([loss_of(editor, batch, arguments)[0].item() for _ in range(20)]))

    before = loss_now()
    optimizers = make_optimizers(editor, 1e-2, 3e-3, adam_only=("embedding", "_out", "place"))
    for step in range(120):
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group.setdefault("peak", group["lr"])
                group["lr"] = group["peak"] * (1 - step / 120)
        loss_of(editor, batch, arguments)[0].backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
    assert loss_now() < before / 20


def test_two_steps_after_a_checkpoint_equal_the_last_two_of_four(pool: Pool, tmp_path: Path) -> None:
    torch.manual_seed(2)
    first = tiny.make_editor()
    second = copy.deepcopy(first)
    optimizers, ema = make_optimizers(first, 1e-2, 2e-3), Ema(first, 0.99)
    straight = steps(first, optimizers, ema, pool, range(4))

    half, half_ema = make_optimizers(second, 1e-2, 2e-3), Ema(second, 0.99)
    steps(second, half, half_ema, pool, range(2))
    saved = {"model": second.state_dict(), "ema": half_ema.model.state_dict(), "optimizers": [o.state_dict() for o in half]}
    torch.save(saved, tmp_path / "checkpoint.pt")

    torch.manual_seed(3)
    resumed = tiny.make_editor()
    later, later_ema = make_optimizers(resumed, 1e-2, 2e-3), Ema(resumed, 0.99)
    loaded = torch.load(tmp_path / "checkpoint.pt", weights_only=False)
    resumed.load_state_dict(loaded["model"])
    later_ema.model.load_state_dict(loaded["ema"])
    later_ema.steps = 2
    for optimizer, state in zip(later, loaded["optimizers"], strict=True):
        optimizer.load_state_dict(state)
    assert steps(resumed, later, later_ema, pool, range(2, 4)) == straight[2:]
    for a, b in zip(ema.model.parameters(), later_ema.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_the_command_trains_logs_and_goes_on_from_its_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(4)
    vae = tiny.make_vae()
    torch.save({"config": asdict(vae.config), "state": vae.state_dict()}, tmp_path / "vae.pt")
    out = tmp_path / "run"

    def run(minutes: float) -> dict:
        fixed = "--size 256 --width 64 --layers 1 --pool 2 --turns 2 --grow 0 --batch 2 --patches 12 --device cpu"
        monkeypatch.setattr("sys.argv", ["train", "--out", str(out), "--vae", str(tmp_path / "vae.pt"), "--minutes", str(minutes), *fixed.split()])
        main()
        return torch.load(out / "checkpoint.pt", weights_only=False)

    first = run(0.01)
    assert first["step"] >= 1
    assert first["spent"] >= 0.01
    second = run(first["spent"] + 0.02)
    assert second["step"] > first["step"]
    changed = [name for name, value in first["model"].items() if value.is_floating_point() and not torch.equal(value, second["model"][name])]
    assert any(name.startswith("dit.") for name in changed)
    assert any(name.startswith("t5.") for name in changed)
    records = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert records[-1]["step"] == second["step"]
    assert {"step", "minutes", "lr", "sessions", "loss", "x", "changed", "label", "norm"} <= set(records[-1])
    assert all(np.isfinite(record["loss"]) for record in records)


def test_a_stop_signal_ends_training_after_the_step_with_all_of_it_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vae = tiny.make_vae()
    torch.save({"config": asdict(vae.config), "state": vae.state_dict()}, tmp_path / "vae.pt")
    fixed = "--size 256 --width 64 --layers 1 --pool 2 --turns 2 --grow 0 --batch 2 --minutes 60 --device cpu"
    monkeypatch.setattr("sys.argv", ["train", "--out", str(tmp_path), "--vae", str(tmp_path / "vae.pt"), *fixed.split()])
    before = signal.getsignal(signal.SIGTERM)

    class StopAfterThree(Ema):
        def update(self, model: torch.nn.Module) -> None:
            super().update(model)
            if self.steps == 3:
                signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("palimpsest_training.train.Ema", StopAfterThree)
    main()
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=False)["step"] == 3
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_picture_from_words_starts_from_nothing_and_is_new_everywhere() -> None:
    torch.manual_seed(0)
    pool = make_words_pool(tiny.make_vae(), 1, 8, tiny.SIZE, tiny.CELLS)
    batch = pick_batch(pool, np.random.default_rng(0), 4, 1, with_history=False, device="cpu")
    assert not batch.frames[:, 0].any()
    assert batch.frames[:, 1].flatten(1).any(1).all()
    assert batch.changed.all()
    assert batch.regions == [None]


def test_a_saved_autoencoder_comes_back_frozen_and_equal(tmp_path: Path) -> None:
    vae = tiny.make_vae()
    torch.save({"config": asdict(vae.config), "state": vae.state_dict()}, tmp_path / "vae.pt")
    loaded = load_vae(tmp_path / "vae.pt")
    image = torch.rand(1, 3, 64, 64)
    assert torch.equal(loaded.encode(image), vae.encode(image))
    assert not any(p.requires_grad for p in loaded.parameters())


def test_equal_seeds_give_equal_pools_and_a_longer_pool_holds_both(pool: Pool) -> None:
    torch.manual_seed(0)
    again = make_pool(tiny.make_vae(), 1, 24, 3, tiny.SIZE, tiny.CELLS)
    assert all(torch.equal(getattr(pool, name), getattr(again, name)) for name in Pool.__slots__)
    both = extend(pool, again)
    assert len(both) == 48
    drawn = torch.nonzero(pool.region >= 0)
    assert len(drawn) > 0
    for session, turn in drawn.tolist():
        assert torch.equal(both.masks[both.region[session + 24, turn]], pool.masks[pool.region[session, turn]])


def test_sessions_of_a_batch_draw_regions_at_the_same_turns(pool: Pool) -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        batch = pick_batch(pool, rng, 6, 2, with_history=True, device="cpu")
        assert batch.frames.shape == (6, 3, tiny.CONFIG.channels, tiny.CONFIG.grid, tiny.CONFIG.grid)
        assert all(region is None or region.shape == batch.frames[:, 0].shape for region in batch.regions)
        assert (batch.lengths >= 2).all()
        assert ((batch.ids == 0) == (torch.arange(int(batch.lengths.max())) >= batch.lengths[..., None])).all()


def test_chosen_patches_are_different_ones_and_mostly_changed_ones() -> None:
    torch.manual_seed(5)
    changed = torch.zeros(3, 2, 64, dtype=torch.bool)
    changed[..., 20:32] = True
    chosen = choose_patches(changed, 16)
    assert chosen.shape == (3, 2, 16)
    for row, has in zip(chosen.view(-1, 16), changed.view(-1, 64), strict=True):
        assert len(set(row.tolist())) == 16
        assert has[row].sum() == 12


def test_labels_name_the_thing_or_background_at_the_centre_of_a_cell() -> None:
    grid = label_grid(Scene("night", (Thing("cat", "middle", "large"),)), 8).reshape(8, 8)
    assert set(grid[3:5, 3:5].reshape(-1)) == {OBJECTS.index("cat")}
    assert grid[0, 0] == len(OBJECTS) + BACKGROUNDS.index("night")
    rng = random.Random(0)
    assert max(label_grid(sample_scene(rng), 8).max() for _ in range(200)) < LABELS


def test_changed_patches_are_those_that_hold_changed_pixels() -> None:
    before = Scene("beach", (Thing("cat", "left"),))
    first, second = (render(scene, 128) for scene in (before, before.plus(Thing("dog", "right"))))
    grid = changed_grid(first, second, 8).reshape(8, 8)
    assert not grid[:, :4].any()
    assert grid[4, 6]
    assert not changed_grid(first, first, 8).any()
