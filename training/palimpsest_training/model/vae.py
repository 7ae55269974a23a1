"""Convolutional autoencoder without attention or group norm (exports to plain Conv).

Shapes: images [B, 3, H, W] in -1..1, latents [B, C, H/f, W/f] with f = `downsample`, bounded to -3..3 before normalisation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True, kw_only=True, slots=True)
class VaeConfig:
    """Widths at 1/s, 1/2s and 1/4s of the frame (s = `stem`), and residual blocks there (encoder, decoder)."""

    stem: int = 4
    channels: int = 32
    widths: tuple[int, int, int] = (64, 128, 256)
    encoder_blocks: tuple[int, int, int] = (0, 1, 1)
    decoder_blocks: tuple[int, int, int] = (1, 1, 2)

    @property
    def downsample(self) -> int:
        return self.stem * 4


def to_tensor(images: np.ndarray) -> Tensor:
    """[B, H, W, 3] uint8 -> [B, 3, H, W] float32 in -1..1."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with SiLU; starts as the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.silu(self.first(F.silu(x))))


def _blocks(width: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(width) for _ in range(count)))


class Vae(nn.Module):
    """Encoder and decoder with per-channel latent normalisation (`mean`, `std` set after training)."""

    mean: Tensor
    std: Tensor

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = config
        a, b, c = config.widths
        ea, eb, ec = config.encoder_blocks
        da, db, dc = config.decoder_blocks
        self.encoder = nn.Sequential(
            nn.Conv2d(3, a, config.stem, stride=config.stem),
            _blocks(a, ea),
            nn.Conv2d(a, b, 3, stride=2, padding=1),
            _blocks(b, eb),
            nn.Conv2d(b, c, 3, stride=2, padding=1),
            _blocks(c, ec),
            nn.SiLU(),
            nn.Conv2d(c, config.channels, 1),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(config.channels, c, 3, padding=1),
            _blocks(c, dc),
            nn.Conv2d(c, b * 4, 1),
            nn.PixelShuffle(2),
            _blocks(b, db),
            nn.Conv2d(b, a * 4, 1),
            nn.PixelShuffle(2),
            _blocks(a, da),
            nn.SiLU(),
            nn.Conv2d(a, 3 * config.stem**2, 3, padding=1),
            nn.PixelShuffle(config.stem),
        )
        self.register_buffer("mean", torch.zeros(config.channels))
        self.register_buffer("std", torch.ones(config.channels))

    def encode_raw(self, image: Tensor) -> Tensor:
        """Bounded latents before normalisation."""
        return 3.0 * torch.tanh(self.encoder(image) / 3.0)

    def decode_raw(self, latent: Tensor) -> Tensor:
        return self.decoder(latent)

    def encode(self, image: Tensor) -> Tensor:
        """Normalised latents, about zero mean and unit variance per channel."""
        return (self.encode_raw(image) - self.mean.view(1, -1, 1, 1)) / self.std.view(1, -1, 1, 1)

    def decode(self, latent: Tensor) -> Tensor:
        """Images; values may leave -1..1 a little, callers clamp."""
        return self.decode_raw(latent * self.std.view(1, -1, 1, 1) + self.mean.view(1, -1, 1, 1))
