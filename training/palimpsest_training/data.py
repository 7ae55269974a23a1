"""Sessions as latents: drawn, encoded once, and cut into training batches."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .model.dit import Clean, Dit, Target
from .model.flow import mix
from .model.packing import frame_positions
from .model.rope import rope_tables
from .model.t5 import T5Encoder
from .model.vae import Vae, to_tensor
from .text import build_tokenizer
from .world.backgrounds import BACKGROUNDS
from .world.edits import sample_session
from .world.language import scene_words
from .world.sampling import mask_picture, sample_scene
from .world.scene import Scene, draw_order, render, thing_box
from .world.sprites import OBJECTS

TEXT_TOKENS = 32
LABELS = len(OBJECTS) + len(BACKGROUNDS)


def label_grid(scene: Scene, cells: int) -> np.ndarray:
    """[cells * cells] uint8: which thing covers the cell's centre, else which background."""
    grid = np.full((cells, cells), len(OBJECTS) + BACKGROUNDS.index(scene.background), np.uint8)
    centre = (np.arange(cells) + 0.5) / cells * 1024
    for thing in draw_order(scene):
        left, top, side = thing_box(thing, 1024)
        rows = (centre > top) & (centre < top + side)
        columns = (centre > left) & (centre < left + side)
        grid[np.ix_(rows, columns)] = OBJECTS.index(thing.name)
    return grid.reshape(-1)


def changed_grid(before: np.ndarray, after: np.ndarray, cells: int) -> np.ndarray:
    """[cells * cells] bool: patches in which some pixel moved by more than 8 of 255."""
    difference = np.abs(before.astype(np.int16) - after).max(-1) > 8
    side = difference.shape[0] // cells
    return difference.reshape(cells, side, cells, side).any((1, 3)).reshape(-1)


@torch.no_grad()
def encode_frames(vae: Vae, frames: np.ndarray, batch: int = 16) -> Tensor:
    """[n, H, W, 3] uint8 -> normalised latents [n, C, h, w] float16 on the CPU."""
    device = next(vae.parameters()).device
    out = []
    for start in range(0, len(frames), batch):
        images = to_tensor(frames[start : start + batch]).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            latent = vae.encode(images.contiguous(memory_format=torch.channels_last))
        out.append(latent.half().cpu())
    return torch.cat(out)


@dataclass(slots=True)
class Pool:
    """Encoded sessions of equal length. S sessions, K turns.

    latents [S, K+1, C, h, w] f16; ids [S, K, 32] and lengths [S, K]; regions: index into `masks` or -1 [S, K];
    labels [S, K, P]; changed [S, K, P].
    """

    latents: Tensor
    ids: Tensor
    lengths: Tensor
    region: Tensor
    masks: Tensor
    labels: Tensor
    changed: Tensor

    def __len__(self) -> int:
        return len(self.latents)

    @property
    def turns(self) -> int:
        return self.ids.shape[1]


def encode_texts(texts: list[str], rng: random.Random) -> tuple[Tensor, Tensor]:
    """Token ids [n, 32], padded with 0, and lengths [n]; some texts end with a full stop."""
    tokenizer = build_tokenizer()
    ids, lengths = torch.zeros(len(texts), TEXT_TOKENS, dtype=torch.long), torch.zeros(len(texts), dtype=torch.long)
    for row, text in enumerate(texts):
        code = tokenizer.encode(text + ("." if rng.random() < 0.1 else "")).ids
        ids[row, : len(code)] = torch.tensor(code)
        lengths[row] = len(code)
    return ids, lengths


def make_pool(vae: Vae, seed: int, sessions: int, turns: int, size: int, cells: int = 8) -> Pool:
    """Draws and encodes `sessions` training sessions; the same seed gives the same pool."""
    rng = random.Random(seed)
    latents, regions, mask_latents, labels, changed, texts = [], [], [], [], [], []
    count = 0
    chunk = 64
    for start in range(0, sessions, chunk):
        batch = [sample_session(rng, turns) for _ in range(min(chunk, sessions - start))]
        frames, drawn = [], []
        for session in batch:
            pictures = [render(session[0].before, size), *(render(e.after, size) for e in session)]
            frames.extend(pictures)
            for k, edit in enumerate(session):
                mask = edit.drawn_mask(rng, size)
                regions.append(-1 if mask is None else count)
                if mask is not None:
                    drawn.append(mask_picture(mask))
                    count += 1
                labels.append(label_grid(edit.after, cells))
                changed.append(changed_grid(pictures[k], pictures[k + 1], cells))
            texts.extend(e.instruction for e in session)
        latents.append(encode_frames(vae, np.stack(frames)))
        if drawn:
            mask_latents.append(encode_frames(vae, np.stack(drawn)))
    ids, lengths = encode_texts(texts, rng)
    shape = (sessions, turns)
    stacked = torch.cat(latents)
    return Pool(
        latents=stacked.view(sessions, turns + 1, *stacked.shape[1:]),
        ids=ids.view(*shape, -1),
        lengths=lengths.view(shape),
        region=torch.tensor(regions).view(shape),
        masks=torch.cat(mask_latents) if mask_latents else stacked[:0],
        labels=torch.from_numpy(np.stack(labels)).view(*shape, -1),
        changed=torch.from_numpy(np.stack(changed)).view(*shape, -1),
    )


def make_words_pool(vae: Vae, seed: int, scenes: int, size: int, cells: int = 8) -> Pool:
    """Pictures to be made from words alone, as sessions of one turn on an empty (zero) latent."""
    rng = random.Random(seed)
    drawn = [sample_scene(rng, most=2, styled=0.0) for _ in range(scenes)]
    chunks = [encode_frames(vae, np.stack([render(s, size) for s in drawn[i : i + 256]])) for i in range(0, scenes, 256)]
    latents = torch.cat(chunks)
    ids, lengths = encode_texts([scene_words(rng, s) for s in drawn], rng)
    labels = torch.from_numpy(np.stack([label_grid(s, cells) for s in drawn]))[:, None]
    return Pool(
        latents=torch.stack([torch.zeros_like(latents), latents], 1),
        ids=ids[:, None],
        lengths=lengths[:, None],
        region=torch.full((scenes, 1), -1),
        masks=latents[:0],
        labels=labels,
        changed=torch.ones_like(labels, dtype=torch.bool),
    )


@dataclass(slots=True)
class Batch:
    """Sessions of one pattern: frames [B, K+1, C, h, w], regions per turn or None, texts, targets of the loss.

    `with_history` False drops every clean picture: the target sees its instruction (and region) only.
    """

    frames: Tensor
    regions: list[Tensor | None]
    ids: Tensor
    lengths: Tensor
    labels: Tensor
    changed: Tensor
    with_history: bool


def pick_batch(pool: Pool, rng: np.random.Generator, size: int, turns: int, *, with_history: bool, device: str) -> Batch:
    """Random stretches of `turns` turns that all draw (or do not draw) regions at the same turns."""
    starts = pool.turns - turns + 1
    has = (pool.region >= 0).unfold(1, turns, 1).reshape(len(pool) * starts, turns)
    code = (has.long() * (2 ** torch.arange(turns))).sum(1)
    pattern = int(code[int(rng.integers(len(code)))])
    rows = torch.nonzero(code == pattern)[:, 0]
    chosen = rows[torch.from_numpy(rng.integers(len(rows), size=size))]
    session, start = chosen // starts, chosen % starts
    turn = start[:, None] + torch.arange(turns)
    at = (session[:, None], turn)
    frame = start[:, None] + torch.arange(turns + 1)
    frames = pool.latents[session[:, None], frame].to(device).float()
    regions = [pool.masks[pool.region[session, start + k]].to(device).float() if pattern >> k & 1 else None for k in range(turns)]
    longest = int(pool.lengths[at].max())
    return Batch(
        frames,
        regions,
        pool.ids[at][..., :longest].to(device),
        pool.lengths[at].to(device),
        pool.labels[at].to(device),
        pool.changed[at].to(device),
        with_history,
    )


def assemble(
    dit: Dit,
    encoder: T5Encoder,
    batch: Batch,
    noise: Tensor,
    time: Tensor,
    drop_text: Tensor | None = None,
    context_noise: float = 0.0,
    keep: Tensor | None = None,
) -> tuple[list[Clean], list[Target]]:
    """The training layout `clean blocks | noisy targets` of a batch.

    noise [B, K, C, h, w]; time [B, K]; drop_text [B, K] bool; keep [B, K, n] as in `Target`. Sequence positions count real text tokens only,
    as at inference; padded tokens are never attended to.
    """
    config = dit.config
    size, turns = batch.ids.shape[:2]
    device = batch.ids.device
    side = config.grid // config.patch
    frame = frame_positions(side, side, config.patch_pixels, 0).to(device)
    ones = torch.ones(size, device=device, dtype=torch.float64)
    s = torch.zeros(size, device=device, dtype=torch.float64)
    frames = batch.frames
    if context_noise:
        frames = frames + context_noise * torch.rand(size, 1, 1, 1, 1, device=device) * torch.randn_like(frames)
    mask = torch.arange(batch.ids.shape[2], device=device) < batch.lengths[..., None]
    states = encoder(batch.ids.flatten(0, 1), mask.flatten(0, 1)).unflatten(0, (size, turns))

    def tables(positions: Tensor) -> tuple[Tensor, Tensor]:
        return rope_tables(positions, config.axis_dims, config.rope_theta)

    def frame_tables(where: Tensor) -> tuple[Tensor, Tensor]:
        positions = frame.expand(size, -1, -1).clone()
        positions[..., 0] += where[:, None]
        return tables(positions)

    def picture(latent: Tensor, where: Tensor) -> Clean:
        return Clean(dit.embed_frame(latent, torch.zeros_like(latent)), *frame_tables(where))

    clean: list[Clean] = []
    targets: list[Target] = []
    if batch.with_history:
        clean.append(picture(frames[:, 0], s))
    s = s + ones
    for k in range(turns):
        positions = torch.zeros(size, batch.ids.shape[2], 4, device=device, dtype=torch.float64)
        positions[..., 0] = s[:, None] + torch.arange(batch.ids.shape[2], device=device)
        text = len(clean)
        clean.append(Clean(dit.embed_text(states[:, k]), *tables(positions), mask[:, k]))
        s = s + batch.lengths[:, k]
        region = batch.regions[k]
        if region is not None:
            clean.append(picture(region, s))
            s = s + ones
        targets.append(
            Target(
                mix(batch.frames[:, k + 1], noise[:, k], time[:, k, None, None, None]),
                frames[:, k],
                time[:, k],
                *frame_tables(s),
                sees=len(clean),
                text=text,
                drop_text=None if drop_text is None else drop_text[:, k],
                keep=None if keep is None else keep[:, k],
            )
        )
        if k + 1 < turns and batch.with_history:
            clean.append(picture(frames[:, k + 1], s))
        s = s + ones
    return clean, targets
