"""T5 v1.1 encoder (Raffel et al. 2020): pre-norm, relative position bias, gated GELU, no biases."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True, kw_only=True, slots=True)
class T5Config:
    vocabulary: int
    width: int = 256
    layers: int = 3
    heads: int = 4
    head_dim: int = 64
    feed_forward: int = 512
    buckets: int = 32
    max_distance: int = 128
    max_tokens: int = 32


def relative_buckets(tokens: int, buckets: int, max_distance: int) -> Tensor:
    """[tokens, tokens] bucket of key - query: exact when near, logarithmic when far (T5, bidirectional)."""
    offset = torch.arange(tokens)[None, :] - torch.arange(tokens)[:, None]
    half = buckets // 2
    exact = half // 2
    distance = offset.abs()
    far = exact + (torch.log(distance.clamp_min(1).double() / exact) / math.log(max_distance / exact) * (half - exact)).long()
    return (offset > 0).long() * half + torch.where(distance < exact, distance, far.clamp_max(half - 1))


class RmsNorm(nn.Module):
    """T5 layer norm: scale only, no mean."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        x32 = x.float()
        return (x32 * torch.rsqrt(x32.square().mean(-1, keepdim=True) + 1e-6) * self.weight).to(x.dtype)


class _Layer(nn.Module):
    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.config = config
        inner = config.heads * config.head_dim
        self.attention_norm, self.feed_forward_norm = RmsNorm(config.width), RmsNorm(config.width)
        self.qkv = nn.Linear(config.width, 3 * inner, bias=False)
        self.out = nn.Linear(inner, config.width, bias=False)
        self.gate = nn.Linear(config.width, config.feed_forward, bias=False)
        self.up = nn.Linear(config.width, config.feed_forward, bias=False)
        self.down = nn.Linear(config.feed_forward, config.width, bias=False)
        nn.init.normal_(self.qkv.weight, std=config.width**-0.5)
        # T5 has no 1/sqrt(d) in attention; the query's initial scale carries it instead.
        with torch.no_grad():
            self.qkv.weight[:inner] *= config.head_dim**-0.5

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        batch, tokens, _ = x.shape
        qkv = self.qkv(self.attention_norm(x)).view(batch, tokens, 3, self.config.heads, self.config.head_dim)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        scores = (q @ k.transpose(-1, -2)).float() + bias
        mixed = (scores.softmax(-1).to(v.dtype) @ v).transpose(1, 2).reshape(batch, tokens, -1)
        x = x + self.out(mixed)
        y = self.feed_forward_norm(x)
        return x + self.down(F.gelu(self.gate(y), approximate="tanh") * self.up(y))


class T5Encoder(nn.Module):
    """ids [B, n] and mask [B, n] (1 = token) -> states [B, n, width]; padding is never attended to."""

    bucket_table: Tensor

    def __init__(self, config: T5Config) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.relative_bias = nn.Embedding(config.buckets, config.heads)
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))
        self.final_norm = RmsNorm(config.width)
        nn.init.normal_(self.embedding.weight, std=1.0)
        nn.init.zeros_(self.relative_bias.weight)
        table = relative_buckets(config.max_tokens, config.buckets, config.max_distance)
        self.register_buffer("bucket_table", table, persistent=False)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        tokens = ids.shape[1]
        bias = self.relative_bias(self.bucket_table[:tokens, :tokens]).permute(2, 0, 1)[None]
        # Large but finite: some backends assume that infinities do not occur.
        bias = bias.float() + (1.0 - mask.float())[:, None, None, :] * -1e9
        x = self.embedding(ids)
        for layer in self.layers:
            x = layer(x, bias)
        return self.final_norm(x)
