"""The loss, the weights of another vocabulary, and that training learns, resumes and stops."""

import argparse
import copy
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from torch.nn import functional as F

from palimpsest_training import draw
from palimpsest_training.data import Batch, Dropout, Shard, make_shard, stretches, take_batch
from palimpsest_training.editor import Editor, load_vae, load_weights, remap_rows
from palimpsest_training.losses import LEAST_CHANGED, LossOptions, choose_patches, loss_of, patch_weights, roll_out
from palimpsest_training.model.dit import Block
from palimpsest_training.optim import Ema, make_optimizers
from palimpsest_training.text import tokenizer_words
from palimpsest_training.train import DEFAULT_SHARES, Shards, main, next_batch, read_shares
from palimpsest_training.world.tasks import LABEL_NAMES, TASKS

OPTIONS = LossOptions(text_dropout=0.1)
USUAL = Dropout()
FRAME = tiny.CONFIG.frame_tokens
EMPTY = torch.zeros(tiny.CONFIG.channels, tiny.CONFIG.grid, tiny.CONFIG.grid)
NAMES = {"words": list(tokenizer_words()), "label_names": list(LABEL_NAMES)}
SMALL = "--size 64 --width 64 --layers 1 --tokens 400 --device cpu"


def session_shard(seed: int) -> Shard:
    torch.manual_seed(0)
    return make_shard(tiny.make_vae(), seed, "session", rows=24, size=tiny.SIZE, cells=tiny.CELLS, turns=3)


@pytest.fixture(scope="module")
def shard() -> Shard:
    """A session in which regions are asked for."""
    return next(s for s in map(session_shard, range(1, 20)) if any(slot.group for slot in s.pattern))


def batch_of(shard: Shard, seed: int, rows: int, dropout: Dropout = USUAL) -> Batch:
    return take_batch(stretches(shard, 3), np.random.default_rng(seed), rows, EMPTY, dropout)


def steps(editor: Editor, optimizers: list[torch.optim.Optimizer], ema: Ema, shard: Shard, numbers: range) -> list[float]:
    losses = []
    for number in numbers:
        torch.manual_seed(number)
        loss, _ = loss_of(editor, batch_of(shard, number, 4), OPTIONS)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        ema.update(editor)
        losses.append(loss.item())
    return losses


def test_a_tiny_editor_learns_one_batch_by_heart(shard: Shard) -> None:
    torch.manual_seed(1)
    editor = tiny.make_editor()
    batch = batch_of(shard, 0, 3, Dropout(0.0, 0.0, 0.0))
    options = LossOptions(text_dropout=0.0, label_weight=0.0)

    def loss_now() -> float:
        torch.manual_seed(99)
        with torch.no_grad():
            return float(np.mean([loss_of(editor, batch, options)[0].item() for _ in range(10)]))

    before = loss_now()
    optimizers = make_optimizers(editor, 1e-2, 3e-3, adam_only=("embedding", "_out", "place"))
    for step in range(120):
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group.setdefault("peak", group["lr"])
                group["lr"] = group["peak"] * (1 - step / 120)
        loss_of(editor, batch, options)[0].backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
    assert loss_now() < before / 15


def test_two_steps_after_a_checkpoint_equal_the_last_two_of_four(shard: Shard, tmp_path: Path) -> None:
    torch.manual_seed(2)
    first = tiny.make_editor()
    second = copy.deepcopy(first)
    optimizers, ema = make_optimizers(first, 1e-2, 2e-3), Ema(first, 0.99)
    straight = steps(first, optimizers, ema, shard, range(4))

    half, half_ema = make_optimizers(second, 1e-2, 2e-3), Ema(second, 0.99)
    steps(second, half, half_ema, shard, range(2))
    saved = {"model": second.state_dict(), "ema": half_ema.model.state_dict(), "optimizers": [o.state_dict() for o in half]}
    torch.save(saved, tmp_path / "checkpoint.pt")

    torch.manual_seed(3)
    resumed = tiny.make_editor()
    later, later_ema = make_optimizers(resumed, 1e-2, 2e-3), Ema(resumed, 0.99)
    loaded = torch.load(tmp_path / "checkpoint.pt", weights_only=False)
    names = {"words": tokenizer_words(), "label_names": list(LABEL_NAMES)}
    load_weights(resumed, loaded["model"], names)
    load_weights(later_ema.model, loaded["ema"], names)
    later_ema.steps = 2
    for optimizer, state in zip(later, loaded["optimizers"], strict=True):
        optimizer.load_state_dict(state)
    assert steps(resumed, later, later_ema, shard, range(2, 4)) == straight[2:]
    for a, b in zip(ema.model.parameters(), later_ema.model.parameters(), strict=True):
        assert torch.equal(a, b)


def train(folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch, arguments: str) -> dict:
    command = ["train", "--out", str(out), "--vae", str(folder / "vae.pt"), "--shards", str(folder / "shards")]
    monkeypatch.setattr("sys.argv", [*command, *SMALL.split(), *arguments.split()])
    main()
    return torch.load(out / "checkpoint.pt", weights_only=False)


def test_drawing_goes_on_where_it_stopped_and_serves_the_task_that_has_fewest(drawn: Path) -> None:
    names = Counter(path.stem.rsplit("-", 1)[0] for path in (drawn / "shards").glob("*.pt"))
    assert sum(names.values()) == 9
    assert set(names) == {task.replace(" ", "-") for task in TASKS}
    assert names["session"] == 4
    assert [draw.next_task({"session": n}, {"session": 2.0, "words": 1.0}) for n in (0, 1, 2)] == ["session", "words", "words"]
    shards = Shards(drawn / "shards", EMPTY)
    assert shards.refresh() == shards.refresh() == 9
    for task in TASKS:
        whole = [stretch.shard for group in shards.alike(task, 0) for stretch in group]
        assert len(whole) == names[task.replace(" ", "-")]
        assert all(len(shard) == 4 for shard in whole)
        first = min(whole[0].pictures)
        assert not any(torch.equal(whole[0].pictures[first], other.pictures[first]) for other in whole[1:] if first in other.pictures)
    assert all(stretch.shard.turns == 2 and len({s.turn for s in stretch.pattern}) == 1 for group in shards.alike("session", 1) for stretch in group)
    # Two turns are all of these sessions, and there are no three.
    assert shards.alike("session", 2) == shards.alike("session", 3) == shards.alike("session", 0)


def test_groups_hold_stretches_of_one_pattern(drawn: Path) -> None:
    shards = Shards(drawn / "shards", EMPTY)
    shards.refresh()
    groups = shards.alike("session", 1)
    assert len({group[0].pattern for group in groups}) == len(groups)
    assert all(stretch.pattern == group[0].pattern for group in groups for stretch in group)


def test_the_command_trains_logs_and_goes_on_from_its_checkpoint(drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = train(drawn, tmp_path, monkeypatch, "--minutes 0.01 --rollout 0.5 --patches 3 --direct-share 0.5")
    assert first["step"] >= 1
    assert first["spent"] >= 0.01
    assert first["words"] == tokenizer_words()
    assert first["label_names"] == list(LABEL_NAMES)
    second = train(drawn, tmp_path, monkeypatch, f"--minutes {first['spent'] + 0.02}")
    assert second["step"] > first["step"]
    changed = [name for name, value in first["model"].items() if value.is_floating_point() and not torch.equal(value, second["model"][name])]
    assert any(name.startswith("dit.") for name in changed)
    assert any(name.startswith("t5.") for name in changed)
    records = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert records[-1]["step"] == second["step"]
    assert {"step", "minutes", "lr", "shards", "loss", "changed", "norm"} <= set(records[-1])
    assert all(np.isfinite(record["loss"]) for record in records)
    started = train(drawn, tmp_path / "other", monkeypatch, f"--minutes 1e-9 --init {tmp_path / 'checkpoint.pt'}")
    assert started["step"] == 0
    assert all(torch.equal(value, second["model"][name]) for name, value in started["model"].items())


def test_a_resumed_run_by_steps_equals_an_unbroken_one(drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class StopAfterTwo(Ema):
        def update(self, model: torch.nn.Module) -> None:
            super().update(model)
            if self.steps == 2:
                signal.raise_signal(signal.SIGTERM)

    options = "--rollout 0.5 --steps 4"
    with monkeypatch.context() as patch:
        patch.setattr("palimpsest_training.train.Ema", StopAfterTwo)
        assert train(drawn, tmp_path / "parts", monkeypatch, options)["step"] == 2
    resumed, unbroken = (train(drawn, tmp_path / name, monkeypatch, options) for name in ("parts", "whole"))
    assert resumed["step"] == unbroken["step"] == 4
    assert all(torch.equal(value, unbroken["model"][name]) for name, value in resumed["model"].items())


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_torchrun_trains_on_two_ranks_and_a_single_process_goes_on(drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "0", "--rdzv-backend", "c10d"]
    command += ["--rdzv-endpoint", "localhost:0", "-m", "palimpsest_training.train", "--out", str(tmp_path), "--vae", str(drawn / "vae.pt")]
    command += ["--shards", str(drawn / "shards"), "--parallel", kind, "--steps", "3", *SMALL.split()]
    subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"}, cwd=Path(__file__).parent.parent)
    saved = torch.load(tmp_path / "checkpoint.pt", weights_only=False)
    assert saved["step"] == 3
    assert train(drawn, tmp_path, monkeypatch, "--steps 4")["step"] == 4


def test_a_stop_signal_ends_training_after_the_step_with_all_of_it_saved(drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)

    class StopAfterThree(Ema):
        def update(self, model: torch.nn.Module) -> None:
            super().update(model)
            if self.steps == 3:
                signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("palimpsest_training.train.Ema", StopAfterThree)
    assert train(drawn, tmp_path, monkeypatch, "--minutes 60")["step"] == 3
    assert signal.getsignal(signal.SIGTERM) == before


def test_training_without_shards_says_how_to_draw_some(drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["train", "--out", str(tmp_path / "out"), "--vae", str(drawn / "vae.pt"), "--shards", str(tmp_path)]
    monkeypatch.setattr("sys.argv", [*command, *SMALL.split()])
    with pytest.raises(SystemExit, match="holds no shards; draw some with"):
        main()


def test_tasks_are_drawn_by_their_shares_as_far_as_there_are_shards(drawn: Path) -> None:
    shards = Shards(drawn / "shards", EMPTY)
    shards.refresh()
    del shards.by_task["words"]
    shares = {"session": 3.0, "words": 5.0, "concepts": 1.0}
    arguments = argparse.Namespace(
        shares=shares, stretch=[0.5, 0.3, 0.1, 0.1], tokens=200, patches=0, most_rows=9, direct_share=0.5, drop_regions=[0.5, 0.5]
    )
    rng = np.random.default_rng(0)
    seen = Counter(next_batch(shards, rng, rng, arguments, FRAME, "cpu")[1] for _ in range(200))
    assert set(seen) == {"session", "concepts"}
    assert 2 < seen["session"] / seen["concepts"] < 5


def test_shares_are_read_by_task_and_unknown_tasks_are_named() -> None:
    assert read_shares("session=6,clip edit=0.5") == {"session": 6.0, "clip edit": 0.5}
    assert set(DEFAULT_SHARES) == set(TASKS)
    with pytest.raises(argparse.ArgumentTypeError, match="no task 'film'; the tasks are session, words"):
        read_shares("film=1")


def test_weights_of_another_vocabulary_go_to_the_words_and_labels_of_the_same_name() -> None:
    torch.manual_seed(5)
    words, labels = tokenizer_words(), list(LABEL_NAMES)
    old = tiny.scrambled(tiny.make_editor())
    # The old model knew one word less and one label more, in another order.
    old_words, old_labels = words[:-1][::-1], ["dragon", *labels[::-1]]
    state = old.state_dict() | {
        "t5.embedding.weight": torch.randn(len(old_words), 32),
        "dit.label_out.weight": torch.randn(len(old_labels), tiny.CONFIG.width),
        "dit.label_out.bias": torch.randn(len(old_labels)),
    }
    new = tiny.make_editor()
    fresh = new.t5.embedding.weight[-1].clone()
    load_weights(new, state, {"words": old_words, "label_names": old_labels})
    for name in ("cat", "</s>", words[-2]):
        assert torch.equal(new.t5.embedding.weight[words.index(name)], state["t5.embedding.weight"][old_words.index(name)])
    assert torch.equal(new.t5.embedding.weight[-1], fresh)
    for name in ("cat", "night"):
        assert torch.equal(new.dit.label_out.weight[labels.index(name)], state["dit.label_out.weight"][old_labels.index(name)])
        assert torch.equal(new.dit.label_out.bias[labels.index(name)], state["dit.label_out.bias"][old_labels.index(name)])
    assert torch.equal(new.dit.blocks[0].qkv.weight, old.dit.blocks[0].qkv.weight)
    assert torch.equal(remap_rows(torch.arange(3.0), ["a", "b", "c"], ["c", "d", "a"], torch.tensor([7.0, 8.0, 9.0])), torch.tensor([2.0, 8.0, 0.0]))


def test_a_model_with_wider_layers_begins_as_the_one_it_comes_from() -> None:
    narrow, wide = tiny.scrambled(tiny.make_editor()), tiny.make_editor(replace(tiny.CONFIG, feed_forward=tiny.CONFIG.feed_forward * 2))
    load_weights(wide, narrow.state_dict(), NAMES)
    x = torch.randn(5, tiny.CONFIG.width)

    def fed(block: Block) -> torch.Tensor:
        gate, up = block.gate_up(x).chunk(2, -1)
        return block.down(F.silu(gate) * up)

    for old, new in zip(narrow.dit.blocks, wide.dit.blocks, strict=True):
        assert torch.allclose(fed(new), fed(old), atol=1e-5)
        assert new.gate_up.weight[tiny.CONFIG.feed_forward : 2 * tiny.CONFIG.feed_forward].abs().min() > 0


def test_a_model_is_not_made_narrower() -> None:
    wide, narrow = tiny.make_editor(replace(tiny.CONFIG, feed_forward=96)), tiny.make_editor()
    with pytest.raises(RuntimeError, match="size mismatch"):
        load_weights(narrow, wide.state_dict(), NAMES)


@pytest.mark.parametrize(("count", "shared"), [(64, 80.0), (LEAST_CHANGED, 80.0), (1, 80.0 / LEAST_CHANGED), (0, 0.0)])
def test_edits_weigh_alike_however_many_patches_they_change(count: int, shared: float) -> None:
    changed = torch.arange(64) < count
    weights = patch_weights(changed[None, None], 80.0)[0, 0]
    assert torch.allclose((weights - 1).sum(), torch.tensor(shared))
    assert torch.equal(weights > 1, changed)


def test_a_row_without_the_role_of_a_region_is_not_asked_for_it(shard: Shard) -> None:
    torch.manual_seed(6)
    editor = tiny.scrambled(tiny.make_editor())
    batch = batch_of(shard, 0, 6, Dropout(0.5, 0.5, 0.0))
    mask = next(i for i, slot in enumerate(batch.pattern) if slot.kind == "mask" and slot.is_target)
    missing = ~batch.present[mask]
    assert 0 < missing.sum() < batch.size

    def loss_with(rows: torch.Tensor) -> float:
        torch.manual_seed(7)
        other = batch.pictures[mask] + 30.0 * rows[:, None, None, None]
        return loss_of(editor, replace(batch, pictures=batch.pictures | {mask: other}), OPTIONS)[0].item()

    untouched = loss_with(torch.zeros_like(missing))
    assert loss_with(missing) == pytest.approx(untouched, rel=1e-5)
    assert loss_with(~missing) != pytest.approx(untouched, rel=1e-2)


def test_a_rolled_out_step_goes_on_from_what_the_model_made(shard: Shard) -> None:
    torch.manual_seed(8)
    editor = tiny.scrambled(tiny.make_editor())
    batch = batch_of(shard, 0, 3, Dropout(0.0, 0.0, 0.0))
    noise = torch.randn(batch.size, len(batch.targets), *next(iter(batch.pictures.values())).shape[1:])
    made = roll_out(editor, batch, noise, OPTIONS)
    assert list(made) == batch.targets
    assert all(made[i].shape == batch.pictures[i].shape for i in made)
    losses = []
    for is_rollout in (False, True):
        torch.manual_seed(9)
        losses.append(loss_of(editor, batch, OPTIONS, is_rollout=is_rollout)[0].item())
    assert np.isfinite(losses).all()
    assert losses[0] != losses[1]


def test_a_saved_autoencoder_comes_back_frozen_and_equal(drawn: Path) -> None:
    loaded = load_vae(drawn / "vae.pt")
    torch.manual_seed(4)
    image = torch.rand(1, 3, 64, 64)
    assert torch.equal(load_vae(drawn / "vae.pt").encode(image), loaded.encode(image))
    saved = torch.load(drawn / "vae.pt", weights_only=False)
    assert all(torch.equal(value, saved["state"][name]) for name, value in loaded.state_dict().items())
    assert not any(p.requires_grad for p in loaded.parameters())


def test_chosen_patches_are_different_ones_and_mostly_changed_ones() -> None:
    torch.manual_seed(5)
    changed = torch.zeros(3, 2, 64, dtype=torch.bool)
    changed[..., 20:32] = True
    chosen = choose_patches(changed, 16)
    assert chosen.shape == (3, 2, 16)
    for row, has in zip(chosen.view(-1, 16), changed.view(-1, 64), strict=True):
        assert len(set(row.tolist())) == 16
        assert has[row].sum() == 12
