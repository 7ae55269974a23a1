"""One training pass over a task's pattern equals the session that a person would have, from the same noise."""

import random

import numpy as np
import pytest
import tiny
import torch
from torch import Tensor

from palimpsest_training import data
from palimpsest_training.data import Batch, Dropout, Shard, make_shard, stretches, take_batch
from palimpsest_training.infer import EditingSession, TorchModel
from palimpsest_training.layout import assemble
from palimpsest_training.model.dit import unpatchify
from palimpsest_training.model.flow import seeded_noise
from palimpsest_training.segments import bounding_region, mask_cells, to_image
from palimpsest_training.world.tasks import Row, Slot, fill_shard

ROWS, TURNS = 2, 3
HOW = {"steps": 1, "guidance": 1.0, "shift": 1.0}
Made = dict[int, np.ndarray]
"""Slot -> clean latent that the session made of it."""


@pytest.fixture(scope="module")
def model() -> TorchModel:
    torch.manual_seed(0)
    return TorchModel(tiny.scrambled(tiny.make_editor()), tiny.make_vae())


def shard_of(model: TorchModel, task: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Shard, list[Row]]:
    """A shard with its pictures, texts and regions; latents in full precision, as a session has them."""

    def exact(_: object, frames: np.ndarray) -> Tensor:
        return torch.cat([torch.from_numpy(model.encode(to_image(frame))) for frame in frames])

    monkeypatch.setattr(data, "encode_frames", exact)
    shard = make_shard(model.vae, seed, task, rows=ROWS, size=tiny.SIZE, cells=tiny.CELLS, turns=TURNS)
    return shard, fill_shard(random.Random(f"{task} {seed}"), task, ROWS, tiny.SIZE, tiny.CELLS, TURNS).rows


def batch_of(model: TorchModel, shard: Shard, dropout: Dropout, seed: int = 0) -> tuple[Batch, list[int]]:
    """All rows and turns, and which row of the shard each row of the batch is."""
    black = np.zeros((tiny.SIZE, tiny.SIZE, 3), np.uint8)
    empty = torch.from_numpy(model.encode(to_image(black)))[0]
    batch = take_batch(stretches(shard, shard.turns), np.random.default_rng(seed), ROWS, empty, dropout)
    first = min(batch.pictures)
    order = [next(i for i in range(ROWS) if torch.equal(shard.pictures[first][i], picture)) for picture in batch.pictures[first]]
    return batch, order


def seed_of(slot: int) -> int:
    return 1000 + slot


class Replay:
    """A row of a batch as a session; what the row lost is not put in."""

    def __init__(self, model: TorchModel, batch: Batch, number: int, row: Row) -> None:
        self.model, self.batch, self.row = model, batch, row
        self.is_held = [index not in batch.present or bool(batch.present[index][number]) for index in range(len(batch.pattern))]
        # Some instructions of a shard end with a full stop.
        self.texts = {i: self._said(i, number) for i in batch.ids}
        self.made: Made = {}
        self.bounds: dict[int, np.ndarray | None] = {}

    def _said(self, slot: int, number: int) -> str:
        text, length = self.row.contents[slot], int(self.batch.lengths[slot][number])
        return text if len(self.model.tokenizer.encode(text).ids) == length else text + "."

    def slots(self, kind: str, *, turn: int | None = None, is_role: bool = False) -> list[int]:
        found = [i for i, s in enumerate(self.batch.pattern) if s.kind == kind and s.is_role == is_role]
        return [i for i in found if turn is None or self.batch.pattern[i].turn == turn]

    def picture(self, slot: int) -> np.ndarray:
        return self.row.contents[slot]

    def keep(self, slot: int, session: EditingSession, region: np.ndarray | None = None) -> None:
        self.made[slot] = session.entries[-1].content
        self.bounds[slot] = region

    def start(self) -> EditingSession:
        """A session that begins with the pattern's first picture, if that is one to edit."""
        first: Slot = self.batch.pattern[0]
        return EditingSession(self.model, self.picture(0) if first.kind == "image" and not first.is_target else None)

    def session(self) -> None:
        session = self.start()
        for turn in range(TURNS):
            (said,) = self.slots("text", turn=turn)
            masks = {self._region_of(i): i for i in self.slots("mask", turn=turn)}
            given = {name: self.picture(i)[..., 0] > 0 for name, i in masks.items() if self.is_held[i]}
            drawn, how = given.pop("drawn", None), HOW
            for name, index in masks.items():
                if self.batch.pattern[index].is_target and self.is_held[index]:
                    before = {"now": given["now"]} if name == "next" and "now" in given else {}
                    session.predict_region(name, self.texts[said], seed=seed_of(index), drawn=drawn, **before, **how)
                    self.made[index] = session.region_latent
            target = self.slots("image", turn=turn)[-1]
            session.edit(self.texts[said], seed=seed_of(target), drawn=drawn, **given, **how)
            self.keep(target, session, bounding_region(drawn, given.get("now"), given.get("next")))

    def _region_of(self, slot: int) -> str:
        role = self.row.contents[slot - 1]
        return {"region now": "now", "region next": "next"}.get(role if self.batch.pattern[slot - 1].is_role else "", "drawn")

    def words(self) -> None:
        session = self.start()
        session.edit(self.texts[0], seed=seed_of(1), **HOW)
        self.keep(1, session)

    def referring(self) -> None:
        """Concepts and demonstrations: one turn with reference pictures."""
        session, kinds = self.start(), {"example before": "exampleBefore", "example after": "exampleAfter"}
        references = [(kinds.get(self.row.contents[role], "picture"), self.picture(role + 1)) for role in self.slots("text", is_role=True)]
        (said,), target = self.slots("text"), len(self.batch.pattern) - 1
        session.edit(self.texts[said], seed=seed_of(target), references=references, **HOW)
        self.keep(target, session)

    concepts = demonstration = referring

    def clip_between(self) -> None:
        session = self.start()
        session.add_text(self.texts[1])
        session.add_picture(self.picture(2))
        targets = self.batch.targets
        # The seed of frame i is `seed` + i, and frames of a clip are two slots apart: the noise is set below.
        session.between(len(targets) + 2, seed=0, **HOW)
        made = [entry.content for entry in session.entries if entry.time > 0]
        self.made = dict(zip(targets, made, strict=True))

    def clip_edit(self) -> None:
        session = EditingSession(self.model, None)
        targets = self.batch.targets
        for time in range(len(targets)):
            session.add_picture(self.picture(time), time=time)
        (said,) = self.slots("text")
        session.edit_clip(self.texts[said], len(targets), seed=0, **HOW)
        made = [entry.content for entry in session.entries if entry.kind == "image"][len(targets) :]
        self.made = dict(zip(targets, made, strict=True))


def noise_of(task: str, batch: Batch, shape: tuple[int, ...]) -> Tensor:
    """[B, K, C, h, w]: the noise that the seeds of the session give."""
    first = {"clip between": 2, "clip edit": 1}.get(task)
    seeds = [seed_of(slot) if first is None else first + number for number, slot in enumerate(batch.targets)]
    return torch.stack([torch.from_numpy(seeded_noise(seed, shape)) for seed in seeds], 1).expand(batch.size, -1, -1, -1, -1)


def assert_equal_pass(model: TorchModel, task: str, batch: Batch, replays: list[Replay]) -> None:
    config, dit = tiny.CONFIG, model.editor.dit
    for replay in replays:
        getattr(replay, task.replace(" ", "_"))()
    pictures = [slot for slot in batch.targets if batch.pattern[slot].kind == "image"]
    made = {slot: torch.cat([torch.from_numpy(replay.made[slot]) for replay in replays]) for slot in pictures}
    noise = noise_of(task, batch, (1, config.channels, config.grid, config.grid))
    with torch.no_grad():
        clean, targets = assemble(dit, model.editor.t5, batch, noise, torch.zeros(noise.shape[:2]), made=made)
        predicted = unpatchify(dit(clean, targets)[0], config.patch, config.grid, config.grid).numpy()
    compared = 0
    for number, slot in enumerate(batch.targets):
        for row, replay in enumerate(replays):
            if slot not in replay.made:
                assert not replay.is_held[slot]
                continue
            got, wanted = predicted[row, number], replay.made[slot][0]
            region = replay.bounds.get(slot)
            inside = np.ones(got.shape[1:], bool) if region is None else mask_cells(region, config.downsample)
            compared += 1
            assert np.abs(got - wanted)[:, inside].max() < 1e-3 * np.abs(wanted).max(), (slot, row)
    assert compared >= len(replays)


CASES = [("session", seed) for seed in range(6)] + [
    (task, seed) for task in ("words", "concepts", "demonstration", "clip between", "clip edit") for seed in range(2)
]


@pytest.mark.parametrize(("task", "seed"), CASES)
def test_a_training_pass_equals_the_session(model: TorchModel, task: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shard, rows = shard_of(model, task, seed, monkeypatch)
    batch, order = batch_of(model, shard, Dropout(0.0, 0.0, 0.0))
    replays = [Replay(model, batch, number, rows[row]) for number, row in enumerate(order)]
    assert_equal_pass(model, task, batch, replays)


def test_a_row_without_its_regions_is_a_session_without_them(model: TorchModel, monkeypatch: pytest.MonkeyPatch) -> None:
    dropped = 0
    for seed in range(8):
        shard, rows = shard_of(model, "session", seed, monkeypatch)
        batch, order = batch_of(model, shard, Dropout(0.6, 0.6, 0.0), seed)
        replays = [Replay(model, batch, number, rows[row]) for number, row in enumerate(order)]
        dropped += sum(not all(replay.is_held) for replay in replays)
        assert_equal_pass(model, "session", batch, replays)
    assert dropped >= 3


def test_a_row_without_some_frames_is_a_session_that_never_had_them(model: TorchModel, monkeypatch: pytest.MonkeyPatch) -> None:
    config, dit = tiny.CONFIG, model.editor.dit
    compared = 0
    for seed in range(60):
        pattern = fill_shard(random.Random(f"session {seed}"), "session", 1, tiny.SIZE, tiny.CELLS, TURNS).pattern
        if any(slot.kind == "mask" for slot in pattern):
            continue
        shard, rows = shard_of(model, "session", seed, monkeypatch)
        batch, order = batch_of(model, shard, Dropout(0.0, 0.0, 0.5), seed)
        noise = noise_of("session", batch, (1, config.channels, config.grid, config.grid))
        with torch.no_grad():
            clean, targets = assemble(dit, model.editor.t5, batch, noise, torch.zeros(noise.shape[:2]))
            predicted = unpatchify(dit(clean, targets)[0], config.patch, config.grid, config.grid).numpy()
        for number, row in enumerate(order):
            replay = Replay(model, batch, number, rows[row])
            for turn, target in enumerate(batch.targets):
                said, edited = target - 1, batch.pattern[target].edits
                held = [i for i in range(said) if replay.is_held[i]]
                # A session always holds the picture that it edits.
                if len(held) == said or edited not in held:
                    continue
                session = EditingSession(model, None)
                for index in held:
                    session.add_text(replay.texts[index]) if index in replay.texts else session.add_picture(replay.picture(index))
                session.edit(replay.texts[said], seed=seed_of(target), **HOW)
                assert np.abs(predicted[number, turn] - session.latent[0]).max() < 1e-3 * np.abs(session.latent).max()
                compared += 1
    assert compared >= 3
