"""The drawn world: scenes, views, regions and held-out combinations."""

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from palimpsest_training.world.backgrounds import BACKGROUNDS
from palimpsest_training.world.edits import sample_session
from palimpsest_training.world.looks import LIGHTS, STYLES
from palimpsest_training.world.sampling import (
    APART,
    World,
    dragged,
    free_places,
    is_free,
    mask_picture,
    next_key,
    rough_mask,
    sample_scene,
    visible_things,
)
from palimpsest_training.world.scene import (
    PLACES,
    SIZES,
    Camera,
    Scene,
    Thing,
    frame_centre,
    has_held_out,
    is_held_out,
    place_of,
    placed,
    render,
    render_between,
    shows_colours,
    size_of,
    thing_cells,
    thing_mask,
)
from palimpsest_training.world.sprites import COLOURS, OBJECTS

SIZE = 128
# Their lines and blocks are as wide as the size of the picture asks for.
LINED = {"comic", "blueprint", "pixel art"}


def difference(one: Scene, other: Scene, size: int = SIZE) -> np.ndarray:
    return np.abs(render(one, size).astype(int) - render(other, size)).max(-1)


def test_equal_seeds_give_equal_sessions_and_pictures() -> None:
    ways = ["words", "drawn", "dragged", "words"]
    first, second = (sample_session(random.Random(5), ways) for _ in range(2))
    assert first == second
    assert sample_session(random.Random(6), ways) != first
    assert all(np.array_equal(render(a.after, SIZE), render(b.after, SIZE)) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("size", [64, 100, 128, 256, 333])
def test_a_scene_looks_the_same_at_every_size(size: int) -> None:
    rng = random.Random(1)
    plain = World(styles=tuple(s for s in STYLES if s not in LINED))
    for _ in range(6):
        scene = sample_scene(rng, held_out=True, least=1, world=plain)
        shrunk = np.asarray(Image.fromarray(render(scene, 512)).resize((size, size), Image.Resampling.BOX)).astype(int)
        own = np.square(shrunk - render(scene, size)).mean()
        assert np.abs(shrunk - render(scene, size)).mean() < 6
        # Edges move by up to half a pixel with the size; a thing less is still more.
        assert own < np.square(shrunk - render(scene.without(scene.things[-1]), size)).mean()


def test_a_view_shows_what_lies_there_of_a_larger_picture() -> None:
    things = (placed("cat", "middle", key=1), placed("star", "top", "small", key=2), placed("tree", "bottom right", key=3))
    near = render(Scene("meadow", things, camera=Camera(0.5, 0.5, 2.0)), SIZE).astype(int)
    part = render(Scene("meadow", things), 2 * SIZE)[SIZE // 2 : -SIZE // 2, SIZE // 2 : -SIZE // 2]
    assert np.abs(near - part).mean() < 2
    aside = render(Scene("meadow", things, camera=Camera(0.75)), SIZE).astype(int)
    assert np.abs(aside[:, : 3 * SIZE // 4] - render(Scene("meadow", things), SIZE)[:, SIZE // 4 :]).mean() < 2


def test_frame_and_world_coordinates_lead_back_to_each_other() -> None:
    camera = Camera(0.3, 0.7, 1.4)
    for u, v in PLACES.values():
        assert camera.to_frame(*camera.to_world(u, v)) == pytest.approx((u, v))
    for place, size in itertools.product(PLACES, SIZES):
        thing = placed("cat", place, size, camera=camera)
        scene = Scene("room", (thing,), camera=camera)
        assert (place_of(scene, thing), size_of(scene, thing)) == (place, size)


def test_things_of_a_first_scene_stand_apart_within_the_frame_under_keys_of_their_own() -> None:
    rng = random.Random(2)
    alike = tinted = 0
    for _ in range(500):
        scene = sample_scene(rng, held_out=True)
        assert visible_things(scene) == list(scene.things)
        assert len({t.key for t in scene.things}) == len(scene.things)
        assert next_key(scene) > max((t.key for t in scene.things), default=0)
        for thing in scene.things:
            assert is_free(scene, *frame_centre(scene, thing), but=[thing])
            u, v = frame_centre(scene, thing)
            assert min(u, v, 1 - u, 1 - v) - thing.side / 2 > -0.01
        alike += len({t.name for t in scene.things}) < len(scene.things)
        tinted += any(t.colour for t in scene.things)
        # Grey pictures would hide a colour that later frames show.
        assert shows_colours(scene) or not any(t.colour for t in scene.things)
    assert alike > 50
    assert tinted > 50


def test_keys_stay_with_their_things_and_no_two_share_one() -> None:
    rng = random.Random(3)
    for _ in range(150):
        scenes = [edit.after for edit in sample_session(rng, ["words"] * 6, held_out=True)]
        for scene in scenes:
            assert len({t.key for t in scene.things}) == len(scene.things), scene


def test_a_world_of_less_holds_nothing_else() -> None:
    rng = random.Random(4)
    small = World(("cat", "dog", "fox", "duck", "tree"), ("beach", "snow"), ("full colour",), ("day",), (), is_rich=False)
    for _ in range(100):
        scene = sample_scene(rng, held_out=True, styled=1.0, world=small)
        assert {t.name for t in scene.things} <= set(small.objects)
        assert len({t.name for t in scene.things}) == len(scene.things)
        assert (scene.background in small.backgrounds, scene.style, scene.light) == (True, "full colour", "day")
        assert not any(t.colour for t in scene.things)


def test_every_light_style_colour_and_turn_of_a_thing_is_seen() -> None:
    cat = placed("cat", "middle", "large")
    scene = Scene("beach", (cat,))
    others = [replace(scene, light=x) for x in LIGHTS] + [replace(scene, style=s) for s in STYLES[1:]]
    others += [scene.with_changed(cat, replace(cat, colour=c)) for c in COLOURS]
    others += [scene.with_changed(cat, replace(cat, angle=a)) for a in (45.0, 180.0, 315.0)]
    others += [scene.with_changed(cat, replace(cat, is_flipped=True))]
    for one, other in itertools.combinations(others, 2):
        assert (difference(one, other, 64) > 16).sum() > 20, (one, other)


def test_the_thing_of_a_higher_layer_covers_the_other_one() -> None:
    back, front = placed("cat", "middle", "large", key=1), placed("gift", "middle", "large", layer=1, key=2)
    both = Scene("snow", (front, back))
    assert np.array_equal(render(both, 64), render(Scene("snow", (back, front)), 64))
    # A gift fills its middle, so that nothing of the cat is left there.
    middle = np.s_[24:40, 24:40]
    assert np.array_equal(render(both, 64)[middle], render(Scene("snow", (front,)), 64)[middle])
    lifted = both.with_changed(back, replace(back, layer=2))
    assert (difference(both, lifted, 64)[middle] > 24).mean() > 0.3


@pytest.mark.parametrize("style", [s for s in STYLES if s not in LINED])
def test_the_mask_of_a_thing_holds_every_pixel_that_it_changes(style: str) -> None:
    rng = random.Random(6)
    for _ in range(10):
        scene = replace(sample_scene(rng, held_out=True, least=1, styled=0.0), style=style)
        thing = rng.choice(scene.things)
        changed = difference(scene, scene.without(thing))
        # Shadows fade out below what the mask counts.
        assert changed[~thing_mask(scene, thing, SIZE)].max() <= 8


def test_cells_of_a_thing_are_those_whose_centre_lies_in_its_square() -> None:
    scene = Scene("room", (placed("cat", "middle", "large"),))
    cells = thing_cells(scene, scene.things[0], 8)
    assert cells.sum() == 4
    assert cells[3:5, 3:5].all()


def test_a_clip_begins_and_ends_with_its_scenes_and_things_glide_between() -> None:
    cat, dog, tree = placed("cat", "left", key=1), placed("dog", "right", key=2), placed("tree", "top", key=3)
    before = Scene("beach", (cat, dog))
    x, y = PLACES["middle"]
    moved = replace(cat, x=x, y=y)
    after = Scene("beach", (moved, tree))
    assert np.array_equal(render_between(before, after, 0.0, SIZE), render(before, SIZE))
    assert np.array_equal(render_between(before, after, 1.0, SIZE), render(after, SIZE))
    half = render_between(before, after, 0.5, SIZE).astype(int)
    way = Scene("beach", (replace(cat, x=(cat.x + x) / 2),))
    around = thing_mask(way, way.things[0], SIZE)
    assert np.abs(half - render(way, SIZE))[around].max() <= 1
    # What comes and goes is half there.
    for thing in (dog, tree):
        whole = render(way.plus(thing), SIZE).astype(int) - render(way, SIZE)
        assert np.abs(half - render(way, SIZE) - 0.5 * whole)[thing_mask(way, thing, SIZE) & ~around].max() <= 1


def test_backgrounds_cross_fade_and_the_camera_glides() -> None:
    before = Scene("beach", (placed("cat", "middle", key=1),))
    faded = render_between(before, replace(before, background="snow"), 0.5, 64).astype(float)
    assert np.abs(faded - 0.5 * render(before, 64) - 0.5 * render(replace(before, background="snow"), 64)).max() <= 1
    nearer = replace(before, camera=Camera(0.5, 0.5, 1.4))
    assert np.array_equal(render_between(before, nearer, 0.5, 64), render(replace(before, camera=Camera(0.5, 0.5, 1.2)), 64))


def test_training_never_shows_a_held_out_combination() -> None:
    rng = random.Random(7)
    for _ in range(300):
        session = sample_session(rng, [rng.choice(["words", "words", "drawn", "dragged"]) for _ in range(4)])
        assert not has_held_out(session[0].before)
        assert not any(has_held_out(edit.after) or edit.touches_held_out() for edit in session)
        assert not has_held_out(sample_scene(rng))


def test_about_a_tenth_of_all_combinations_is_held_out_and_no_thing_or_place_wholly() -> None:
    out = np.array([[[is_held_out(o, p, b) for b in BACKGROUNDS] for p in PLACES] for o in OBJECTS])
    assert 0.08 < out.mean() < 0.12
    for axes in ((1, 2), (0, 2), (0, 1)):
        assert out.mean(axes).max() < 0.5


def test_a_drawn_region_covers_most_of_its_thing() -> None:
    rng = random.Random(10)
    for _ in range(100):
        scene = Scene("room", (placed(rng.choice(OBJECTS), rng.choice(list(PLACES)), rng.choice(list(SIZES))),))
        exact = thing_mask(scene, scene.things[0], SIZE)
        drawn = rough_mask(rng, exact)
        assert drawn[exact].mean() > 0.6, scene
        assert drawn.mean() < 0.35, scene


def test_a_dragged_thing_stays_in_the_frame_and_away_from_the_others() -> None:
    rng = random.Random(11)
    kinds = set()
    for _ in range(200):
        scene = sample_scene(rng, held_out=True, least=1)
        thing = rng.choice(scene.things)
        new = dragged(rng, scene, thing)
        kinds.add(tuple(getattr(new, name) != getattr(thing, name) for name in ("x", "side", "angle")))
        u, v = frame_centre(scene, new)
        assert 0.1 < u < 0.9
        assert 0.1 < v < 0.9
        rest = scene.without(thing)
        assert all((u - a) ** 2 + (v - b) ** 2 > APART**2 for a, b in (frame_centre(rest, t) for t in rest.things)) or (new.x, new.y) == (
            thing.x,
            thing.y,
        )
    assert {(True, False, False), (True, True, False), (True, False, True), (False, True, False), (False, False, True)} <= kinds


def test_free_places_are_those_without_a_thing() -> None:
    scene = Scene("room", (placed("cat", "left"), placed("dog", "top")))
    assert set(free_places(scene)) == set(PLACES) - {"left", "top"}
    assert set(free_places(scene, but=scene.things)) == set(PLACES)


def test_a_mask_picture_is_white_inside_and_black_outside() -> None:
    scene = Scene("room", (placed("cat", "middle"),))
    mask = thing_mask(scene, scene.things[0], 64)
    picture = mask_picture(mask)
    assert picture.shape == (64, 64, 3)
    assert set(np.unique(picture[mask])) == {255}
    assert set(np.unique(picture[~mask])) == {0}


def test_a_thing_outside_the_frame_covers_nothing() -> None:
    scene = Scene("room", (Thing("cat", 2.0, 0.5),))
    assert not thing_mask(scene, scene.things[0], 64).any()
    assert visible_things(scene) == []
