"""Moves of pictures that latents take part in, so that what moves in a picture moves the same way in its latent.

Regularises the autoencoder as EQ-VAE does (Kouzelis et al. 2025, section 3): the decoder must make the moved picture from
the moved latent. A transformer then learns to move, scale and mirror things with far less effort.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

MOVES = ("turn", "scale", "shift")
SCALES = (0.5, 0.75)


def turned(x: Tensor, quarters: int, *, is_mirrored: bool) -> Tensor:
    """[B, C, S, S] turned by quarters of a circle, and mirrored left to right before that."""
    return (x.flip(-1) if is_mirrored else x).rot90(quarters, (-2, -1))


def scaled(latents: Tensor, images: Tensor, scale: float) -> tuple[Tensor, Tensor]:
    """Both made smaller, to the whole number of latent cells that is nearest to `scale`."""
    side, down = latents.shape[-1], images.shape[-1] // latents.shape[-1]
    small = max(1, round(side * scale))

    def resize(x: Tensor, size: int) -> Tensor:
        # Antialiased resizing exists in float32 alone.
        return F.interpolate(x.float(), size=(size, size), mode="bilinear", antialias=True, align_corners=False)

    return resize(latents, small), resize(images, small * down)


def shifted(latents: Tensor, images: Tensor) -> tuple[Tensor, Tensor]:
    """Both half a latent cell to the right and down, without the edge that has no neighbour."""
    half = images.shape[-1] // latents.shape[-1] // 2
    return F.avg_pool2d(latents, 2, stride=1), images[..., half:-half, half:-half]


def moved(latents: Tensor, images: Tensor) -> tuple[Tensor, Tensor]:
    """One random move of a whole batch: latents [B, C, h, h] and the images [B, 3, S, S] that they must give."""
    kind = MOVES[int(torch.randint(len(MOVES), ()))]
    if kind == "turn":
        # A mirrored picture is by far the most frequent of these in use.
        quarters, is_mirrored = (0, True) if torch.rand(()) < 0.5 else (int(torch.randint(1, 4, ())), bool(torch.rand(()) < 0.5))
        return turned(latents, quarters, is_mirrored=is_mirrored), turned(images, quarters, is_mirrored=is_mirrored)
    if kind == "scale":
        return scaled(latents, images, SCALES[int(torch.randint(len(SCALES), ()))])
    return shifted(latents, images)
