"""The program that decides whether an edit was done right."""

import random
from dataclasses import replace

import numpy as np
import pytest

from palimpsest_training.success import is_scene, judge, psnr_outside, rivals
from palimpsest_training.world.edits import OPERATIONS, Edit, sample_edit, sample_session
from palimpsest_training.world.sampling import sample_scene
from palimpsest_training.world.scene import Scene, Thing, render

SIZE = 96


@pytest.fixture(scope="module")
def edits() -> list[Edit]:
    rng = random.Random(3)
    return [sample_session(rng, 2, held_out=True)[1] for _ in range(300)]


def test_the_true_frame_of_every_edit_is_right(edits: list[Edit]) -> None:
    assert {edit.operation for edit in edits} == set(OPERATIONS)
    for edit in edits:
        verdict = judge(edit, render(edit.after, SIZE))
        assert verdict.is_right, edit
        assert verdict.left == verdict.leaked == 0


def test_the_unedited_frame_is_never_right(edits: list[Edit]) -> None:
    for edit in edits:
        assert not judge(edit, render(edit.before, SIZE)).is_right, edit


def test_the_frame_of_another_edit_is_never_right(edits: list[Edit]) -> None:
    rng = random.Random(4)
    judged = 0
    for edit in edits:
        other = sample_edit(rng, edit.before, held_out=True, operation=edit.operation if rng.random() < 0.7 else None)
        picture = render(other.after, SIZE)
        # Sampling may find the true edit again, and the order in which a scene lists its things is not visible.
        if not np.array_equal(picture, render(edit.after, SIZE)):
            judged += 1
            assert not judge(edit, picture).is_right, (edit, other.instruction)
    assert judged > 200


@pytest.mark.parametrize("size", ["small", "large"])
def test_a_right_edit_that_loses_another_thing_is_not_right(size: str) -> None:
    scene = Scene("snow", (Thing("cat", "left"), Thing("rabbit", "right", size)))
    for operation in OPERATIONS:
        edit = sample_edit(random.Random(5), scene, operation=operation)
        for thing in edit.after.things:
            if thing in scene.things:
                assert not judge(edit, render(edit.after.without(thing.name), SIZE)).is_right, (edit, thing)


def test_removing_a_thing_is_neither_moving_nor_replacing_nor_resizing_it() -> None:
    # Small things on ground of their own colour leave the least to see.
    scene = Scene("snow", (Thing("rabbit", "top left", "small"), Thing("duck", "left", "small")))
    rng = random.Random(6)
    for name in ("rabbit", "duck"):
        edit = Edit("remove", f"remove the {name}", scene, scene.without(name))
        for _ in range(30):
            other = sample_edit(rng, scene, held_out=True, operation=rng.choice(["move", "replace", "resize"]))
            assert not judge(edit, render(other.after, SIZE)).is_right, (edit, other)


def test_a_ghost_of_the_edit_is_not_right(edits: list[Edit]) -> None:
    for edit in edits[:40]:
        ghost = 0.6 * render(edit.before, SIZE) + 0.4 * render(edit.after, SIZE)
        assert not judge(edit, ghost.astype(np.uint8)).is_right, edit


def test_slight_noise_over_the_true_frame_leaves_it_right(edits: list[Edit]) -> None:
    noise = np.random.default_rng(0).normal(0, 5, (SIZE, SIZE, 3))
    for edit in edits[:40]:
        picture = np.clip(render(edit.after, SIZE) + noise, 0, 255).astype(np.uint8)
        assert judge(edit, picture).is_nearest, edit
        assert judge(edit, picture).leaked == 0, edit


def test_the_true_scene_is_none_of_its_rivals(edits: list[Edit]) -> None:
    for edit in edits:
        for rival in rivals(edit):
            assert (rival.background, rival.style, set(rival.things)) != (edit.after.background, edit.after.style, set(edit.after.things)), edit


def test_psnr_outside_ignores_the_change_and_sees_the_rest() -> None:
    scene = Scene("meadow", (Thing("dog", "left"),))
    edit = Edit("add", "add a cat on the right", scene, scene.plus(Thing("cat", "right")))
    assert psnr_outside(edit, render(scene, SIZE)) == psnr_outside(edit, render(edit.after, SIZE)) > 70
    assert psnr_outside(edit, render(edit.after.without("dog"), SIZE)) < 40
    everywhere = replace(edit, operation="background", after=replace(scene, background="night"))
    assert psnr_outside(everywhere, render(scene, SIZE)) is None


def test_only_the_scene_that_was_asked_for_is_right() -> None:
    rng = random.Random(8)
    for _ in range(100):
        scene = sample_scene(rng, held_out=True, most=2, styled=0.0)
        assert is_scene(scene, render(scene, SIZE))
        other = sample_scene(rng, held_out=True, most=2, styled=0.0)
        if set(other.things) != set(scene.things) or other.background != scene.background:
            assert not is_scene(scene, render(other, SIZE)), (scene, other)
        grey = np.full((SIZE, SIZE, 3), render(scene, SIZE).mean((0, 1)), np.uint8)
        assert not is_scene(scene, grey)
        for thing in scene.things:
            assert not is_scene(scene, render(scene.without(thing.name), SIZE))
