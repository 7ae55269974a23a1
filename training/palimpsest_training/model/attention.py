"""Attention of the training pass over `clean blocks | noisy targets`: one rule, three backends that give equal numbers.

Shape legend: B sessions, N clean tokens, K targets, F tokens of a target, H heads, D head dim.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import torch
from torch import Tensor
from torch._dynamo import config as dynamo_config
from torch.nn import functional as F
from torch.nn.attention.flex_attention import BlockMask, create_block_mask, flex_attention

from .packing import training_mask

Backend = Literal["blocks", "dense", "flex"]
Rule = Literal["block-causal", "full"]

# Tokens of a tile of FlexAttention; lengths are padded to it, so that few shapes are compiled.
TILE = 128


@dataclass(frozen=True, slots=True)
class Layout:
    """Structure of a batch, equal for all its sessions and usable as a key: block lengths, and of every target what it sees.

    Rule "block-causal": a clean token sees the clean blocks up to its own, target k the first `sees[k]` clean
    blocks and itself. Rule "full": every token sees every token, the clean ones also the target; one target only.
    """

    clean: tuple[int, ...]
    sees: tuple[int, ...]
    frame: int
    rule: Rule = "block-causal"

    def __post_init__(self) -> None:
        if self.rule == "full" and self.sees != (len(self.clean),):
            message = f"the full rule takes one target that sees all {len(self.clean)} clean blocks, got targets that see {list(self.sees)}"
            raise ValueError(message)

    @property
    def ends(self) -> list[int]:
        """Where clean blocks begin and end: 0, then the end of each."""
        ends = [0]
        for length in self.clean:
            ends.append(ends[-1] + length)
        return ends

    @property
    def tokens(self) -> int:
        return sum(self.clean) + len(self.sees) * self.frame

    def mask(self) -> Tensor:
        """Boolean [N + K F, N + K F], True = may attend."""
        if self.rule == "full":
            return torch.ones(self.tokens, self.tokens, dtype=torch.bool)
        return training_mask(list(self.clean), [(seen, self.frame) for seen in self.sees])


def hidden_keys(layout: Layout, valid: Tensor | None, texts: list[int], dropped: list[Tensor | None]) -> Tensor | None:
    """Clean keys that a session hides, [B, 1 + K, N], True = hidden: row 0 from clean tokens, row 1 + k from target k.

    valid [B, N] is False at padding; dropped[k] [B] hides the text block texts[k] from target k. Under the full
    rule it hides it from all, or the other clean tokens would tell the target. None: nothing is hidden.
    """
    given = [valid, *dropped]
    first = next((tensor for tensor in given if tensor is not None), None)
    if first is None:
        return None
    ends = layout.ends
    hidden = torch.zeros(first.shape[0], 1 + len(texts), ends[-1], dtype=torch.bool, device=first.device)
    if valid is not None:
        hidden |= ~valid[:, None]
    for number, (text, drop) in enumerate(zip(texts, dropped, strict=True)):
        if drop is not None:
            rows = slice(None) if layout.rule == "full" else slice(1 + number, 2 + number)
            hidden[:, rows, ends[text] : ends[text + 1]] |= drop[:, None, None]
    return hidden


def attend(q: Tensor, k: Tensor, v: Tensor, allowed: Tensor | None = None) -> Tensor:
    """Scaled dot-product attention; `allowed` is boolean, broadcast against [..., queries, keys].

    On the CPU plain products beat the fused kernel, whose backward pass is slow at these sizes.
    """
    if q.device.type != "cpu":
        return F.scaled_dot_product_attention(q, k, v, attn_mask=allowed)
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    if allowed is not None:
        scores = scores.masked_fill(~allowed, -1e9)
    return scores.softmax(-1, dtype=torch.float32).to(v.dtype) @ v


def default_backend(device: torch.device) -> Backend:
    """'flex' on CUDA where Triton can compile it, else 'blocks'."""
    can_flex = device.type == "cuda" and torch.cuda.get_device_capability(device) >= (8, 0) and importlib.util.find_spec("triton") is not None
    return "flex" if can_flex else "blocks"


Heads = tuple[Tensor, Tensor, Tensor]


def training_attention(
    clean: Heads, noisy: Heads, layout: Layout, hidden: Tensor | None, backend: Backend, *, targets_only: bool = False
) -> tuple[Tensor | None, Tensor]:
    """What clean tokens [B, N, H D] and targets [B, K, F, H D] take from what they see.

    clean: q, k, v [B, H, N, D]; noisy: q, k, v [B, K, H, F, D]; all normed, rotated and of one dtype. `hidden` as
    `hidden_keys` makes it. With `targets_only` the first result is None or unused work, whichever is cheaper.
    """
    if backend not in {"blocks", "dense", "flex"}:
        message = f"unknown attention backend {backend!r}: take 'blocks', 'dense' or 'flex'"
        raise ValueError(message)
    if backend == "blocks" and layout.rule == "block-causal":
        return _by_blocks(clean, noisy, layout, hidden, targets_only=targets_only)
    pad = -layout.tokens % TILE if backend == "flex" else 0
    q, k, v = (_join(c, n, pad) for c, n in zip(clean, noisy, strict=True))
    if backend == "flex":
        mixed = _flex(q, k, v, layout, hidden)
    elif backend == "dense":
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=_dense_mask(layout, hidden, q.device))
    else:
        # Under the full rule all queries see the same keys, so that no mask has a row per query.
        mixed = attend(q, k, v, None if hidden is None else F.pad(~hidden[:, 0, None, None], (0, layout.frame), value=True))
    total = sum(layout.clean)
    mixed = mixed.transpose(1, 2).flatten(2)
    return mixed[:, :total], mixed[:, total : layout.tokens].unflatten(1, (len(layout.sees), layout.frame))


@dataclass(frozen=True, slots=True)
class _Group:
    """Queries that see the same keys: clean tokens `span`, or the target `own`; the first `seen` clean keys and those of the target."""

    seen: int
    span: slice | None = None
    own: int | None = None

    def queries(self, clean: Tensor, noisy: Tensor) -> Tensor:
        return clean[:, :, self.span] if self.own is None else noisy[:, self.own]

    def keys(self, clean: Tensor, noisy: Tensor) -> Tensor:
        prefix = clean[:, :, : self.seen]
        return prefix if self.own is None else torch.cat([prefix, noisy[:, self.own]], 2)

    def output(self, clean: Tensor, noisy: Tensor) -> Tensor:
        """Where the results of the queries lie, [B, n, H, D], in those of all: [B, N, H, D] and [B, K, F, H, D]."""
        return clean[:, self.span] if self.own is None else noisy[:, self.own]


class _ByBlocks(torch.autograd.Function):
    """Group by group over the keys that it sees: nothing is computed only to be masked.

    The backward pass is written out so that gradients of keys add up in place: autograd would fill a tensor as long
    as the sequence for every prefix. A training step on the CPU takes a tenth less with it.
    """

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401
        q_c: Tensor,
        k_c: Tensor,
        v_c: Tensor,
        q_n: Tensor,
        k_n: Tensor,
        v_n: Tensor,
        groups: list[_Group],
        hidden: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        scale = q_c.shape[-1] ** -0.5
        mixed_c, mixed_n = (torch.empty_like(x, memory_format=torch.contiguous_format) for x in (q_c.transpose(1, 2), q_n.transpose(2, 3)))
        weights = []
        for group in groups:
            scores = (group.queries(q_c, q_n) * scale) @ group.keys(k_c, k_n).transpose(-1, -2)
            if hidden is not None:
                row = 0 if group.own is None else 1 + group.own
                scores[..., : group.seen].masked_fill_(hidden[:, row, None, None, : group.seen], -1e9)
            weights.append(scores.softmax(-1))
            group.output(mixed_c, mixed_n).copy_((weights[-1] @ group.keys(v_c, v_n)).transpose(1, 2))
        ctx.groups, ctx.scale = groups, scale
        ctx.save_for_backward(q_c, k_c, v_c, q_n, k_n, v_n, *weights)
        return mixed_c, mixed_n

    @staticmethod
    def backward(ctx: Any, g_c: Tensor, g_n: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        q_c, k_c, v_c, q_n, k_n, v_n, *weights = ctx.saved_tensors
        dq_c, dq_n, dk_n, dv_n = (torch.empty_like(x) for x in (q_c, q_n, k_n, v_n))
        dk_c, dv_c = torch.zeros_like(k_c), torch.zeros_like(v_c)
        for group, p in zip(ctx.groups, weights, strict=True):
            g = group.output(g_c, g_n).transpose(1, 2)
            # Softmax and scale: p (dp - sum(dp p)) s.
            ds = torch._softmax_backward_data(g @ group.keys(v_c, v_n).transpose(-1, -2), p, -1, p.dtype).mul_(ctx.scale)  # noqa: SLF001
            group.queries(dq_c, dq_n).copy_(ds @ group.keys(k_c, k_n))
            for total, targets, part in (
                (dk_c, dk_n, ds.transpose(-1, -2) @ group.queries(q_c, q_n)),
                (dv_c, dv_n, p.transpose(-1, -2) @ g),
            ):
                total[:, :, : group.seen] += part[:, :, : group.seen]
                if group.own is not None:
                    targets[:, group.own] = part[:, :, group.seen :]
        are_clean_queries = any(group.own is None for group in ctx.groups)
        return dq_c if are_clean_queries else None, dk_c, dv_c, dq_n, dk_n, dv_n, None, None


def _by_blocks(clean: Heads, noisy: Heads, layout: Layout, hidden: Tensor | None, *, targets_only: bool) -> tuple[Tensor | None, Tensor]:
    ends = layout.ends
    groups = [_Group(ends[seen], own=number) for number, seen in enumerate(layout.sees)]
    if not targets_only:
        groups += [_Group(end, span=slice(start, end)) for start, end in pairwise(ends)]
    mixed_c, mixed_n = _ByBlocks.apply(*clean, *noisy, groups, hidden)
    return None if targets_only else mixed_c.flatten(2), mixed_n.flatten(3)


def _join(clean: Tensor, noisy: Tensor, pad: int) -> Tensor:
    """[B, H, N, D] and [B, K, H, F, D] -> [B, H, N + K F + pad, D]."""
    parts = [clean, *noisy.unbind(1)]
    if pad:
        parts.append(clean.new_zeros(*clean.shape[:2], pad, clean.shape[3]))
    return torch.cat(parts, 2)


def _query_rows(layout: Layout, padded: int, device: torch.device) -> Tensor:
    """[padded] the row of `hidden_keys` that holds for each query."""
    rows = torch.zeros(padded, dtype=torch.int64, device=device)
    targets = torch.arange(1, 1 + len(layout.sees), device=device).repeat_interleave(layout.frame)
    rows[sum(layout.clean) : layout.tokens] = targets
    return rows


def _dense_mask(layout: Layout, hidden: Tensor | None, device: torch.device) -> Tensor:
    """[B or 1, 1, n, n]."""
    mask = layout.mask().to(device)[None, None]
    if hidden is None:
        return mask
    hidden = F.pad(hidden, (0, layout.tokens - hidden.shape[2]), value=False)
    return mask & ~hidden[:, _query_rows(layout, layout.tokens, device)][:, None]


@functools.lru_cache(maxsize=64)
def _block_mask(layout: Layout, device: torch.device) -> BlockMask:
    """Which tiles are computed at all; made once per layout, as it does not depend on a session."""
    pad = -layout.tokens % TILE
    # Padded queries see nothing: their tiles cost nothing, and their output is dropped.
    allowed = F.pad(layout.mask(), (0, pad, 0, pad), value=False).to(device)

    def may_attend(_b: Tensor, _h: Tensor, q: Tensor, k: Tensor) -> Tensor:
        return allowed[q, k]

    return create_block_mask(may_attend, None, None, *allowed.shape, device=device, BLOCK_SIZE=TILE)


@functools.cache
def _compiled_flex() -> Callable[..., Tensor]:
    """Compiled for each shape; the limit is raised, as sessions of many lengths and turns come by turns."""
    return dynamo_config.patch(recompile_limit=64)(torch.compile(flex_attention, dynamic=False))


def _score_mod(layout: Layout, hidden: Tensor | None, padded: int) -> Callable[..., Tensor] | None:
    """What a session hides goes into the scores, so that the tiles of the mask serve every batch."""
    if hidden is None:
        return None
    concealed, rows = F.pad(hidden, (0, padded - hidden.shape[2]), value=False), _query_rows(layout, padded, hidden.device)

    def score(s: Tensor, b: Tensor, _h: Tensor, q: Tensor, k: Tensor) -> Tensor:
        return torch.where(concealed[b, rows[q], k], -float("inf"), s)

    return score


def _flex(q: Tensor, k: Tensor, v: Tensor, layout: Layout, hidden: Tensor | None) -> Tensor:
    """FlexAttention over the padded sequence [B, H, n, D].

    On CUDA it is compiled, for training and inference; that path follows PyTorch's documentation and has not been
    run by the tests, which have no GPU. On the CPU it runs uncompiled and without gradients, which is all that
    PyTorch offers there.
    """
    device = q.device
    if device.type == "cpu" and torch.is_grad_enabled() and any(x.requires_grad for x in (q, k, v)):
        message = "flex attention has no backward pass on the CPU: train with the backend 'blocks' there"
        raise NotImplementedError(message)
    function = _compiled_flex() if device.type == "cuda" else flex_attention
    return function(q, k, v, score_mod=_score_mod(layout, hidden, q.shape[2]), block_mask=_block_mask(layout, device))
