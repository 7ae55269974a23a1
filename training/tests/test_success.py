"""The program that decides whether an edit was done right."""

import random
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest

from palimpsest_training.success import changed_pixels, is_scene, judge, mask_iou, place_error, psnr, psnr_outside, rivals
from palimpsest_training.world.edits import OPERATIONS, sample_edit, sample_session
from palimpsest_training.world.history import Edit, History
from palimpsest_training.world.language import Speaker
from palimpsest_training.world.sampling import sample_scene
from palimpsest_training.world.scene import Camera, Scene, placed, render
from palimpsest_training.world.tasks import sample_description

SIZE = 96
RESTING = {"keep", "absent"}


@pytest.fixture(scope="module")
def asked() -> list[tuple[History, Edit]]:
    """Every operation at least seven times, each with the history that it was asked in."""
    rng = random.Random(3)
    found: dict[str, list[tuple[History, Edit]]] = defaultdict(list)
    while any(len(found[name]) < 7 for name in OPERATIONS):
        past = sample_session(rng, ["words"] * 2, held_out=True)
        h = History(rng, Speaker(rng), past[0].before, edits=past)
        for name in OPERATIONS:
            edit = another(h, name)
            if edit is not None and len(found[name]) < 7:
                found[name].append((h, edit))
    return [pair for many in found.values() for pair in many]


def another(h: History, operation: str) -> Edit | None:
    return sample_edit(h, operation=operation, way="dragged" if operation == "drag" else "words", held_out=True, tries=2)


def looks_other(picture: np.ndarray, truth: np.ndarray) -> bool:
    """Whether a person would see that the picture is not the true one."""
    return bool((np.abs(picture.astype(int) - truth).max(-1) > 24).mean() > 0.004)


def test_the_true_frame_of_every_edit_is_right(asked: list[tuple[History, Edit]]) -> None:
    for _, edit in asked:
        verdict = judge(edit, render(edit.after, SIZE))
        assert verdict.is_right, edit
        assert verdict.left == verdict.leaked == 0


def test_the_unedited_frame_is_right_only_where_nothing_was_to_change(asked: list[tuple[History, Edit]]) -> None:
    for _, edit in asked:
        assert judge(edit, render(edit.before, SIZE)).is_right == (edit.operation in RESTING), edit


def test_the_frame_of_another_edit_is_right_in_less_than_one_case_of_a_hundred(asked: list[tuple[History, Edit]]) -> None:
    rng = random.Random(4)
    judged, wrong = Counter(), []
    for h, edit in asked:
        truth = render(edit.after, SIZE)
        # The nearest mistake is the same operation done otherwise.
        for operation in (edit.operation, edit.operation, rng.choice(OPERATIONS), rng.choice(OPERATIONS)):
            other = another(h, operation)
            picture = truth if other is None else render(other.after, SIZE)
            if looks_other(picture, truth):
                judged[edit.operation] += 1
                if judge(edit, picture).is_right:
                    wrong.append((edit, other))
    assert set(judged) == set(OPERATIONS)
    assert sum(judged.values()) > 300
    assert len(wrong) < 0.01 * sum(judged.values()), wrong


def test_a_frame_that_lost_something_else_is_not_right(asked: list[tuple[History, Edit]]) -> None:
    judged, wrong = 0, []
    for _, edit in asked:
        truth = render(edit.after, SIZE)
        for thing in edit.after.things:
            picture = render(edit.after.without(thing), SIZE)
            if looks_other(picture, truth):
                judged += 1
                if judge(edit, picture).is_right:
                    wrong.append((edit, thing))
    assert judged > 250
    assert len(wrong) < 0.01 * judged, wrong


def test_a_ghost_of_the_edit_is_not_right(asked: list[tuple[History, Edit]]) -> None:
    for _, edit in asked:
        if edit.operation not in RESTING:
            ghost = 0.55 * render(edit.before, SIZE) + 0.45 * render(edit.after, SIZE)
            assert not judge(edit, np.round(ghost).astype(np.uint8)).is_right, edit


def test_one_thing_of_two_is_half_of_an_edit_and_not_right() -> None:
    cats = (placed("cat", "left", key=1), placed("cat", "right", key=2))
    one, both = Scene("beach", cats[:1]), Scene("beach", cats)
    for edit in (Edit("count", "add two cats in the middle", Scene("beach"), both), Edit("count", "remove all the cats", both, Scene("beach"))):
        assert not judge(edit, render(one, SIZE)).is_right


def test_removing_a_thing_is_neither_moving_nor_replacing_nor_resizing_it() -> None:
    # Small things on ground of their own colour leave the least to see.
    scene = Scene("snow", (placed("rabbit", "top left", "small", key=1), placed("duck", "left", "small", key=2)))
    rng = random.Random(6)
    for thing in scene.things:
        edit = Edit("remove", f"remove the {thing.name}", scene, scene.without(thing))
        for _ in range(15):
            other = sample_edit(History(rng, Speaker(rng), scene), held_out=True, operation=rng.choice(["move", "replace", "resize"]))
            assert not judge(edit, render(other.after, SIZE)).is_right, (edit, other)


def test_where_nothing_may_change_anything_that_does_is_wrong() -> None:
    rng = random.Random(7)
    judged, wrong = 0, []
    for number in range(60):
        h = History(rng, Speaker(rng), replace(sample_scene(rng, held_out=True, least=1), light="night" if number % 2 else "day"))
        edit, other = Edit("keep", "do nothing", h.scene, h.scene), sample_edit(h, held_out=True)
        picture = render(other.after, SIZE)
        if looks_other(picture, render(h.scene, SIZE)):
            judged += 1
            if judge(edit, picture).is_right:
                wrong.append(other)
    assert judged > 40
    assert len(wrong) <= 0.01 * judged, wrong


def test_slight_noise_over_the_true_frame_leaves_it_right(asked: list[tuple[History, Edit]]) -> None:
    noise = np.random.default_rng(0).normal(0, 5, (SIZE, SIZE, 3))
    for _, edit in asked[::3]:
        verdict = judge(edit, np.clip(render(edit.after, SIZE) + noise, 0, 255).astype(np.uint8))
        assert verdict.is_nearest or verdict.left > 0.25, edit
        assert verdict.leaked == 0, edit


def test_what_the_autoencoder_cannot_show_is_not_held_against_the_editor(asked: list[tuple[History, Edit]]) -> None:
    def blurred(picture: np.ndarray) -> np.ndarray:
        return picture.reshape(SIZE // 4, 4, SIZE // 4, 4, 3).mean((1, 3)).repeat(4, 0).repeat(4, 1).astype(np.uint8)

    for _, edit in asked[::3]:
        truth, before = (render(scene, SIZE) for scene in (edit.after, edit.before))
        if looks_other(before, truth):
            assert judge(edit, blurred(truth), blurred(truth)).left == 0
            assert not judge(edit, before, blurred(truth)).is_right, edit


def test_the_true_scene_is_none_of_its_rivals(asked: list[tuple[History, Edit]]) -> None:
    for _, edit in asked:
        found = rivals(edit)
        assert found
        for rival in found:
            assert (rival.whole(), set(rival.things)) != (edit.after.whole(), set(edit.after.things)), edit


def test_psnr_outside_ignores_the_change_and_sees_the_rest() -> None:
    scene = Scene("meadow", (placed("dog", "left"),))
    edit = Edit("add", "add a cat on the right", scene, scene.plus(placed("cat", "right")))
    assert psnr_outside(edit, render(scene, SIZE)) == psnr_outside(edit, render(edit.after, SIZE)) > 70
    assert psnr_outside(edit, render(edit.after.without(scene.things[0]), SIZE)) < 40
    everywhere = replace(edit, operation="background", after=replace(scene, background="night"))
    assert psnr_outside(everywhere, render(scene, SIZE)) is None


def test_changed_pixels_are_those_that_differ_and_those_around_them() -> None:
    scene = Scene("meadow")
    edit = Edit("add", "add a cat on the right", scene, scene.plus(placed("cat", "right")))
    exact = (np.abs(render(scene, SIZE).astype(int) - render(edit.after, SIZE)) > 2).any(-1)
    assert np.array_equal(changed_pixels(edit, SIZE, 0), exact)
    assert exact.sum() < changed_pixels(edit, SIZE, 1).sum() < changed_pixels(edit, SIZE, 3).sum()


def test_psnr_is_20_db_at_a_tenth_of_the_range() -> None:
    black = np.zeros((8, 8, 3), np.uint8)
    assert psnr(black + np.uint8(25), black) == pytest.approx(20 * np.log10(255 / 25))
    assert psnr(black, black) == 80


def test_only_the_scene_that_was_asked_for_is_right() -> None:
    rng = random.Random(8)
    for _ in range(40):
        scene, _ = sample_description(rng, held_out=True)
        truth = render(scene, SIZE)
        assert is_scene(scene, truth)
        other = render(sample_description(rng, held_out=True)[0], SIZE)
        assert is_scene(scene, other) == np.array_equal(other, truth)
        grey = np.full((SIZE, SIZE, 3), truth.mean((0, 1)), np.uint8)
        assert not is_scene(scene, grey)
        for thing in scene.things:
            assert not is_scene(scene, render(scene.without(thing), SIZE))


def test_masks_agree_by_what_they_share_of_what_they_cover() -> None:
    one, other, nothing = (np.zeros((40, 40), bool) for _ in range(3))
    one[:20, :20] = True
    other[:20, 10:30] = True
    assert mask_iou(one, one) == 1
    assert mask_iou(one, other) == pytest.approx(1 / 3)
    assert mask_iou(one, nothing) == mask_iou(nothing, one) == 0
    assert mask_iou(nothing, nothing) == 1


@pytest.mark.parametrize("zoom", [1.0, 1.4])
@pytest.mark.parametrize("size", [128, 256])
def test_the_place_error_of_a_thing_at_a_known_offset_is_that_offset(size: int, zoom: float) -> None:
    camera = Camera(0.5, 0.5, zoom)
    cat, dog = placed("cat", "left", camera=camera, key=1), placed("dog", "bottom right", camera=camera, key=2)
    before = Scene("room", (cat, dog), camera=camera)
    x, y = camera.to_world(0.45, 0.4)
    edit = Edit("drag", "move this here", before, before.with_changed(cat, replace(cat, x=x, y=y)), is_dragged=True)
    for dx, dy in ((0, 0), (3, 0), (0, -5), (-6, 8), (12, -5), (-1, 1)):
        put = replace(cat, x=x + dx / 128 / zoom, y=y + dy / 128 / zoom)
        assert place_error(edit, render(before.with_changed(cat, put), size)) == pytest.approx(np.hypot(dx, dy), abs=1.01), (dx, dy)
    assert place_error(edit, render(before, size)) == place_error(edit, render(before.without(cat), size)) == 32
