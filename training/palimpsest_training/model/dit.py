"""Block-causal diffusion transformer over interleaved text, pictures and regions.

Shape legend: B sessions, N clean tokens, K targets, F tokens of a frame, H heads, D head dim,
W width, C/h/w latent channels, rows, columns.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .attention import Backend, Heads, Layout, Rule, default_backend, hidden_keys, training_attention
from .flow import time_features
from .rope import apply_rope, ntk_thetas

# Head dim -> dims of the axes (s, t, h, w), in the proportions of EditVerse (section on the transformer: 12, 4, 56, 56).
AXIS_DIMS = {64: (6, 2, 28, 28), 128: (12, 4, 56, 56)}


@dataclass(frozen=True, kw_only=True, slots=True)
class DitConfig:
    width: int = 256
    layers: int = 8
    heads: int = 4
    feed_forward: int = 704
    axis_dims: tuple[int, int, int, int] = AXIS_DIMS[64]
    rope_theta: float = 10_000.0
    norm_eps: float = 1e-6
    text_width: int = 256
    time_features: int = 64
    channels: int = 32
    grid: int = 16
    rows: int | None = None
    """Latent rows; None = as many as `grid`, the columns."""
    trained: tuple[int, int] | None = None
    """Latent rows and columns of training; None = these."""
    patch: int = 2
    downsample: int = 16
    labels: int = 0
    """Classes of the auxiliary head at a third of the depth; 0 = none. It is not exported."""

    @property
    def head_dim(self) -> int:
        return sum(self.axis_dims)

    @property
    def latent(self) -> tuple[int, int]:
        """Rows and columns of the latent."""
        return self.rows or self.grid, self.grid

    @property
    def thetas(self) -> tuple[float, ...]:
        """Rotary theta of each axis."""
        scales = (now / then for now, then in zip(self.latent, self.trained or self.latent, strict=True))
        return ntk_thetas(self.rope_theta, self.axis_dims, (1.0, 1.0, *scales))

    @property
    def patches(self) -> int:
        rows, columns = self.latent
        return (rows // self.patch) * (columns // self.patch)

    @property
    def frame_tokens(self) -> int:
        return self.patches + 2

    @property
    def patch_pixels(self) -> int:
        return self.patch * self.downsample


def rms(x: Tensor, eps: float) -> Tensor:
    """x over its root mean square along the last dim, in float32."""
    x32 = x.float()
    return x32 * torch.rsqrt(x32.square().mean(-1, keepdim=True) + eps)


def patchify(latent: Tensor, patch: int) -> Tensor:
    """[..., C, h, w] -> [..., (h/p)(w/p), C p p]."""
    *lead, channels, h, w = latent.shape
    x = latent.reshape(*lead, channels, h // patch, patch, w // patch, patch)
    n = len(lead)
    x = x.permute(*range(n), n + 1, n + 3, n, n + 2, n + 4)
    return x.reshape(*lead, (h // patch) * (w // patch), channels * patch * patch)


def unpatchify(tokens: Tensor, patch: int, h: int, w: int) -> Tensor:
    """Inverse of `patchify`."""
    *lead, _, size = tokens.shape
    channels = size // (patch * patch)
    x = tokens.reshape(*lead, h // patch, w // patch, channels, patch, patch)
    n = len(lead)
    x = x.permute(*range(n), n + 2, n, n + 3, n + 1, n + 4)
    return x.reshape(*lead, channels, h, w)


def gather_tokens(x: Tensor, index: Tensor) -> Tensor:
    """[B, n, W] at index [B, m] -> [B, m, W]."""
    return x.gather(1, index[..., None].expand(-1, -1, x.shape[-1]))


@functools.cache
def _compiled(function: Callable[..., object], compiler: str) -> Callable[..., object]:
    """Compiled once for all blocks; kept outside them, as a copied block would otherwise compute with the weights of the first."""
    return torch.compile(function, dynamic=True, backend=compiler)


@dataclass(frozen=True, slots=True)
class Pass:
    """What all blocks of one training pass share: rotary tables of clean tokens and of targets, and the attention."""

    tables_c: tuple[Tensor, Tensor]
    tables_n: tuple[Tensor, Tensor]
    layout: Layout
    hidden: Tensor | None
    backend: Backend


class Block(nn.Module):
    """Transformer block split where attention stands: `front` makes q, k, v; `back` takes its output."""

    compiler: str | None = None

    def __init__(self, config: DitConfig) -> None:
        super().__init__()
        self.config = config
        inner = config.heads * config.head_dim
        self.qkv = nn.Linear(config.width, 3 * inner, bias=False)
        self.out = nn.Linear(inner, config.width, bias=False)
        self.gate_up = nn.Linear(config.width, 2 * config.feed_forward, bias=False)
        self.down = nn.Linear(config.feed_forward, config.width, bias=False)
        self.q_norm = nn.Parameter(torch.ones(config.head_dim))
        self.k_norm = nn.Parameter(torch.ones(config.head_dim))
        # One projection of time serves all blocks (adaLN-single); a block adds only this table to it.
        self.modulation = nn.Parameter(torch.zeros(6, config.width))
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.down.weight)

    def _modulated(self, x: Tensor, shared: Tensor, index: int) -> Tensor:
        m = shared + self.modulation
        normed = rms(x, self.config.norm_eps)
        return normed * (1 + m[..., index + 1, :]) + m[..., index, :]

    def front(self, x: Tensor, shared: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x [..., n, W], shared [..., 1, 6, W] -> q, k, v [..., n, H D], not yet normed or rotated."""
        q, k, v = self.qkv(self._modulated(x, shared, 0)).chunk(3, -1)
        return q, k, v

    def back(self, x: Tensor, attention: Tensor, shared: Tensor) -> Tensor:
        gates = shared + self.modulation
        x = x + (1 + gates[..., 2, :]) * self.out(attention)
        gate, up = self.gate_up(self._modulated(x, shared, 3)).chunk(2, -1)
        return x + (1 + gates[..., 5, :]) * self.down(F.silu(gate) * up)

    def heads(self, x: Tensor) -> Tensor:
        """[..., n, H D] -> [..., H, n, D]."""
        return x.unflatten(-1, (self.config.heads, self.config.head_dim)).transpose(-2, -3)

    def prepare(self, q: Tensor, k: Tensor, v: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Heads split, q and k normed and rotated; cos, sin [..., n, D/2]."""
        cos, sin = cos.unsqueeze(-3), sin.unsqueeze(-3)
        q = apply_rope(rms(self.heads(q), self.config.norm_eps) * self.q_norm, cos, sin)
        k = apply_rope(rms(self.heads(k), self.config.norm_eps) * self.k_norm, cos, sin)
        return q, k, self.heads(v)

    def project(self, x: Tensor, shared: Tensor, cos: Tensor, sin: Tensor) -> Heads:
        """`front` and `prepare` for the training pass: q, k, v in the dtype of the matrix product."""
        q, k, v = self.front(x, shared)
        q, k, v = self.prepare(q, k, v, cos, sin)
        return q.to(v.dtype), k.to(v.dtype), v

    def forward(
        self, x_c: Tensor, x_n: Tensor, mod_c: Tensor, mod_n: Tensor, shared: Pass, *, targets_only: bool = False
    ) -> tuple[Tensor | None, Tensor]:
        """One block of the training pass: clean tokens [B, N, W], targets [B, K, F, W], modulations [1, 1, 6, W] and [B, K, 1, 6, W].

        With `targets_only` no clean tokens come back: those of the last block would feed nothing.
        """
        project, back = (f if self.compiler is None else _compiled(f, self.compiler) for f in (Block.project, Block.back))
        clean, noisy = project(self, x_c, mod_c, *shared.tables_c), project(self, x_n, mod_n, *shared.tables_n)
        mixed_c, mixed_n = training_attention(clean, noisy, shared.layout, shared.hidden, shared.backend, targets_only=targets_only)
        x_n = back(self, x_n, mixed_n, mod_n)
        return None if targets_only else back(self, x_c, mixed_c, mod_c), x_n


@dataclass(frozen=True, slots=True)
class Target:
    """Noisy frames of one turn: latents and the frame being edited [B, C, h, w], time [B], tables [F, D/2] or [B, F, D/2].

    It sees the first `sees` clean blocks, but not the text block `text` where `drop_text` [B] is True.
    `keep` [B, n] names the patches that take part (None = all): most patches of an edit only stay as they are,
    and training on a part of them costs less.
    """

    noisy: Tensor
    previous: Tensor
    time: Tensor
    cos: Tensor
    sin: Tensor
    sees: int
    text: int
    drop_text: Tensor | None = None
    keep: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Clean:
    """One clean block: tokens [B, n, W], tables [B or 1, n, D/2], and which tokens are real [B, n] (None = all)."""

    tokens: Tensor
    cos: Tensor
    sin: Tensor
    valid: Tensor | None = None


class Dit(nn.Module):
    """Predicts the clean latent of every target from the clean blocks before it."""

    def __init__(self, config: DitConfig) -> None:
        super().__init__()
        self.config = config
        size = config.channels * config.patch**2
        self.text_in = nn.Linear(config.text_width, config.width, bias=False)
        self.vision_in = nn.Linear(2 * size, config.width, bias=False)
        self.vision_edges = nn.Parameter(torch.randn(2, config.width) * 0.02)
        # RoPE tells offsets only; places in the frame are named absolutely ("top left").
        self.place = nn.Parameter(torch.randn(config.patches, config.width) * 0.02)
        self.time_in = nn.Linear(config.time_features, config.width)
        self.time_out = nn.Linear(config.width, 6 * config.width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.final_modulation = nn.Parameter(torch.zeros(2, config.width))
        self.clean_out = nn.Linear(config.width, size)
        self.gate_out = nn.Linear(config.width, config.patch**2)
        self.label_out = nn.Linear(config.width, config.labels) if config.labels else None
        nn.init.zeros_(self.time_out.weight)
        nn.init.zeros_(self.time_out.bias)
        nn.init.zeros_(self.clean_out.weight)
        nn.init.zeros_(self.clean_out.bias)
        nn.init.zeros_(self.gate_out.weight)
        # The gate opens at 1: an untrained model copies the frame it edits.
        nn.init.ones_(self.gate_out.bias)

    def embed_text(self, states: Tensor) -> Tensor:
        return self.text_in(states)

    def embed_patches(self, patches: Tensor) -> Tensor:
        """[..., P, 2 C p p] -> [..., P, W]."""
        return self.vision_in(patches) + self.place

    def add_edges(self, x: Tensor) -> Tensor:
        """Puts the start and end tokens about the patches."""
        edges = self.vision_edges.expand(*x.shape[:-2], 2, -1)
        return torch.cat([edges[..., :1, :], x, edges[..., 1:, :]], -2)

    def embed_frame(self, latent: Tensor, previous: Tensor) -> Tensor:
        """[..., C, h, w] twice -> [..., F, W]."""
        patches = torch.cat([patchify(latent, self.config.patch), patchify(previous, self.config.patch)], -1)
        return self.add_edges(self.embed_patches(patches))

    def modulate(self, features: Tensor) -> Tensor:
        """[..., time_features] -> [..., 6, W], shared by all blocks."""
        return self.time_out(F.silu(self.time_in(features))).unflatten(-1, (6, self.config.width))

    def read_patches(self, x: Tensor, shared: Tensor, previous: Tensor) -> Tensor:
        """[..., F, W] and the edited frame's patches [..., P, C p p] -> clean patches: gate times old, plus new."""
        m = shared[..., :2, :] + self.final_modulation
        y = rms(x[..., 1:-1, :], self.config.norm_eps) * (1 + m[..., 1, :]) + m[..., 0, :]
        # Patches hold channels before pixels, and a gate is one number per pixel of the patch.
        old = previous.unflatten(-1, (self.config.channels, self.config.patch**2)) * self.gate_out(y).unsqueeze(-2)
        return self.clean_out(y) + old.flatten(-2)

    def read_out(self, x: Tensor, shared: Tensor, previous: Tensor) -> Tensor:
        """[..., F, W] -> clean latent [..., C, h, w]."""
        p = self.config.patch
        return unpatchify(self.read_patches(x, shared, patchify(previous, p)), p, *self.config.latent)

    def forward(
        self, clean: list[Clean], targets: list[Target], backend: Backend | None = None, rule: Rule = "block-causal"
    ) -> tuple[Tensor, Tensor | None]:
        """Clean patches [B, K, P, C p p] of all targets in one pass, and auxiliary labels [B, K, P, L].

        `backend` None takes the best one of the device. The rule "full" takes a single target that sees all clean
        blocks; what it computes has no `cached` form.
        """
        config, device, batch = self.config, targets[0].noisy.device, targets[0].noisy.shape[0]
        embedded = [self._embed_target(t) for t in targets]
        x_n, previous, cos_n, sin_n = (torch.stack(parts, 1) for parts in zip(*embedded, strict=True))
        x_c = torch.cat([b.tokens for b in clean], 1)
        cos_c = torch.cat([b.cos.expand(batch, -1, -1) for b in clean], 1)
        sin_c = torch.cat([b.sin.expand(batch, -1, -1) for b in clean], 1)
        valid = None
        if any(b.valid is not None for b in clean):
            valid = torch.cat([b.tokens.new_ones(b.tokens.shape[:2], dtype=torch.bool) if b.valid is None else b.valid for b in clean], 1)
        layout = Layout(tuple(b.tokens.shape[1] for b in clean), tuple(t.sees for t in targets), x_n.shape[2], rule)
        hidden = hidden_keys(layout, valid, [t.text for t in targets], [t.drop_text for t in targets])
        shared = Pass((cos_c, sin_c), (cos_n, sin_n), layout, hidden, backend or default_backend(device))
        mod_c = self.modulate(time_features(torch.ones(1, 1, device=device), config.time_features))
        mod_n = self.modulate(time_features(torch.stack([t.time for t in targets], 1)[..., None], config.time_features))
        labels = None
        for index, block in enumerate(self.blocks):
            x_c, x_n = block(x_c, x_n, mod_c, mod_n, shared, targets_only=index + 1 == config.layers)
            if self.label_out is not None and index + 1 == max(1, config.layers // 3 + 1):
                labels = self.label_out(rms(x_n[:, :, 1:-1], config.norm_eps))
        return self.read_patches(x_n, mod_n, previous), labels

    def cached(self, x: Tensor, m: Tensor, cos: Tensor, sin: Tensor, past_k: Tensor, past_v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Inference of one segment: x [n, W], modulation m [1, 6, W], past [layers, H, c, D] -> x, k, v [layers, H, n, D].

        It sees the past and all of itself: with the segments given in order this is the training rule.
        """
        keys, values = [], []
        for index, block in enumerate(self.blocks):
            q, k, v = block.prepare(*block.front(x, m), cos, sin)
            keys.append(k)
            values.append(v)
            all_k, all_v = torch.cat([past_k[index], k], 1), torch.cat([past_v[index], v], 1)
            scores = (q * self.config.head_dim**-0.5) @ all_k.transpose(-1, -2)
            x = block.back(x, (scores.softmax(-1) @ all_v).transpose(0, 1).flatten(1), m)
        return x, torch.stack(keys), torch.stack(values)

    def _embed_target(self, target: Target) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Tokens [B, F, W], patches of the edited frame, and tables of a target, for the patches it keeps."""
        config = self.config
        previous = patchify(target.previous, config.patch)
        x = self.embed_patches(torch.cat([patchify(target.noisy, config.patch), previous], -1))
        shape = (x.shape[0], config.frame_tokens, config.head_dim // 2)
        cos, sin = target.cos.expand(shape), target.sin.expand(shape)
        if target.keep is None:
            return self.add_edges(x), previous, cos, sin
        inside = torch.cat([torch.zeros_like(target.keep[:, :1]), target.keep + 1, torch.full_like(target.keep[:, :1], config.frame_tokens - 1)], 1)
        return (
            self.add_edges(gather_tokens(x, target.keep)),
            gather_tokens(previous, target.keep),
            gather_tokens(cos, inside),
            gather_tokens(sin, inside),
        )


def compile_blocks(dit: Dit, compiler: str = "inductor") -> None:
    """Has the parts of the training pass beside attention compiled, at the first step and within about a minute.

    Copies made of `dit` later are compiled as well; exports never are.
    """
    for block in dit.blocks:
        block.compiler = compiler
