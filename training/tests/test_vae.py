"""The autoencoder."""

import random

import numpy as np
import pytest
import torch

from palimpsest_training.model.vae import Vae, VaeConfig, to_tensor
from palimpsest_training.train_vae import crop, psnr, sample_images

CONFIG = VaeConfig(channels=5, widths=(8, 12, 16))


@pytest.fixture(scope="module")
def vae() -> Vae:
    torch.manual_seed(0)
    vae = Vae(CONFIG)
    vae.mean.normal_()
    vae.std.uniform_(0.5, 2)
    return vae.eval().requires_grad_(requires_grad=False)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (32, 96), (256, 256)])
def test_a_latent_is_a_sixteenth_of_the_picture_and_decodes_to_its_size(vae: Vae, height: int, width: int) -> None:
    image = torch.rand(2, 3, height, width) * 2 - 1
    latent = vae.encode(image)
    assert latent.shape == (2, 5, height // 16, width // 16)
    assert vae.decode(latent).shape == image.shape


def test_a_size_that_is_no_multiple_of_16_comes_back_smaller_or_larger_never_as_it_was(vae: Vae) -> None:
    for size in (40, 72, 100):
        restored = vae.decode(vae.encode(torch.zeros(1, 3, size, size)))
        assert restored.shape[-1] % 16 == 0
        assert restored.shape[-1] != size


def test_normalisation_of_encoder_and_decoder_cancel(vae: Vae) -> None:
    image = torch.rand(1, 3, 64, 64) * 2 - 1
    raw, latent = vae.encode_raw(image), vae.encode(image)
    torch.testing.assert_close(latent * vae.std.view(1, -1, 1, 1) + vae.mean.view(1, -1, 1, 1), raw)
    torch.testing.assert_close(vae.decode(latent), vae.decode_raw(raw))


def test_raw_latents_stay_within_3(vae: Vae) -> None:
    assert vae.encode_raw(torch.full((1, 3, 64, 64), 1e4)).abs().max() <= 3


def test_crops_lie_on_the_latent_grid() -> None:
    # Every pixel holds its own row and column, so a crop tells where it was cut.
    yy, xx = np.mgrid[0:128, 0:128]
    images = np.repeat(np.stack([yy, xx, xx], -1)[None].astype(np.uint8), 20, 0)
    cut = crop(images, 64, random.Random(0), 16)
    assert cut.shape == (20, 64, 64, 3)
    assert not (cut[:, 0, 0] % 16).any()
    assert len({tuple(corner) for corner in cut[:, 0, 0]}) > 3


def test_training_pictures_are_reproducible_and_cover_the_range_of_the_network() -> None:
    images = sample_images(random.Random(1), 6, 64)
    assert np.array_equal(images, sample_images(random.Random(1), 6, 64))
    tensor = to_tensor(images)
    assert tensor.shape == (6, 3, 64, 64)
    torch.testing.assert_close((tensor.permute(0, 2, 3, 1) + 1) * 127.5, torch.from_numpy(images).float())


def test_psnr_is_20_db_at_a_tenth_of_the_range_and_clamps_what_a_screen_clamps() -> None:
    truth = torch.zeros(1, 3, 8, 8)
    assert psnr(truth + 0.2, truth) == pytest.approx(20.0, abs=1e-4)
    assert psnr(truth + 5, truth + 1) == pytest.approx(100.0)
