"""What training minimises: the velocity error of all targets of a batch, and the error of the auxiliary labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from .data import Batch
from .editor import Editor
from .layout import assemble
from .model.attention import Rule
from .model.dit import patchify, unpatchify
from .model.flow import MIN_REMAINING
from .world.tasks import NO_LABEL

LEAST_CHANGED = 8
"""Fewer changed patches share the weight of this many, so that no single patch rules a step."""


@dataclass(frozen=True, slots=True)
class LossOptions:
    """Shares and weights of the loss; `patches` of a target take part, 0 = all.

    `root` [C, C] weighs directions of the latent (`pixel_metric.metric_root`), None = all alike. `noise_share` of the
    targets start from noise alone; `weighs` says whose error counts, that of the velocity (late times weigh most) or of
    the clean latent (all times alike, so that what an edit decides, from noise, weighs most).

    `region_weight` is shared by the changed patches of a target, as extra weight over that of 1 which every patch has.

    The last three are what the shipped model was compared with: what the network's output stands for, who attends to
    whom (under the full rule only the last target of a row takes part), and whether texts and pictures share one axis.
    """

    text_dropout: float = 0.05
    context_noise: float = 0.0
    patches: int = 0
    region_weight: float = 80.0
    mask_weight: float = 0.3
    label_weight: float = 0.2
    root: Tensor | None = None
    noise_share: float = 0.45
    weighs: Literal["velocity", "clean"] = "velocity"
    predicts: Literal["clean", "velocity"] = "clean"
    rule: Rule = "block-causal"
    has_joint_axis: bool = True


def sample_times(shape: tuple[int, ...], device: str, noise_share: float = 0.45) -> Tensor:
    """Flow times: a share exactly noise, else logit-normal(-0.8, 1): edits are decided near the noise."""
    t = torch.sigmoid(torch.randn(shape, device=device) - 0.8)
    return torch.where(torch.rand(shape, device=device) < noise_share, torch.zeros_like(t), t)


def loss_of(editor: Editor, batch: Batch, options: LossOptions, *, is_rollout: bool = False) -> tuple[Tensor, dict[str, float]]:
    """Velocity loss through the clean read-out, heavier on changed patches, plus the label loss.

    With `is_rollout` the clean pictures that targets stand for are the model's own, made in one step: it learns to go on from these.
    """
    chosen = batch.targets[-1:] if options.rule == "full" else batch.targets
    truth = torch.stack([batch.pictures[i] for i in chosen], 1)
    size, count, device = *truth.shape[:2], truth.device
    noise = torch.randn_like(truth)
    t = sample_times((size, count), device.type, options.noise_share)
    drop = torch.rand(size, count, device=device) < options.text_dropout if options.text_dropout else None
    changed = torch.stack([batch.changed[i] for i in chosen], 1)
    named = torch.stack([batch.labels[i] for i in chosen], 1).long()
    keep = choose_patches(changed, options.patches) if options.patches else None
    made = roll_out(editor, batch, torch.randn_like(truth), options) if is_rollout else None
    predicted, labels = predict(editor, batch, noise, t, options, drop=drop, keep=keep, made=made)
    patches = patchify(truth, editor.dit.config.patch)
    if keep is not None:
        patches = patches.gather(2, keep[..., None].expand(-1, -1, -1, patches.shape[-1]))
        changed, named = changed.gather(2, keep), named.gather(2, keep)
    weight = 1.0 / (1.0 - t).clamp_min(MIN_REMAINING) ** 2 if options.weighs == "velocity" else torch.ones_like(t)
    asked = batch.asked(chosen)
    is_mask = torch.tensor([batch.pattern[i].kind == "mask" for i in chosen], device=device)[None, :, None]
    # Black and white lie far out in latent space: their errors are several times those of pictures.
    region = patch_weights(changed, options.region_weight) * asked[..., None] * torch.where(is_mask, options.mask_weight, 1.0)
    error = (predicted - patches).square().mean(-1)
    weighed = error if options.root is None else weighed_error(predicted - patches, options.root)
    total = (weighed * region * weight[..., None]).sum() / region.sum()
    parts = {}
    for name, where in (("changed", changed & ~is_mask), ("mask", (is_mask & asked[..., None]).expand_as(changed))):
        if where.any():
            parts[name] = float(error.detach()[where].mean())
    if labels is not None and options.label_weight:
        known = (named != NO_LABEL) & asked[..., None]
        if drop is not None:
            known = known & ~drop[..., None]
        wrong = F.cross_entropy(labels.float().flatten(0, 2), named.flatten(), reduction="none", ignore_index=NO_LABEL).view_as(error)
        importance = region * known
        total = total + options.label_weight * (wrong * importance).sum() / importance.sum().clamp_min(1)
        if (known & changed).any():
            parts["label"] = float(wrong.detach()[known & changed].mean())
    return total, parts


def weighed_error(error: Tensor, root: Tensor) -> Tensor:
    """Mean square [B, K, P] of `root` [C, C] times errors of patches [B, K, P, C p p]."""
    cells = error.unflatten(-1, (len(root), -1))
    return torch.einsum("cd,bkpds->bkpcs", root, cells).square().mean((-2, -1))


def predict(
    editor: Editor,
    batch: Batch,
    noise: Tensor,
    time: Tensor,
    options: LossOptions,
    *,
    drop: Tensor | None = None,
    keep: Tensor | None = None,
    made: dict[int, Tensor] | None = None,
) -> tuple[Tensor, Tensor | None]:
    """Clean patches [B, K, P, C p p] of the targets (under the full rule of the last one) as float32, and labels as `Dit.forward` has them."""
    only = batch.targets[-1] if options.rule == "full" else None
    clean, targets = assemble(
        editor.dit, editor.t5, batch, noise, time, drop, options.context_noise, keep, made, only=only, has_joint_axis=options.has_joint_axis
    )
    predicted, labels = editor.dit(clean, targets, rule=options.rule)
    if options.predicts == "velocity":
        noisy = torch.stack([patchify(target.noisy, editor.dit.config.patch) for target in targets], 1)
        if keep is not None:
            noisy = noisy.gather(2, keep[..., None].expand(-1, -1, -1, noisy.shape[-1]))
        predicted = noisy + (1 - time)[..., None, None] * predicted.float()
    return predicted.float(), labels


@torch.no_grad()
def roll_out(editor: Editor, batch: Batch, noise: Tensor, options: LossOptions) -> dict[int, Tensor]:
    """What the model makes of every target in one step from noise: slot -> [B, C, h, w]."""
    predicted, _ = predict(editor, batch, noise, torch.zeros(noise.shape[:2], device=noise.device), options)
    config = editor.dit.config
    latents = unpatchify(predicted, config.patch, config.grid, config.grid)
    return {index: latents[:, number] for number, index in enumerate(batch.targets)}


def patch_weights(changed: Tensor, region_weight: float) -> Tensor:
    """Boolean [B, K, P] -> weights [B, K, P]: 1, and `region_weight` shared by the changed patches of a target.

    A thing of eight patches counts as much as a new sky of 64: edits are right or wrong as a whole.
    """
    return 1.0 + changed * (region_weight / changed.sum(-1, keepdim=True).clamp_min(LEAST_CHANGED))


def choose_patches(changed: Tensor, count: int) -> Tensor:
    """[B, K, P] -> indices [B, K, count]: random patches, three quarters of them changed ones where there are as many."""
    score = torch.rand(changed.shape, device=changed.device)
    first = (score + changed.float() * 2).topk(count * 3 // 4, -1).indices
    score.scatter_(-1, first, -1.0)
    return torch.cat([first, score.topk(count - first.shape[-1], -1).indices], -1)
