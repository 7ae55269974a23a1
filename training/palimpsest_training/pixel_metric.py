"""How far the pixels of a picture move when its latent does: what an error of the latent costs to the eye.

Few directions of a latent move most of the picture (a unit of the first moves it thirty times as much as one of most
others). Squared error with all channels alike spends the editor on what nobody sees.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .model.vae import Vae


def pixel_metric(vae: Vae, latents: Tensor, probes: int = 4) -> Tensor:
    """[C, C] with trace C: the mean over places of J^T J of the decoder at `latents` [B, C, h, w].

    J^T v for random pixels v has the covariance J^T J (Hutchinson's estimate).
    """
    latents = latents.detach().clone().requires_grad_(requires_grad=True)
    pixels = vae.decode(latents)
    channels = latents.shape[1]
    total = torch.zeros(channels, channels, device=latents.device)
    for _ in range(probes):
        (moved,) = torch.autograd.grad(pixels, latents, torch.randn_like(pixels), retain_graph=True)
        total += torch.einsum("bchw,bdhw->cd", moved, moved)
    return total * (channels / total.trace())


def metric_root(metric: Tensor, share: float) -> Tensor:
    """[C, C] symmetric R with R R = (1 - share) I + share metric, so that the squared length of R e is the mixed error of e."""
    mixed = (1 - share) * torch.eye(len(metric), device=metric.device) + share * metric
    values, vectors = torch.linalg.eigh(mixed)
    return vectors @ torch.diag(values.clamp_min(0).sqrt()) @ vectors.T
