"""Distillation to few steps, and the comparison of variants: what they learn from, and that their commands run."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch

from palimpsest_training import ablate, distill, train
from palimpsest_training.data import Batch, Dropout, make_shard, stretches, take_batch
from palimpsest_training.distill import Distillation, loss_of, predict_clean, target_states, teacher_lands, with_last_frame
from palimpsest_training.model.dit import unpatchify
from palimpsest_training.model.packing import frame_role
from palimpsest_training.text import build_tokenizer

EMPTY = torch.zeros(tiny.CONFIG.channels, tiny.CONFIG.grid, tiny.CONFIG.grid)


@pytest.fixture(scope="module")
def batch() -> Batch:
    """Single edits, asked for in words only."""
    torch.manual_seed(0)
    shard = make_shard(tiny.make_vae(), 1, "session", rows=12, size=tiny.SIZE, cells=tiny.CELLS, turns=3)
    single = next(s for s in stretches(shard, 1) if len(s.pattern) == 3)
    return take_batch([single], np.random.default_rng(0), 6, EMPTY, Dropout(0.0, 0.0, 0.0))


def make_pair() -> tuple[tiny.Editor, tiny.Editor]:
    torch.manual_seed(1)
    teacher = tiny.scrambled(tiny.make_editor())
    student = tiny.make_editor()
    student.load_state_dict(teacher.state_dict())
    return student, teacher


def path_of(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(2)
    return torch.randn(batch.size, 1, *EMPTY.shape), torch.full((batch.size, 1), 0.25)


def test_an_unguided_teacher_of_one_step_lands_where_the_student_starts(batch: Batch) -> None:
    student, teacher = make_pair()
    noisy, time = path_of(batch)
    landed = teacher_lands(teacher, batch, noisy, time, Distillation(guidance=1.0, teacher_steps=1))
    own = unpatchify(predict_clean(student, batch, noisy, time), tiny.CONFIG.patch, tiny.CONFIG.grid, tiny.CONFIG.grid)
    assert torch.allclose(landed, own, atol=1e-5)
    torch.manual_seed(3)
    _, parts = loss_of(student, teacher, batch, Distillation(guidance=1.0, teacher_steps=1))
    assert parts["landing"] < 1e-8


def test_guidance_moves_the_landing_away_from_what_no_words_give(batch: Batch) -> None:
    _, teacher = make_pair()
    noisy, time = path_of(batch)
    unsaid, plain, guided = (teacher_lands(teacher, batch, noisy, time, Distillation(w, teacher_steps=1)) for w in (0.0, 1.0, 2.0))
    assert torch.allclose(guided - plain, plain - unsaid, atol=1e-4)
    assert (plain - unsaid).abs().max() > 1e-3


def test_the_privileged_teacher_sees_the_last_frame_as_a_clip_has_it(batch: Batch) -> None:
    told = with_last_frame(batch)
    goal = batch.targets[0]
    assert [slot.kind for slot in told.pattern] == ["image", "text", "image", "text", "image"]
    assert told.targets == [goal + 2]
    assert torch.equal(told.pictures[goal], told.pictures[goal + 2])
    words = build_tokenizer().encode(frame_role(4, 4)).ids
    assert told.ids[goal + 1][0, : len(words)].tolist() == words
    assert told.pattern[goal + 2].time == 3
    _, teacher = make_pair()
    noisy, time = path_of(batch)
    with target_states(teacher) as states:
        predicted = predict_clean(teacher, told, noisy, time)
    assert [tuple(state.shape) for state in states] == [(batch.size, 1, tiny.CONFIG.frame_tokens, tiny.CONFIG.width)]
    other = replace(told, pictures=told.pictures | {goal: told.pictures[goal] + 1})
    assert not torch.allclose(predict_clean(teacher, other, noisy, time), predicted)
    with target_states(teacher) as later:
        pass
    assert later == []


def test_every_loss_teaches_the_student_and_none_the_teacher(batch: Batch) -> None:
    student, teacher = make_pair()
    options = Distillation(block_wise=1.0, tail=1.0)
    loss, parts = loss_of(student, teacher, batch, options)
    assert set(parts) == {"landing", "truth", "tail", "block_wise"}
    loss.backward()
    assert any(p.grad is not None and p.grad.abs().max() > 0 for p in student.parameters())
    assert all(p.grad is None for p in teacher.parameters())


SMALL = "--size 64 --width 64 --layers 2 --tokens 400 --device cpu --steps 2"


@pytest.fixture(scope="module")
def checkpoint(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["train", "--out", str(out), "--vae", str(drawn / "vae.pt"), "--shards", str(drawn / "shards"), *SMALL.split()])
        train.main()
    return out / "checkpoint.pt"


def test_the_command_distils_a_checkpoint_into_one_that_training_goes_on_from(
    drawn: Path, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = ["--vae", str(drawn / "vae.pt"), "--shards", str(drawn / "shards"), "--out", str(tmp_path)]
    options = "--steps 2 --tokens 300 --block-wise 0.1 --tail 0.1 --device cpu"
    monkeypatch.setattr("sys.argv", ["distill", "--init", str(checkpoint), *paths, *options.split()])
    distill.main()
    student, teacher = distill.load_pair(tmp_path / "checkpoint.pt", "cpu")
    saved = torch.load(tmp_path / "checkpoint.pt", weights_only=False)
    before = torch.load(checkpoint, weights_only=False)
    assert any(not torch.equal(value, before["ema"][name]) for name, value in student.state_dict().items())
    assert saved["words"] == before["words"]
    assert not any(p.requires_grad for p in teacher.parameters())
    assert json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])["step"] == 2


def test_variants_are_trained_and_measured_alike(drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = ["--vae", str(drawn / "vae.pt"), "--shards", str(drawn / "shards"), "--held-out", str(drawn / "shards"), "--out", str(tmp_path)]
    options = "--size 64 --width 64 --layers 1 --tokens 300 --shares session=1"
    monkeypatch.setattr("sys.argv", ["ablate", *paths, "--steps", "2", "--options", options])
    ablate.main()
    table = json.loads((tmp_path / "ablations.json").read_text())
    assert set(table["variants"]) == set(ablate.VARIANTS)
    for measured in table["variants"].values():
        assert set(measured) >= {"changed_turn_1", "changed_turn_2"}
        assert np.isfinite(list(measured.values())).all()
    # Equal seeds and steps: what differs is what the variant says. These few sessions hold no region that could be dropped.
    apart = [measured["changed_turn_2"] for name, measured in table["variants"].items() if "region" not in name]
    assert len(set(apart)) == len(apart) == 5
