"""Pixels that an edit did not touch stay as they were."""

import random

import numpy as np

from palimpsest_training.paste_back import Limits, change_weights, paste_back
from palimpsest_training.success import changed_pixels
from palimpsest_training.world.edits import sample_edit
from palimpsest_training.world.history import History
from palimpsest_training.world.language import Speaker
from palimpsest_training.world.sampling import World, sample_scene
from palimpsest_training.world.scene import render

SIZE = 128


def blurred(picture: np.ndarray) -> np.ndarray:
    """Half the detail and some noise, as an autoencoder leaves it."""
    padded = np.pad(picture.astype(float), ((1, 1), (1, 1), (0, 0)), "edge")
    soft = sum(padded[y : y + len(picture), x : x + len(picture)] for y in range(3) for x in range(3)) / 9
    noise = np.random.default_rng(0).normal(0, 2, picture.shape)
    return np.clip(soft + noise, 0, 255).astype(np.uint8)


def test_an_unedited_picture_stays_byte_for_byte() -> None:
    picture = render(sample_scene(random.Random(1)), SIZE)
    again = blurred(picture)
    noisy = np.clip(again.astype(int) + np.random.default_rng(1).integers(-3, 4, again.shape), 0, 255).astype(np.uint8)
    weights = change_weights(again, noisy, Limits())
    assert not weights.any()
    assert np.array_equal(paste_back(picture, noisy, weights), picture)


def test_an_edit_is_taken_whole_and_most_of_the_rest_is_kept() -> None:
    rng, by_day = random.Random(2), World(lights=("day",))
    for _ in range(40):
        edit = sample_edit(History(rng, Speaker(rng), sample_scene(rng, styled=0.0, world=by_day), by_day), operation="add")
        before, after = render(edit.before, SIZE), render(edit.after, SIZE)
        weights = change_weights(blurred(before), blurred(after), Limits())
        result = paste_back(before, blurred(after), weights)
        # Blur and windows reach 1 + 2 + 4 + 4 pixels on, also diagonally, where a margin needs two pixels for one.
        far = ~changed_pixels(edit, SIZE, 22)
        assert np.array_equal(result[far], before[far])
        strong = np.abs(before.astype(int) - after).max(-1) > 90
        assert (weights[strong] > 0.9).mean() > 0.9, edit


def test_weights_mix_level_by_level_and_grow_with_the_difference() -> None:
    flat = np.full((32, 32, 3), 100, np.uint8)
    seen = [change_weights(flat, flat + np.uint8(step), Limits())[16, 16] for step in (0, 8, 16, 24, 60)]
    assert seen == [0, 0, 0.5, 1, 1]
    half = paste_back(flat, flat + np.uint8(16), np.full((32, 32), 0.5))
    assert (half == 108).all()
