"""Training examples of every task as patterns of slots."""

import random

import numpy as np
import pytest
from reader import readings

from palimpsest_training.model.packing import ROLES, frame_role
from palimpsest_training.world import tasks
from palimpsest_training.world.backgrounds import BACKGROUNDS
from palimpsest_training.world.language import TEMPLATES
from palimpsest_training.world.sampling import WORLD, World, sample_scene
from palimpsest_training.world.scene import Scene, has_held_out, placed, render
from palimpsest_training.world.sprites import OBJECTS
from palimpsest_training.world.tasks import (
    LABEL_NAMES,
    NO_LABEL,
    TASKS,
    Filler,
    changed_grid,
    edited_ends,
    fill_shard,
    label_grid,
    sample_clip_edit,
    sample_demonstration,
)

SIZE, CELLS = 64, 2


def filled(task: str, seed: int, rows: int = 3, turns: int = 3) -> Filler:
    return fill_shard(random.Random(f"{task} {seed}"), task, rows, SIZE, CELLS, turns)


@pytest.mark.parametrize("task", TASKS)
def test_all_rows_of_a_shard_fill_one_pattern_with_its_kinds_of_content(task: str) -> None:
    for seed in range(3):
        filler = filled(task, seed)
        assert len(filler.rows) == 3
        targets = [i for i, slot in enumerate(filler.pattern) if slot.is_target]
        assert targets
        for row in filler.rows:
            assert len(row.contents) == len(filler.pattern)
            assert sorted(row.labels) == sorted(row.changed) == sorted(row.reach) == targets
            for index, (slot, content) in enumerate(zip(filler.pattern, row.contents, strict=True)):
                assert isinstance(content, str) == (slot.kind == "text")
                assert slot.edits is None or (slot.is_target and filler.pattern[slot.edits].kind == "image" and slot.edits < index)
                if slot.kind == "mask":
                    assert set(np.unique(content)) <= {0, 255}
                if slot.is_target:
                    assert row.labels[index].shape == row.changed[index].shape == (CELLS**2,)


@pytest.mark.parametrize("task", TASKS)
def test_equal_seeds_fill_equal_shards(task: str) -> None:
    one, same, other = filled(task, 1), filled(task, 1), filled(task, 2)
    assert one.pattern == same.pattern
    for a, b in zip(one.rows, same.rows, strict=True):
        assert all(np.array_equal(x, y) for x, y in zip(a.contents, b.contents, strict=True))
    assert [c for row in one.rows for c in row.contents if isinstance(c, str)] != [
        c for row in other.rows for c in row.contents if isinstance(c, str)
    ]


@pytest.mark.parametrize("task", TASKS)
def test_no_shard_shows_a_held_out_combination(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Scene] = []

    def watched(scene: Scene, size: int) -> np.ndarray:
        drawn.append(scene)
        return render(scene, size)

    def watched_between(before: Scene, after: Scene, share: float, size: int) -> np.ndarray:
        drawn.extend((before, after))
        return tasks.render(before if share < 0.5 else after, size)

    monkeypatch.setattr(tasks, "render", watched)
    monkeypatch.setattr(tasks, "render_between", watched_between)
    for seed in range(6):
        filled(task, seed, rows=4)
    assert len(drawn) >= 24
    assert not any(has_held_out(scene) for scene in drawn)


@pytest.mark.parametrize("task", TASKS)
def test_training_never_uses_the_last_phrasing_of_a_kind(task: str) -> None:
    last = {kind: len(known) - 1 for kind, known in TEMPLATES.items()}
    read = 0
    for seed in range(6):
        filler = filled(task, seed, rows=6)
        texts = [i for i, slot in enumerate(filler.pattern) if slot.kind == "text" and not slot.is_role]
        for text in (row.contents[i] for row in filler.rows for i in texts):
            found = readings(text)
            read += len(found)
            assert not any(number == last[kind] for kind, number, _ in found), text
    assert read > 0 or task == "concepts"


def test_a_turn_says_words_regions_and_picture_in_this_order() -> None:
    seen = set()
    for seed in range(12):
        filler = filled("session", seed, rows=1)
        pattern, contents = filler.pattern, filler.rows[0].contents
        assert (pattern[0].kind, pattern[0].is_target) == ("image", False)
        frame = 0
        for turn in range(3):
            inside = [i for i, slot in enumerate(pattern) if slot.turn == turn and i > 0]
            kinds = [contents[i] if pattern[i].is_role else pattern[i].kind for i in inside]
            regions = [ROLES["regionNow"], "mask", ROLES["regionNext"], "mask"]
            assert kinds in (["text", "image"], ["text", "mask", "image"], ["text", *regions, "image"])
            is_asked = any(pattern[i].kind == "mask" and pattern[i].is_target for i in inside)
            seen.add((len(kinds), is_asked))
            # Regions that are asked for can be dropped, each with its role; those that a person gave cannot.
            groups = [pattern[i].group for i in inside[1:-1]]
            assert groups == ([f"regionNow {turn}"] * 2 + [f"regionNext {turn}"] * 2 if is_asked else [None] * len(groups))
            assert all(pattern[i].edits == frame for i in inside if pattern[i].is_target)
            frame = inside[-1]
    assert seen == {(2, False), (3, False), (6, False), (6, True)}


def test_clips_name_their_frames_and_edit_the_right_picture_at_the_right_time() -> None:
    for seed in range(4):
        filler = filled("clip between", seed, rows=1)
        pattern, contents = filler.pattern, filler.rows[0].contents
        assert [slot.kind for slot in pattern[:3]] == ["image", "text", "image"]
        count = len(pattern[3:]) // 2 + 2
        for number, at in enumerate(range(3, len(pattern), 2), 2):
            assert contents[at] == frame_role(number, count)
            assert (pattern[at + 1].edits, pattern[at + 1].time, pattern[at + 1].is_target) == (0, number - 1, True)
        assert all(slot.time == 0 for slot in pattern[:3])

        filler = filled("clip edit", seed, rows=1)
        pattern, contents = filler.pattern, filler.rows[0].contents
        count = (len(pattern) - 1) // 3
        assert [(slot.kind, slot.time) for slot in pattern[:count]] == [("image", i) for i in range(count)]
        assert (pattern[count].kind, pattern[count].is_role) == ("text", False)
        for number, at in enumerate(range(count + 1, len(pattern), 2), 1):
            assert contents[at] == frame_role(number, count)
            assert (pattern[at + 1].edits, pattern[at + 1].time) == (number - 1, number - 1)


def test_an_edited_clip_changes_every_frame_by_the_edit_alone() -> None:
    rng = random.Random(3)
    operations = set()
    for _ in range(150):
        motion, edit = sample_clip_edit(rng)
        operations.add((motion.operation, edit.operation))
        first, last = edited_ends(motion, edit)
        assert first == edit.after
        # Whatever the edit made new keeps its key, or it would fade into something else on the way.
        new = {t.key for t in edit.after.things} - {t.key for t in edit.before.things}
        assert new <= {t.key for t in last.things}
        assert not new & {t.key for t in motion.after.things}
        assert len({t.key for t in last.things}) == len(last.things)
    assert len(operations) > 25


def test_an_example_and_the_asked_picture_change_in_the_same_way() -> None:
    rng = random.Random(4)
    for _ in range(60):
        example, edit = sample_demonstration(rng)
        if example.is_whole:
            changed = [name for name in ("background", "style", "light", "camera") if getattr(example.before, name) != getattr(example.after, name)]
            assert all(getattr(edit.after, name) == getattr(example.after, name) for name in changed)
            assert edit.after.things == edit.before.things
            continue
        (gone, new), (ours_gone, ours_new) = example.changed_things(), edit.changed_things()
        assert [t.name for t in gone] == [t.name for t in ours_gone]
        assert [(t.name, t.colour) for t in new] == [(t.name, t.colour) for t in ours_new]


def test_labels_name_the_thing_or_background_at_the_centre_of_a_cell() -> None:
    grid = label_grid(Scene("night", (placed("cat", "middle", "large"),)), 8).reshape(8, 8)
    assert set(grid[3:5, 3:5].reshape(-1)) == {LABEL_NAMES.index("cat")}
    assert grid[0, 0] == len(OBJECTS) + BACKGROUNDS.index("night")
    rng = random.Random(0)
    assert max(label_grid(sample_scene(rng), 8).max() for _ in range(200)) < len(LABEL_NAMES) < NO_LABEL
    front = Scene("night", (placed("cat", "middle", "large", layer=1), placed("dog", "middle", "large")))
    assert label_grid(front, 8)[8 * 4 + 4] == LABEL_NAMES.index("cat")


def test_only_pictures_of_one_scene_have_labels() -> None:
    for task in TASKS:
        filler = filled(task, 5)
        for row in filler.rows:
            for index, labels in row.labels.items():
                slot = filler.pattern[index]
                is_between = task == "clip between" or (task == "clip edit" and slot.time not in {0, max(s.time for s in filler.pattern)})
                assert (labels == NO_LABEL).all() == (slot.kind == "mask" or is_between)


def test_changed_patches_are_those_that_hold_changed_pixels() -> None:
    before = Scene("beach", (placed("cat", "left"),))
    first, second = (render(scene, 128) for scene in (before, before.plus(placed("dog", "right"))))
    grid = changed_grid(first, second, 8).reshape(8, 8)
    assert not grid[:, :4].any()
    assert grid[4, 6]
    assert not changed_grid(first, first, 8).any()


def test_a_row_that_does_not_fit_the_pattern_is_refused() -> None:
    filler = Filler(SIZE, CELLS)
    filler.begin()
    filler.text("add a cat")
    filler.begin()
    with pytest.raises(AssertionError, match="slot 0 is"):
        filler.role("region now")


def test_only_sessions_and_pictures_from_words_are_drawn_of_a_part_of_the_world() -> None:
    part = World(OBJECTS[:12], ("beach", "meadow"), WORLD.styles[:2], WORLD.lights[:1], (), is_rich=False)
    shown = {"session": set(), "words": set()}
    for task, names in shown.items():
        filler = fill_shard(random.Random(1), task, 8, SIZE, CELLS, 3, part, ("add", "remove", "background"))
        for row in filler.rows:
            names.update(int(label) for grid in row.labels.values() for label in grid)
    known = {LABEL_NAMES.index(name) for name in (*part.objects, *part.backgrounds)} | {NO_LABEL}
    assert all(known >= names for names in shown.values())
    assert all(names - {NO_LABEL} for names in shown.values())
    with pytest.raises(ValueError, match="whole world"):
        fill_shard(random.Random(1), "concepts", 1, SIZE, CELLS, 1, part)
