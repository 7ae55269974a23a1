"""The pictures that the world is made of: sprites, places, lights and styles."""

import colorsys
import itertools

import numpy as np
import pytest

from palimpsest_training.world.backgrounds import BACKGROUNDS, background
from palimpsest_training.world.looks import LIGHTS, STYLES, apply_light, apply_style
from palimpsest_training.world.sprites import COLOURS, OBJECTS, sprite

LUMINANCE = np.array([0.299, 0.587, 0.114, 0.0], np.float32)
# Colours of the first ten places at (row, column) of their default view of 64 pixels: what the world has always looked like.
POINTS = ((8, 12), (20, 40), (32, 32), (40, 10), (58, 50))
DEFAULT_VIEWS = {
    "beach": "f9fcfe add6f7 2991aa 62c3c9 e4c38a",
    "meadow": "8ec9f2 b3dbf6 b4dbaf 6eb353 4d9142",
    "snow": "e9eef4 c2cfde d8e1ec cddae8 e3ebf5",
    "desert": "83b1cf becac5 f8e2bb e3a661 d49553",
    "room": "e1d2bb bdddf4 d8c7ae d5c3a9 774e34",
    "sunset": "7f5884 c27484 ffecac a16278 493669",
    "night": "151c40 1f2750 293260 1d2d48 182a33",
    "mountains": "9ccaec 6a7c9c 6a7c9c 7eb06f 568a58",
    "space": "21133b 2c194a 351e57 2b194d 817b9f",
    "lake": "e5f3f7 c7e3df 70a18d 5da4bf 6ca04f",
}


def over(name: str, where: str, side: int = 64) -> np.ndarray:
    pixels = sprite(name, side)
    return background(where, side) * (1 - pixels[..., 3:]) + pixels[..., :3]


def mean_colour(pixels: np.ndarray) -> np.ndarray:
    """The colour of a sprite as a whole, RGB in 0..1."""
    return pixels[..., :3].sum((0, 1)) / pixels[..., 3].sum()


def hue(colour: np.ndarray) -> float:
    return colorsys.rgb_to_hsv(*colour.tolist())[0]


def test_things_places_colours_lights_and_styles_have_names_of_their_own() -> None:
    words = [*OBJECTS, *COLOURS, *BACKGROUNDS, *(set(LIGHTS) - set(BACKGROUNDS)), *STYLES]
    assert len(words) == len(set(words))
    assert len(OBJECTS) == 48
    assert all(name.isalpha() and name.islower() for name in OBJECTS)


def test_every_two_things_look_different_at_48_pixels() -> None:
    cells = [sprite(name, 48) for name in OBJECTS]
    for a, b in itertools.combinations(cells, 2):
        assert np.abs(a - b).max(-1).mean() > 0.1


@pytest.mark.parametrize("side", [48, 92, 160])
def test_four_quarter_turns_lead_back_and_each_is_exact(side: int) -> None:
    upright = sprite("cat", side)
    for quarters in range(-4, 9):
        assert np.array_equal(sprite("cat", side, angle=90.0 * quarters), np.rot90(upright, quarters))


@pytest.mark.parametrize("side", [48, 93, 160])
@pytest.mark.parametrize("angle", [1.0, 30.0, 45.0, 88.0])
def test_a_turn_is_a_turn_about_the_centre_in_a_square_that_holds_all_of_it(side: int, angle: float) -> None:
    for name in ("cat", "castle"):
        upright, turned = sprite(name, side), sprite(name, side, angle=angle)
        room = len(turned) - side
        assert room % 2 == 0
        growth = side * (np.cos(np.radians(angle)) + np.sin(np.radians(angle)))
        assert growth - 1e-6 <= len(turned) < growth + 2
        assert turned[..., 3].sum() == pytest.approx(upright[..., 3].sum(), rel=0.02)
        assert mean_colour(turned) == pytest.approx(mean_colour(upright), abs=0.02)
        # The centre of mass goes round by the angle, counter-clockwise to someone who looks at the picture.
        x, y = centre(upright)
        cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        assert centre(turned) == pytest.approx((x * cos + y * sin, y * cos - x * sin), abs=0.02 * side)


def centre(pixels: np.ndarray) -> tuple[float, float]:
    """Centre of mass in pixels from the middle of the array: to the right, and down."""
    places = np.arange(len(pixels)) - (len(pixels) - 1) / 2
    weight = pixels[..., 3] / pixels[..., 3].sum()
    return float((weight.sum(0) * places).sum()), float((weight.sum(1) * places).sum())


def test_a_flipped_thing_is_mirrored_before_it_is_turned() -> None:
    assert np.allclose(sprite("duck", 48, flipped=True), sprite("duck", 48)[:, ::-1], atol=1e-6)
    there, back = sprite("duck", 48, flipped=True, angle=20.0), sprite("duck", 48, angle=-20.0)[:, ::-1]
    assert np.abs(there - back).mean() < 0.01


def test_sprites_stay_premultiplied_and_shared_ones_cannot_be_written() -> None:
    for angle, colour in itertools.product((0.0, 37.0), (None, *COLOURS)):
        pixels = sprite("crown", 60, angle=angle, colour=colour)
        assert pixels.dtype == np.float32
        assert (pixels[..., :3] <= pixels[..., 3:] + 1e-2).all()
        assert pixels.min() >= 0
        assert not pixels.flags.writeable
    assert not background("farm", 32).flags.writeable


@pytest.mark.parametrize("name", OBJECTS)
def test_a_colour_keeps_the_outline_and_is_the_hue_of_the_whole(name: str) -> None:
    plain = sprite(name, 48)
    shown = {colour: sprite(name, 48, colour=colour) for colour in COLOURS}
    for colour, pixels in shown.items():
        assert np.array_equal(pixels[..., 3], plain[..., 3])
        mean, wanted = mean_colour(pixels), np.array(COLOURS[colour]) / 255.0
        if colour == "white":
            assert np.ptp(mean) < 0.12
        else:
            assert np.ptp(mean) > 0.2
            assert abs((hue(mean) - hue(wanted) + 0.5) % 1.0 - 0.5) < 0.05
        # Light and dark stay where they were: shading, eyes and stripes.
        solid = plain[..., 3] > 0.9
        from_dark_to_light = np.argsort(plain[solid] @ LUMINANCE)
        dark, light = np.array_split((pixels[solid] @ LUMINANCE)[from_dark_to_light], 10)[::9]
        assert light.mean() - dark.mean() > 0.05, colour
    for a, b in itertools.combinations(shown.values(), 2):
        assert np.abs(mean_colour(a) - mean_colour(b)).max() > 0.15


def test_an_unknown_colour_light_or_style_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown colour 'mauve'; known are red, orange"):
        sprite("cat", 48, colour="mauve")
    with pytest.raises(ValueError, match="unknown light 'noon'; known are day, dusk, night"):
        apply_light(background("beach", 32), "noon")
    with pytest.raises(ValueError, match="unknown style 'neon'; known are full colour, sepia"):
        apply_style(background("beach", 32), "neon")


@pytest.mark.parametrize("name", DEFAULT_VIEWS)
def test_the_default_view_is_the_picture_that_the_place_has_always_had(name: str) -> None:
    picture = background(name, 64)
    wanted = np.array([list(bytes.fromhex(colour)) for colour in DEFAULT_VIEWS[name].split()])
    assert np.abs(np.array([picture[point] for point in POINTS]) * 255.0 - wanted).max() < 1.6


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_panning_by_a_quarter_of_the_frame_moves_the_picture_by_it(name: str) -> None:
    for zoom in (0.7, 1.0, 1.6):
        step = 0.25 / zoom
        here, right, down = (background(name, 64, (0.4 + x, 0.45 + y, zoom)) for x, y in ((0, 0), (step, 0), (0, step)))
        assert np.abs(right[:, :-16] - here[:, 16:]).max() < 0.02
        assert np.abs(down[:-16] - here[16:]).max() < 0.02
        assert np.abs(down - here).max() > 0.1


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_zooming_shows_the_same_place_larger_or_with_more_around_it(name: str) -> None:
    near, far = background(name, 80, (0.5, 0.5, 1.6)), background(name, 80, (0.5, 0.5, 0.625))
    # 80 pixels hold 1 / 1.6 of 128 and 1.6 times 50, so that their pixels are the default view's own.
    assert np.abs(near - background(name, 128)[24:-24, 24:-24]).max() < 0.02
    assert np.abs(far[15:-15, 15:-15] - background(name, 50)).max() < 0.02


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_what_lies_beyond_the_default_view_is_as_rich_as_within(name: str) -> None:
    within = background(name, 64)
    for view in ((-0.2, 0.5, 1.0), (1.2, 0.5, 1.0)):
        beyond = background(name, 64, view)
        assert np.abs(beyond.mean((0, 1)) - within.mean((0, 1))).max() < 0.06
        assert np.abs(beyond - within).max() > 0.1


def test_day_and_full_colour_change_nothing() -> None:
    picture = over("cat", "beach")
    assert np.array_equal(apply_light(picture, "day"), picture)
    assert np.array_equal(apply_style(picture, "full colour"), picture)


@pytest.mark.parametrize("where", BACKGROUNDS)
def test_every_two_looks_of_a_picture_differ(where: str) -> None:
    picture = over("house", where)
    looks = {style: apply_style(picture, style) for style in STYLES}
    looks |= {light: apply_light(picture, light) for light in LIGHTS if light != "day"}
    for look in looks.values():
        assert look.dtype == np.float32
        assert look.shape == picture.shape
        assert look.min() >= -1e-6
        assert look.max() <= 1 + 1e-6
    for a, b in itertools.combinations(looks.values(), 2):
        assert np.abs(a - b).mean() > 0.02


def test_dusk_is_warmer_and_dimmer_than_day_and_night_bluer_and_darker_still() -> None:
    for where in BACKGROUNDS:
        day, dusk, night = (apply_light(background(where, 64), light).mean((0, 1)) for light in LIGHTS)
        assert dusk[0] / dusk[2] > 1.2 * day[0] / day[2]
        assert night[0] / night[2] < 0.8 * day[0] / day[2]
        assert night.mean() < dusk.mean() < day.mean() + 0.05


def test_things_stay_apart_from_the_place_in_every_look() -> None:
    for name, where in itertools.product(("cat", "house", "whale"), BACKGROUNDS):
        inside = sprite(name, 64)[..., 3] > 0.9
        both = over(name, where), background(where, 64)
        for look in (*LIGHTS, *STYLES):
            apply = apply_light if look in LIGHTS else apply_style
            thing, place = (apply(picture, look) for picture in both)
            assert np.abs(thing - place).max(-1)[inside].mean() > 0.05, (name, where, look)


@pytest.mark.parametrize("size", [64, 100, 256])
def test_pixel_art_has_32_even_blocks_a_side_and_few_colours(size: int) -> None:
    picture = apply_style(over("cat", "beach", size), "pixel art")
    edges = np.linspace(0, size, 33).astype(int)
    for (top, bottom), (left, right) in itertools.product(itertools.pairwise(edges), repeat=2):
        assert (picture[top:bottom, left:right] == picture[top, left]).all()
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) < 64


def test_one_colour_styles_have_one_hue_and_a_negative_of_a_negative_is_the_picture() -> None:
    picture = over("rose", "meadow")
    assert np.ptp(apply_style(picture, "black and white"), -1).max() < 1e-6
    blueprint, sepia = apply_style(picture, "blueprint"), apply_style(picture, "sepia")
    assert (np.diff(blueprint, axis=-1) > 0).all()
    assert (np.diff(sepia, axis=-1) <= 0).all()
    assert apply_style(apply_style(picture, "negative"), "negative") == pytest.approx(picture, abs=1e-6)
