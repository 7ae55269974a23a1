"""Edits: which occur, where they show, and what they need of the history."""

import random
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from palimpsest_training.world.edits import DRAWABLE, OPERATIONS, WEIGHTS, make_edit, sample_edit, sample_held_out_session, sample_session
from palimpsest_training.world.history import Edit, History
from palimpsest_training.world.language import Speaker
from palimpsest_training.world.sampling import WORLD, World, sample_scene
from palimpsest_training.world.scene import Camera, Scene, has_held_out, is_visible, placed, render
from palimpsest_training.world.sprites import OBJECTS

SIZE = 128
# Contours reach one pixel on at this size, and the blocks of pixel art are 4 pixels wide.
REACHES = {"comic": 2, "blueprint": 2, "pixel art": 4}


@pytest.fixture(scope="module")
def edits() -> list[Edit]:
    """Every operation at least eight times, after two turns of words."""
    rng = random.Random(3)
    found: dict[str, list[Edit]] = defaultdict(list)
    while any(len(found[name]) < 8 for name in OPERATIONS):
        past = sample_session(rng, ["words"] * 2, held_out=True)
        h = History(rng, Speaker(rng), past[0].before, edits=past)
        for name in OPERATIONS:
            edit = sample_edit(h, operation=name, way="dragged" if name == "drag" else "words", held_out=True, tries=2)
            if edit is not None and len(found[name]) < 8:
                found[name].append(edit)
    return [edit for many in found.values() for edit in many]


def history(*scenes: Scene, seed: int = 0) -> History:
    """A session in which each scene follows from the one before by some edit."""
    rng = random.Random(seed)
    edits = [Edit("add", "", a, b) for a, b in pairwise(scenes)]
    return History(rng, Speaker(rng), scenes[0], edits=edits)


def grown(mask: np.ndarray, by: int) -> np.ndarray:
    """The region and its neighbours, diagonal ones too."""
    for _ in range(by):
        wide = np.pad(mask, 1)
        mask = np.any([np.roll(wide, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)], 0)[1:-1, 1:-1]
    return mask


def difference(edit: Edit) -> np.ndarray:
    return np.abs(render(edit.before, SIZE).astype(int) - render(edit.after, SIZE)).max(-1)


def test_sessions_hold_every_operation_about_as_often_as_their_weights_say() -> None:
    rng = random.Random(1)
    counts = Counter(edit.operation for _ in range(300) for edit in sample_session(rng, ["words"] * 4))
    assert set(counts) == set(WEIGHTS)
    # Operations that need more of a scene come less often.
    assert min(counts.values()) >= 8
    drawn = Counter(sample_session(rng, ["drawn"])[0].operation for _ in range(200))
    assert set(drawn) == set(DRAWABLE)
    assert {sample_session(rng, ["dragged"])[0].operation for _ in range(10)} == {"drag"}


def test_every_edit_is_seen_but_those_that_must_not_change_anything(edits: list[Edit]) -> None:
    for edit in edits:
        if edit.operation in {"keep", "absent"}:
            assert edit.after == edit.before
            assert not difference(edit).any()
        else:
            assert (difference(edit) > 16).sum() >= 10, edit


def test_an_edit_changes_pixels_only_inside_its_regions(edits: list[Edit]) -> None:
    for edit in edits:
        now, after = edit.regions(SIZE)
        outside = ~grown(now | after, REACHES.get(edit.before.style, 1))
        # A region ends where the shadow is fainter than 2 %, which is 5 of 255 levels; a style may stretch that, and one
        # of few levels rounds some pixels of it to the next.
        least, most = (24, 0.001) if edit.before.style in REACHES else (8, 0.0)
        assert (difference(edit) > least)[outside].sum() <= most * SIZE**2, edit


def test_a_region_is_filled_by_what_changes(edits: list[Edit]) -> None:
    for edit in edits:
        now, after = edit.regions(SIZE)
        gone, new = edit.changed_things()
        if edit.is_whole:
            assert now.all()
            assert after.all()
            continue
        assert (now.any(), after.any()) == (any(is_visible(edit.before, t) for t in gone), any(is_visible(edit.after, t) for t in new)), edit
        if edit.operation in {"add", "remove", "move", "count", "beside"}:
            assert (difference(edit)[now | after] > 0).mean() > 0.4, edit


def test_a_drawn_region_lies_about_all_that_changes() -> None:
    rng = random.Random(4)
    for _ in range(60):
        edit = sample_session(rng, ["drawn"], held_out=True)[0]
        drawn = edit.drawn_mask(rng, SIZE)
        now, after = edit.regions(SIZE)
        assert drawn[now | after].mean() > 0.6, edit
        assert drawn.mean() < 0.45, edit
    assert replace(edit, is_drawn=False).drawn_mask(rng, SIZE) is None


def test_both_regions_of_a_drag_show_its_one_thing_where_it_was_and_will_be() -> None:
    rng = random.Random(5)
    for _ in range(40):
        edit = sample_session(rng, ["dragged"], held_out=True)[0]
        gone, new = edit.changed_things()
        assert len(gone) == len(new) == 1
        assert (gone[0].key, gone[0].name, gone[0].colour) == (new[0].key, new[0].name, new[0].colour)
        assert all(region.any() for region in edit.regions(SIZE))


def test_held_out_sessions_begin_with_combinations_that_training_does_not_show() -> None:
    rng = random.Random(8)
    edits = [sample_held_out_session(rng, ["words"])[0] for _ in range(150)]
    bringing = [e for e in edits if e.operation in {"add", "replace", "move", "beside", "count", "background", "story"}]
    assert len(bringing) > 40
    assert all(e.touches_held_out() and has_held_out(e.after) for e in bringing)
    assert {e.operation for e in edits} >= set(WEIGHTS) - {"it", "back", "keep", "layer", "camera", "among", "story"}
    assert not {e.operation for e in edits} & {"it", "back"}
    assert all(e.reach == 1 for e in edits)


def test_no_edit_reaches_back_farther_than_asked() -> None:
    rng = random.Random(9)
    for farthest in (1, 2):
        edits = [e for _ in range(60) for e in sample_session(rng, ["words"] * 4, farthest=farthest)]
        assert max(e.reach for e in edits) == farthest


def test_an_edit_that_the_scene_does_not_allow_is_none() -> None:
    assert make_edit(history(Scene("beach")), "move") is None
    assert sample_edit(history(Scene("beach")), operation="remove", tries=5) is None
    assert sample_edit(history(Scene("beach")), operation="back", tries=5) is None
    assert sample_edit(history(Scene("beach")), way="dragged", tries=5) is None


def test_what_comes_into_view_again_needs_the_frame_that_showed_it() -> None:
    start = Scene("beach", (placed("cat", "left", key=1),))
    gone = replace(start, camera=Camera(0.74, 0.5))
    found = defaultdict(set)
    for seed in range(60):
        for name, h in (
            ("last", history(start, gone, seed=seed)),
            ("first", history(start, gone, gone, seed=seed)),
            ("never", history(gone, seed=seed)),
        ):
            edit = sample_edit(h, operation="camera", held_out=True, tries=5)
            if edit is not None and "left" in edit.instruction.split():
                found[name].add(edit.reach)
    assert not is_visible(gone, gone.things[0])
    assert dict(found) == {"last": {2}, "first": {3}}


def test_colours_come_back_only_from_frames_that_showed_them() -> None:
    coloured = Scene("beach", (placed("cat", "left", colour="red", key=1),))
    grey = replace(coloured, style="black and white")

    def reaches(*scenes: Scene) -> set[int]:
        found = [sample_edit(history(*scenes, seed=seed), operation="style", held_out=True, tries=1) for seed in range(40)]
        return {e.reach for e in found if e is not None and e.after.style in {"full colour", "pastel", "negative"}}

    assert reaches(coloured, grey) == {2}
    assert reaches(coloured, grey, grey) == {3}
    assert reaches(grey) == set()
    assert reaches(coloured) == {1}


def test_where_it_was_before_is_where_it_stood_last_not_where_it_stood_in_one_direction() -> None:
    first, second, third = (Scene("beach", (placed("cat", place, key=1),)) for place in ("top left", "top right", "bottom right"))
    seen = []
    for seed in range(60):
        edit = sample_edit(history(first, second, third, seed=seed), operation="back", held_out=True, tries=1)
        if edit is not None and "back" in edit.instruction.split() and "cat" in edit.instruction.split():
            seen.append((edit.after.things[0].x, edit.after.things[0].y, edit.reach))
    thing = second.things[0]
    assert set(seen) == {(thing.x, thing.y, 2)}


def test_a_thing_that_is_added_after_another_was_removed_is_a_new_one() -> None:
    cat, dog = placed("cat", "left", key=1), placed("dog", "right", key=2)
    start = Scene("beach", (cat, dog))
    h = history(start, start.without(dog))
    edit = sample_edit(h, operation="add", held_out=True)
    assert edit.changed_things()[1][0].key == 3


def twins(seed: int, operation: str) -> tuple[History, History]:
    """Two sessions of the same last frame that came about in different ways."""
    rng = random.Random(seed)
    while True:
        scene = sample_scene(rng, held_out=True, least=2, most=3, styled=0.0)
        a, b = scene.things[:2]
        if a.name != b.name and scene.named(a.name) == [a] and scene.named(b.name) == [b]:
            break
    if operation == "bring back":
        bare = scene.without(a, b)
        other = replace(a, x=b.x, y=b.y)
        return history(bare.plus(a), bare, seed=seed), history(bare.plus(other), bare, seed=seed)
    return history(scene.without(a), scene, seed=seed), history(scene.without(b), scene, seed=seed)


@pytest.mark.parametrize(("operation", "opening"), [("it", ""), ("back", "undo"), ("bring back", "bring back the")])
def test_one_last_picture_and_one_text_have_different_right_answers_under_different_histories(operation: str, opening: str) -> None:
    pairs = 0
    for seed in range(300):
        first, second = twins(seed, operation)
        assert np.array_equal(render(first.scene, 64), render(second.scene, 64))
        name = "back" if operation == "bring back" else operation
        one, other = (sample_edit(h, operation=name, held_out=True, tries=1) for h in (first, second))
        if one is None or other is None or one.instruction != other.instruction or not one.instruction.startswith(opening):
            continue
        pairs += 1
        assert one.reach > 1
        # Whoever sees the last picture only must give both the same answer, so is wrong for one of them.
        changed = np.abs(render(one.after, 64).astype(int) - render(other.after, 64)).max(-1) > 24
        assert changed.sum() >= 6, (one, other)
    assert pairs >= 10


def test_a_session_of_a_part_of_the_world_holds_and_does_nothing_else() -> None:
    part = World(OBJECTS[:12], ("beach", "meadow"), WORLD.styles[:2], WORLD.lights[:1], (), is_rich=False)
    allowed = ("add", "remove", "background", "it", "back", "absent")
    rng = random.Random(4)
    seen = [edit for _ in range(40) for edit in sample_session(rng, ["words"] * 4, world=part, allowed=allowed)]
    assert {edit.operation for edit in seen} == set(allowed)
    assert all(thing.name in part.objects and thing.colour is None for edit in seen for thing in edit.after.things)
    assert {edit.after.background for edit in seen} == set(part.backgrounds)
    # "it" can only be removed, too.
    assert all(len(edit.after.things) < len(edit.before.things) for edit in seen if edit.operation == "it")
