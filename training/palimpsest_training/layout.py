"""The training layout of a batch: `clean blocks | noisy targets`, at the positions that inference gives them."""

from __future__ import annotations

import torch
from torch import Tensor

from .data import Batch
from .model.dit import Clean, Dit, Target
from .model.flow import mix
from .model.packing import frame_positions
from .model.rope import rope_tables
from .model.t5 import T5Encoder
from .world.tasks import Slot


def previous_of(batch: Batch, slot: Slot, pictures: dict[int, Tensor]) -> Tensor:
    """What a target starts from [B, C, h, w]: the picture that it edits, nothing, or for a region the empty one."""
    if slot.kind == "mask":
        return batch.empty.expand(batch.size, -1, -1, -1)
    return torch.zeros(batch.size, *batch.empty.shape, device=batch.empty.device) if slot.edits is None else pictures[slot.edits]


def assemble(
    dit: Dit,
    encoder: T5Encoder,
    batch: Batch,
    noise: Tensor,
    time: Tensor,
    drop_text: Tensor | None = None,
    context_noise: float = 0.0,
    keep: Tensor | None = None,
    made: dict[int, Tensor] | None = None,
    *,
    only: int | None = None,
    has_joint_axis: bool = True,
) -> tuple[list[Clean], list[Target]]:
    """The training layout `clean blocks | noisy targets` of a batch.

    noise [B, K, C, h, w] and time [B, K] for the K targets; drop_text [B, K] bool; keep [B, K, n] as in `Target`;
    `made` stands for clean pictures that the model made itself. Sequence positions count what a row holds: real text
    tokens, and no dropped slots, as at inference; what a row does not hold is never attended to. `only` names the one
    slot that is a target, with what stands before it. Without `has_joint_axis` texts and pictures are numbered apart.
    """
    config = dit.config
    size, device = batch.size, noise.device
    side = config.grid // config.patch
    said, shown = (torch.zeros(size, device=device, dtype=torch.float64) for _ in range(2))
    pictures = batch.pictures | (made or {})
    if context_noise:
        level = context_noise * torch.rand(size, 1, 1, 1, device=device)
        pictures = {i: x + level * torch.randn_like(x) for i, x in pictures.items()}
    texts = sorted(batch.ids)
    longest = max((int(batch.lengths[i].max()) for i in texts), default=0)
    states: dict[int, Tensor] = {}
    real: dict[int, Tensor] = {}
    if texts:
        ids = torch.stack([batch.ids[i][:, :longest] for i in texts])
        masks = torch.arange(longest, device=device) < torch.stack([batch.lengths[i] for i in texts])[..., None]
        encoded = encoder(ids.flatten(0, 1), masks.flatten(0, 1)).unflatten(0, masks.shape[:2])
        for row, index in enumerate(texts):
            width = int(batch.lengths[index].max())
            states[index], real[index] = encoded[row, :, :width], masks[row, :, :width]

    def tables(positions: Tensor) -> tuple[Tensor, Tensor]:
        return rope_tables(positions, config.axis_dims, config.rope_theta)

    def frame_tables(where: Tensor, moment: int) -> tuple[Tensor, Tensor]:
        positions = frame_positions(side, side, config.patch_pixels, 0, moment).to(device).expand(size, -1, -1).clone()
        positions[..., 0] += where[:, None]
        return tables(positions)

    clean: list[Clean] = []
    targets: list[Target] = []
    instruction = 0
    for index, slot in enumerate(batch.pattern):
        if only is not None and index > only:
            break
        present = batch.present.get(index)
        s = said + shown if has_joint_axis else said if slot.kind == "text" else shown
        if slot.is_target and only in (None, index):
            number = len(targets)
            latent = batch.pictures[index]
            targets.append(
                Target(
                    mix(latent, noise[:, number], time[:, number, None, None, None]),
                    previous_of(batch, slot, pictures),
                    time[:, number],
                    *frame_tables(s, slot.time),
                    sees=len(clean),
                    text=instruction,
                    drop_text=None if drop_text is None else drop_text[:, number],
                    keep=None if keep is None else keep[:, number],
                )
            )
        if slot.kind == "text":
            if not slot.is_role:
                instruction = len(clean)
            positions = torch.zeros(size, states[index].shape[1], 4, device=device, dtype=torch.float64)
            positions[..., 0] = s[:, None] + torch.arange(positions.shape[1], device=device)
            valid = real[index] if present is None else real[index] & present[:, None]
            clean.append(Clean(dit.embed_text(states[index]), *tables(positions), valid))
        elif slot.is_context and index != only:
            latent = pictures[index]
            valid = None if present is None else present[:, None].expand(-1, config.frame_tokens)
            clean.append(Clean(dit.embed_frame(latent, torch.zeros_like(latent)), *frame_tables(s, slot.time), valid))
        here = torch.ones_like(s) if present is None else present.double()
        if slot.kind == "text":
            said = said + batch.lengths[index] * here
        else:
            shown = shown + here
    return clean, targets
