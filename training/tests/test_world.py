"""The drawn world: scenes, regions and held-out combinations."""

import random
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from palimpsest_training.world.backgrounds import BACKGROUNDS
from palimpsest_training.world.edits import OPERATIONS, Edit, sample_edit, sample_held_out_edit, sample_session, touches_held_out
from palimpsest_training.world.sampling import mask_picture, rough_mask, sample_scene
from palimpsest_training.world.scene import PLACES, SIZES, STYLES, Scene, Thing, has_held_out, is_held_out, render, thing_mask
from palimpsest_training.world.sprites import ATLAS, CELL, COLUMNS, OBJECTS, sprite

SIZE = 128


def edits_of_every_operation(seed: int, count: int) -> list[Edit]:
    rng = random.Random(seed)
    edits = []
    while len(edits) < count:
        scene = sample_scene(rng, held_out=True)
        if scene.things:
            edits.append(sample_edit(rng, scene, held_out=True, operation=OPERATIONS[len(edits) % len(OPERATIONS)]))
    return edits


def grown(mask: np.ndarray) -> np.ndarray:
    """The region and its neighbours, diagonal ones too."""
    wide = np.pad(mask, 1)
    return np.any([np.roll(wide, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)], 0)[1:-1, 1:-1]


def test_world_has_at_least_20_things_and_8_backgrounds() -> None:
    assert len(set(OBJECTS)) >= 20
    assert len(set(BACKGROUNDS)) >= 8
    assert len(PLACES) == 9


def test_equal_seeds_give_equal_sessions_and_pictures() -> None:
    first, second = (sample_session(random.Random(5), 4) for _ in range(2))
    assert first == second
    assert sample_session(random.Random(6), 4) != first
    assert all(np.array_equal(render(a.after, SIZE), render(b.after, SIZE)) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("size", [64, 100, 128, 256, 333])
def test_a_scene_looks_the_same_at_every_size(size: int) -> None:
    rng = random.Random(1)
    for _ in range(6):
        scene = sample_scene(rng, held_out=True)
        shrunk = np.asarray(Image.fromarray(render(scene, 512)).resize((size, size), Image.Resampling.BOX)).astype(int)
        own = np.square(shrunk - render(scene, size)).mean()
        assert np.abs(shrunk - render(scene, size)).mean() < 6
        # Edges move by up to half a pixel with the size; the smallest edit of the smallest picture is still more.
        for _ in range(5):
            assert own < np.square(shrunk - render(sample_edit(rng, scene, held_out=True).after, size)).mean()


def test_every_background_sprite_and_style_looks_different() -> None:
    pictures = [render(Scene(b), SIZE) for b in BACKGROUNDS]
    pictures += [render(Scene("room", (Thing(name, "middle"),)), SIZE) for name in OBJECTS]
    pictures += [render(Scene("beach", (Thing("cat", "middle"),), style), SIZE) for style in STYLES]
    # The room's floor and walls are shared by all things, so the closest pair still differs by a sprite.
    for i, a in enumerate(pictures):
        for b in pictures[:i]:
            assert (np.abs(a.astype(int) - b).max(-1) > 24).mean() > 0.01


def test_sprites_are_premultiplied_and_fill_their_cell() -> None:
    for name in OBJECTS:
        pixels = sprite(name, CELL)
        assert pixels.shape == (CELL, CELL, 4)
        assert (pixels[..., :3] <= pixels[..., 3:] + 1e-6).all()
        rows, columns = np.nonzero(pixels[..., 3] > 0.5)
        assert max(np.ptp(rows), np.ptp(columns)) > 0.9 * CELL


def test_the_atlas_has_a_cell_for_every_thing() -> None:
    with Image.open(ATLAS) as atlas:
        assert atlas.size == (COLUMNS * CELL, -(-len(OBJECTS) // COLUMNS) * CELL)


def test_an_unknown_style_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown style 'neon'; known are full colour, sepia"):
        render(Scene("beach", (), "neon"), 64)


def test_things_never_share_a_place_or_a_kind() -> None:
    rng = random.Random(2)
    for _ in range(1000):
        for edit in sample_session(rng, 3, held_out=True):
            things = edit.after.things
            assert len({t.name for t in things}) == len({t.place for t in things}) == len(things)


def test_an_edit_changes_pixels_only_inside_its_regions() -> None:
    for edit in edits_of_every_operation(3, 140):
        now, after = edit.regions(SIZE)
        outside = ~grown(now | after)
        difference = np.abs(render(edit.before, SIZE).astype(int) - render(edit.after, SIZE)).max(-1)
        assert difference.max() > 8, edit
        # A region ends where the shadow is fainter than 2 %, which is 5 of 255 levels, and a style may stretch that.
        assert difference[outside].max(initial=0) <= 6, edit


def test_a_region_is_filled_by_what_changes() -> None:
    for edit in edits_of_every_operation(4, 70):
        now, after = edit.regions(SIZE)
        if edit.operation in {"add", "remove", "move", "resize"}:
            difference = np.abs(render(edit.before, SIZE).astype(int) - render(edit.after, SIZE)).max(-1)
            assert (difference[now | after] > 0).mean() > 0.5, edit
        assert now.any() == (edit.operation != "add"), edit
        assert after.any() == (edit.operation != "remove"), edit


def test_training_never_shows_a_held_out_combination() -> None:
    rng = random.Random(7)
    for _ in range(1500):
        session = sample_session(rng, 3)
        assert not has_held_out(session[0].before)
        assert not any(has_held_out(edit.after) or touches_held_out(edit) for edit in session)
        assert not has_held_out(sample_scene(rng))


def test_held_out_sampling_shows_the_combinations_that_training_does_not() -> None:
    rng = random.Random(8)
    assert any(has_held_out(sample_scene(rng, held_out=True)) for _ in range(100))
    edits = [sample_held_out_edit(rng) for _ in range(300)]
    for edit in edits:
        assert touches_held_out(edit) or edit.operation in {"remove", "resize", "style"}
    assert {edit.operation for edit in edits} == set(OPERATIONS)


def test_about_a_tenth_of_all_combinations_is_held_out_and_no_thing_or_place_wholly() -> None:
    out = np.array([[[is_held_out(o, p, b) for b in BACKGROUNDS] for p in PLACES] for o in OBJECTS])
    assert 0.08 < out.mean() < 0.12
    for axes in ((1, 2), (0, 2), (0, 1)):
        assert out.mean(axes).max() < 0.5


def test_turns_of_a_session_follow_each_other() -> None:
    for edit, following in pairwise(sample_session(random.Random(9), 6)):
        assert following.before == edit.after


def test_a_drawn_region_covers_most_of_its_thing() -> None:
    rng = random.Random(10)
    for _ in range(100):
        thing = Thing(rng.choice(OBJECTS), rng.choice(list(PLACES)), rng.choice(list(SIZES)))
        drawn, exact = rough_mask(rng, thing, SIZE), thing_mask(thing, SIZE)
        assert drawn[exact].mean() > 0.6, thing
        assert drawn.mean() < 0.35, thing


def test_a_mask_picture_is_white_inside_and_black_outside() -> None:
    mask = thing_mask(Thing("cat", "middle"), 64)
    picture = mask_picture(mask)
    assert picture.shape == (64, 64, 3)
    assert set(np.unique(picture[mask])) == {255}
    assert set(np.unique(picture[~mask])) == {0}


def test_an_impossible_operation_is_refused() -> None:
    with pytest.raises(ValueError, match="operation 'move' is impossible"):
        sample_edit(random.Random(0), Scene("beach"), operation="move")
