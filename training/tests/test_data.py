"""Shards, and the batches that are cut from them."""

import random

import numpy as np
import pytest
import tiny
import torch

from palimpsest_training.data import (
    TEXT_TOKENS,
    Batch,
    Dropout,
    Shard,
    count_tokens,
    drop_context,
    encode_texts,
    make_shard,
    stretches,
    take_batch,
    without_pictures,
)
from palimpsest_training.text import build_tokenizer
from palimpsest_training.world.sprites import OBJECTS
from palimpsest_training.world.tasks import TASKS, Slot

NOTHING = Dropout(0.0, 0.0, 0.0)


def made(task: str, seed: int = 1, rows: int = 6, turns: int = 4) -> Shard:
    torch.manual_seed(0)
    return make_shard(tiny.make_vae(), seed, task, rows=rows, size=tiny.SIZE, cells=tiny.CELLS, turns=turns)


@pytest.fixture(scope="module")
def session() -> Shard:
    """A session whose pictures and texts tell where they come from: row + 100 * slot."""
    shard = made("session", rows=40)
    for index, pictures in shard.pictures.items():
        pictures[:] = (torch.arange(40) + 100 * index)[:, None, None, None]
    for index, ids in shard.ids.items():
        ids[:, 1] = torch.arange(40) + 100 * index
    return shard


EMPTY = torch.zeros(tiny.CONFIG.channels, tiny.CONFIG.grid, tiny.CONFIG.grid)


def taken(shard: Shard, seed: int, turns: int, dropout: Dropout = NOTHING, rows: int = 100) -> Batch:
    """A batch of the stretches at some place of the session."""
    found = stretches(shard, turns)
    return take_batch([found[seed % len(found)]], np.random.default_rng(seed), rows, EMPTY, dropout)


@pytest.mark.parametrize("task", TASKS)
def test_equal_seeds_give_equal_shards_of_the_tasks_pattern(task: str) -> None:
    shard, again = made(task), made(task)
    assert shard.pattern == again.pattern
    assert len(shard) == 6
    for name in ("pictures", "ids", "lengths", "labels", "changed", "reach"):
        one, other = getattr(shard, name), getattr(again, name)
        assert all(torch.equal(one[i], other[i]) for i in one)
        assert len(one) == len(other)
    kinds = {index: slot.kind for index, slot in enumerate(shard.pattern)}
    assert set(shard.ids) == set(shard.lengths) == {i for i, kind in kinds.items() if kind == "text"}
    assert set(shard.pictures) == {i for i, kind in kinds.items() if kind != "text"}
    assert set(shard.labels) == set(shard.changed) == set(shard.reach) == {i for i, slot in enumerate(shard.pattern) if slot.is_target}


def test_roles_are_said_as_they_are_and_some_instructions_end_with_a_full_stop() -> None:
    rng, stop = random.Random(0), build_tokenizer().token_to_id(".")
    ids, lengths = encode_texts(["add a cat"] * 200, rng)
    assert ids.shape == (200, TEXT_TOKENS)
    assert 5 < (ids == stop).any(1).sum() < 50
    assert ((ids == 0) == (torch.arange(TEXT_TOKENS) >= lengths[:, None])).all()
    for task in ("concepts", "demonstration", "clip edit"):
        shard = made(task, rows=30)
        roles = [i for i, slot in enumerate(shard.pattern) if slot.is_role]
        assert roles
        assert all((shard.ids[i] == shard.ids[i][0]).all() for i in roles)


def test_a_stretch_holds_its_turns_and_the_picture_that_the_first_of_them_edits(session: Shard) -> None:
    for turns in range(1, session.turns + 1):
        found = stretches(session, turns)
        assert len(found) == session.turns - turns + 1
        for first, stretch in enumerate(found):
            own = [i for i, slot in enumerate(session.pattern) if first <= slot.turn < first + turns]
            edited = [] if first == 0 else [next(session.pattern[i].edits for i in own if session.pattern[i].is_target)]
            assert stretch.slots == (*edited, *own)
            assert all(session.pattern[i].turn == first - 1 for i in edited)


def test_emphasis_repeats_the_rows_that_paint_a_thing_and_no_others(session: Shard) -> None:
    repeated = 0
    for plain, more in zip(stretches(session, 1), stretches(session, 1, 3), strict=True):
        target = more.slots[-1]
        rows, counts = more.rows.unique(return_counts=True)
        assert torch.equal(rows, plain.rows)
        for row, count in zip(rows.tolist(), counts.tolist(), strict=True):
            changed, labels = session.changed[target][row], session.labels[target][row]
            paints = bool((changed & (labels < len(OBJECTS))).any()) and int(changed.sum()) * 2 < len(changed)
            assert count == (3 if paints else 1)
            repeated += paints
    assert repeated > 20
    assert all(torch.equal(a.rows, b.rows) for a, b in zip(stretches(session, 2), stretches(session, 2, 3), strict=True))


def test_stretches_of_equal_turns_share_a_pattern_wherever_they_lie() -> None:
    shard = next(s for s in (made("session", seed, rows=30) for seed in range(40)) if not any(slot.kind == "mask" for slot in s.pattern))
    patterns = {stretch.pattern for stretch in stretches(shard, 2)}
    # Only the start picture differs: later ones were made, and are still edited as the first of their stretch.
    assert len(patterns) == 1


def test_rows_of_alike_stretches_come_from_all_of_their_shards(session: Shard) -> None:
    fields = {name: getattr(session, name) for name in Shard.__slots__}
    other = Shard(**fields | {"pictures": {i: x + 40 for i, x in session.pictures.items()}})
    alike = [stretches(shard, 4)[0] for shard in (session, other)]
    most = sum(len(stretch.rows) for stretch in alike)
    batch = take_batch(alike, np.random.default_rng(0), 10**6, EMPTY, NOTHING)
    assert batch.size == most
    rows = batch.pictures[0][:, 0, 0, 0]
    assert len(rows.unique()) == most
    for picture in batch.pictures.values():
        assert ((picture[:, 0, 0, 0] - rows) % 100 == 0).all()
    for words in batch.ids.values():
        assert ((words[:, 1] - rows % 40) % 100 == 0).all()
    some = take_batch(alike, np.random.default_rng(1), 10, EMPTY, NOTHING)
    assert some.size == 10
    assert {bool(row >= 40) for row in some.pictures[0][:, 0, 0, 0]} == {False, True}


@pytest.mark.parametrize("turns", [1, 2, 3, 4])
def test_targets_of_a_stretch_edit_the_pictures_that_they_edited_in_the_session(session: Shard, turns: int) -> None:
    starts = set()
    for seed in range(6):
        batch = taken(session, seed, turns)
        origin = {i: int(x[0, 0, 0, 0]) // 100 for i, x in batch.pictures.items()} | {i: int(x[0, 1]) // 100 for i, x in batch.ids.items()}
        starts.add(origin[0])
        assert [origin[i] for i in range(len(batch.pattern))] == sorted(origin.values())
        assert batch.targets
        for index, slot in enumerate(batch.pattern):
            old = session.pattern[origin[index]]
            assert (slot.kind, slot.time, slot.is_role, slot.group is None) == (old.kind, old.time, old.is_role, old.group is None)
            if slot.is_target:
                assert origin[slot.edits] == old.edits
                assert all(
                    torch.equal(x, y[batch.pictures[index][:, 0, 0, 0].long() % 100])
                    for x, y in [(batch.labels[index], session.labels[origin[index]])]
                )
        assert not batch.pattern[0].is_target
        assert batch.pattern[0].turn == 0
        assert {slot.turn for slot in batch.pattern} == set(range(turns))
        # The last picture is nobody's context, and every row is of one session.
        assert not batch.pattern[-1].is_context
        rows = {tuple((x[:, 0, 0, 0].long() % 100).tolist()) for x in batch.pictures.values()}
        assert len(rows) == 1
        assert len(set(next(iter(rows)))) == batch.size
    assert len(starts) == 5 - turns


def test_a_stretch_never_cuts_off_what_a_turn_refers_to(session: Shard) -> None:
    fields = {name: getattr(session, name) for name in Shard.__slots__}
    rows, last = torch.arange(40), max(session.reach)
    # Only the last turn refers to anything, each row to another frame.
    reaching = Shard(**fields | {"reach": {i: rows % 4 + 1 if i == last else torch.ones_like(rows) for i in session.reach}})
    for turns in (1, 2, 3, 4):
        for stretch in stretches(reaching, turns):
            kept = set((stretch.rows % 4 + 1).tolist())
            assert kept == set(range(1, turns + 1) if last in stretch.slots else range(1, 5))
    assert stretches(Shard(**fields | {"reach": {i: torch.full((40,), 9) for i in session.reach}}), 2) == []


def test_tokens_of_a_row_count_what_is_seen_clean_and_what_is_made() -> None:
    pattern = (Slot("image"), Slot("text"), Slot("mask"), Slot("image", is_target=True, is_context=False, edits=0))
    assert count_tokens(pattern, 66, 66) == 66 + 9 + 66 + 66
    assert count_tokens(pattern, 66, 26) == 66 + 9 + 66 + 26
    assert count_tokens(without_pictures(pattern), 66, 66) == 9 + 66 + 66


def test_a_direct_batch_sees_words_and_regions_and_still_edits_its_picture(session: Shard) -> None:
    batch = take_batch(stretches(session, 1)[:1], np.random.default_rng(0), 5, EMPTY, NOTHING, is_direct=True)
    assert not any(slot.is_context for slot in batch.pattern if slot.kind == "image")
    assert all(slot.is_context for slot in batch.pattern if slot.kind != "image")
    assert batch.pattern[batch.targets[-1]].edits == 0
    assert 0 in batch.pictures


def dropped_rows(batch: Batch, index: int) -> torch.Tensor:
    present = batch.present.get(index)
    return torch.zeros(batch.size, dtype=torch.bool) if present is None else ~present


def test_a_region_is_dropped_together_with_its_role_and_others_stay() -> None:
    shard = next(s for s in (made("session", seed, rows=40, turns=4) for seed in range(20)) if sum(slot.group is not None for slot in s.pattern) >= 4)
    batch = taken(shard, 0, 4, Dropout(0.5, 0.5, 0.0))
    groups = {slot.group for slot in batch.pattern if slot.group}
    for group in groups:
        role, mask = (i for i, slot in enumerate(batch.pattern) if slot.group == group)
        assert batch.pattern[role].is_role
        assert torch.equal(dropped_rows(batch, role), dropped_rows(batch, mask))
        assert 0 < dropped_rows(batch, role).sum() < batch.size
    assert {i for i in batch.present if dropped_rows(batch, i).any()} == {i for i, slot in enumerate(batch.pattern) if slot.group}


def test_what_a_later_turn_refers_to_is_never_dropped(session: Shard) -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        for turns in (2, 3, 4):
            batch = taken(session, seed, turns)
            reach = {i: torch.from_numpy(rng.integers(1, slot.turn + 2, batch.size)) for i, slot in enumerate(batch.pattern) if slot.is_target}
            drop_context(batch, reach, rng, Dropout(0.5, 0.5, 0.9))
            frames = [i for i, slot in enumerate(batch.pattern) if slot.kind == "image"]
            assert not any(dropped_rows(batch, i).any() for i, slot in enumerate(batch.pattern) if slot.kind == "text" and not slot.group)
            for target, needed in reach.items():
                turn = batch.pattern[target].turn
                for row, far in enumerate(needed.tolist()):
                    needs = range(turn - far + 1, turn + 1) if far > 1 else ()
                    assert not any(dropped_rows(batch, frames[number])[row] for number in needs)


def test_what_nothing_refers_to_is_dropped_as_often_as_asked() -> None:
    pattern = [
        Slot("image"),
        Slot("text"),
        Slot("image", is_target=True, edits=0),
        Slot("text", 1),
        Slot("image", 1, is_target=True, edits=2, is_context=False),
    ]
    pictures = {i: torch.zeros(4000, 1, 2, 2) for i in (0, 2, 4)}
    batch = Batch(tuple(pattern), pictures, {}, {}, {}, {}, {}, EMPTY)
    drop_context(batch, {2: torch.ones(4000), 4: torch.ones(4000)}, np.random.default_rng(0), Dropout(0.5, 0.5, 0.2))
    shares = {i: dropped_rows(batch, i).float().mean().item() for i in range(5)}
    assert shares == pytest.approx({0: 0.2, 1: 0.0, 2: 0.2, 3: 0.0, 4: 0.0}, abs=0.03)


def test_a_single_turn_loses_nothing_but_regions(session: Shard) -> None:
    for seed in range(6):
        batch = taken(session, seed, 1, Dropout(0.5, 0.5, 1.0))
        assert all(batch.pattern[i].group for i in batch.present)


@pytest.mark.parametrize("task", [t for t in TASKS if t != "session"])
def test_other_tasks_keep_all_of_their_context(task: str) -> None:
    shard = made(task)
    batch = taken(shard, 0, 1, Dropout(1.0, 1.0, 1.0))
    assert batch.present == {}
    assert len(batch.pattern) == len(shard.pattern)
    assert [slot.edits for slot in batch.pattern] == [slot.edits for slot in shard.pattern]
