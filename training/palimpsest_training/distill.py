"""Distils a trained editor to few steps with guidance folded in, so that one pass a step does.

The student is the teacher's copy. From a point of the path at a grid time it learns to land where the guided teacher
lands after several steps (endpoint form of shortcut distillation, Frans et al. 2024, without a step-size input: its
prediction of the clean latent is the jump itself, so that any number of Euler steps can use it). Two losses of
Video4Edit (section 3.3) can be added: hidden states of a teacher that sees the finished frame as well (block-wise), and
the direct error of the prediction near the end of the path (tail).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .data import TEXT_TOKENS, Batch
from .editor import Editor, load_editor, load_vae
from .layout import assemble
from .model.dit import patchify, rms, unpatchify
from .model.flow import mix
from .model.packing import frame_role
from .optim import Ema, base_rates, make_optimizers, save_whole, schedule, set_rates
from .text import build_tokenizer
from .train import ADAM_ONLY, editor_state, next_batch, open_shards, report
from .train import parse_arguments as parse_train
from .world.tasks import Slot

GRID = 8
"""Times of the path that are distilled: 0, 1/8 .. 7/8."""
CLIP = 4
"""Frames of the clip whose last one the privileged teacher is asked for."""


@dataclass(frozen=True, slots=True)
class Distillation:
    """Strength of guidance, teacher's steps from a point to the end, and weights of the additional losses."""

    guidance: float = 1.5
    teacher_steps: int = 2
    truth: float = 0.25
    block_wise: float = 0.0
    tail: float = 0.0


@torch.no_grad()
def teacher_lands(teacher: Editor, batch: Batch, noisy: Tensor, time: Tensor, options: Distillation) -> Tensor:
    """Where the guided teacher lands from `noisy` [B, K, C, h, w] at `time` [B, K]."""
    if options.teacher_steps < 1:
        message = f"the teacher takes at least one step, got {options.teacher_steps}"
        raise ValueError(message)
    config = teacher.dit.config
    dropped = torch.ones_like(time, dtype=torch.bool)
    x, t = noisy, time
    for step in range(1, options.teacher_steps + 1):
        until = time + (1 - time) * step / options.teacher_steps
        said, unsaid = (predict_clean(teacher, batch, x, t, drop) for drop in (None, dropped))
        clean = unpatchify(unsaid + options.guidance * (said - unsaid), config.patch, config.grid, config.grid)
        x, t = x + ((until - t) / (1 - t))[..., None, None, None] * (clean - x), until
    return x


def predict_clean(editor: Editor, batch: Batch, noisy: Tensor, time: Tensor, drop: Tensor | None = None) -> Tensor:
    """Clean patches [B, K, P, C p p] as float32 from points of the path [B, K, C, h, w] as they are."""
    clean, targets = assemble(editor.dit, editor.t5, batch, torch.zeros_like(noisy), time, drop)
    targets = [replace(target, noisy=noisy[:, number]) for number, target in enumerate(targets)]
    return editor.dit(clean, targets)[0].float()


@contextmanager
def target_states(editor: Editor) -> Iterator[list[Tensor]]:
    """Collects the target tokens [B, K, F, W] after every second block of the passes inside."""
    found: list[Tensor] = []
    hooks = [block.register_forward_hook(lambda _block, _given, made: found.append(made[1])) for block in editor.dit.blocks[1::2]]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def with_last_frame(batch: Batch) -> Batch:
    """The same single edit asked as the last frame of a clip whose first and last frame are known."""
    goal = batch.targets[0]
    role = torch.tensor(build_tokenizer().encode(frame_role(CLIP, CLIP)).ids)
    asked = replace(batch.pattern[goal], time=CLIP - 1)
    pattern = (*batch.pattern[:goal], Slot("image"), Slot("text", is_role=True), asked)
    return replace(
        batch,
        pattern=pattern,
        pictures=batch.pictures | {goal + 2: batch.pictures[goal]},
        ids=batch.ids | {goal + 1: F.pad(role, (0, TEXT_TOKENS - len(role))).expand(batch.size, -1).to(batch.empty.device)},
        lengths=batch.lengths | {goal + 1: torch.full((batch.size,), len(role), device=batch.empty.device)},
        labels=batch.labels | {goal + 2: batch.labels[goal]},
        changed=batch.changed | {goal + 2: batch.changed[goal]},
    )


def loss_of(student: Editor, teacher: Editor, batch: Batch, options: Distillation) -> tuple[Tensor, dict[str, float]]:
    """Distance to where the guided teacher lands, heavier where pictures change, with the additional losses."""
    chosen, patch = batch.targets, student.dit.config.patch
    truth = torch.stack([batch.pictures[i] for i in chosen], 1)
    time = torch.randint(GRID, truth.shape[:2], device=truth.device) / GRID
    noisy = mix(truth, torch.randn_like(truth), time[..., None, None, None])
    goal = patchify(teacher_lands(teacher, batch, noisy, time, options), patch)
    with target_states(student) as states:
        predicted = predict_clean(student, batch, noisy, time)
    changed = torch.stack([batch.changed[i] for i in chosen], 1)
    weight = (1.0 + 4.0 * changed.float()) * batch.asked(chosen)[..., None]

    def weighted(error: Tensor) -> Tensor:
        return (error.mean(-1) * weight).sum() / weight.sum()

    right = patchify(truth, patch)
    parts = {"landing": weighted((predicted - goal).square()), "truth": weighted((predicted - right).square())}
    total = parts["landing"] + options.truth * parts["truth"]
    if options.tail:
        # The last part of the path is where details are decided.
        near = (time**3)[..., None, None]
        parts["tail"] = weighted(near * (predicted - right).abs())
        total = total + options.tail * parts["tail"]
    if options.block_wise and len(chosen) == 1 and batch.pattern[chosen[0]].kind == "image" and batch.pattern[chosen[0]].edits is not None:
        with torch.no_grad(), target_states(teacher) as known:
            predict_clean(teacher, with_last_frame(batch), noisy, time)
        parts["block_wise"] = torch.stack([F.mse_loss(rms(a.float(), 1e-6), rms(b.float(), 1e-6)) for a, b in zip(states, known, strict=True)]).mean()
        total = total + options.block_wise * parts["block_wise"]
    return total, {name: float(value.detach()) for name, value in parts.items()}


def load_pair(checkpoint: Path, device: str) -> tuple[Editor, Editor]:
    """Student and frozen teacher, both the averaged weights of a checkpoint."""
    student, teacher = (load_editor(checkpoint).to(device) for _ in range(2))
    return student.requires_grad_(requires_grad=True), teacher


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--init", type=Path, required=True, help="checkpoint of the teacher")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--tokens", type=int, default=4000, help="tokens of a step, clean and noisy")
    parser.add_argument("--guidance", type=float, default=1.5)
    parser.add_argument("--teacher-steps", type=int, default=2)
    parser.add_argument("--block-wise", type=float, default=0.0, help="weight of the hidden states of a teacher that sees the last frame")
    parser.add_argument("--tail", type=float, default=0.0, help="weight of the direct error near the end of the path")
    parser.add_argument("--muon-lr", type=float, default=1e-3)
    parser.add_argument("--adam-lr", type=float, default=3e-4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    student, teacher = load_pair(args.init, args.device)
    shards = open_shards(args.shards, load_vae(args.vae), student.dit.config.grid * student.dit.config.downsample)
    steps = parse_train(["--out", "", "--vae", "", "--shards", "", "--tokens", str(args.tokens)])
    options = Distillation(args.guidance, args.teacher_steps, block_wise=args.block_wise, tail=args.tail)
    ema = Ema(student, 0.99)
    optimizers = make_optimizers(student, args.muon_lr, args.adam_lr, adam_only=ADAM_ONLY)
    base = base_rates(optimizers)
    window: list[dict[str, float]] = []
    for step in range(args.steps):
        set_rates(optimizers, base, schedule(step / args.steps, 0.05, 0.9))
        torch.manual_seed(args.seed * 1_000_003 + step)
        rng = np.random.default_rng([args.seed, step])
        batch, _ = next_batch(shards, rng, rng, steps, student.dit.config.frame_tokens, args.device)
        with torch.autocast(args.device, torch.bfloat16):
            loss, parts = loss_of(student, teacher, batch, options)
        loss.backward()
        nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        ema.update(student)
        window.append({"loss": loss.item(), **parts})
        if step % 25 == 24 or step + 1 == args.steps:
            report(args.out, {"step": step + 1}, window)
            window = []
    state = editor_state(student) | {"ema": ema.model.state_dict(), "optimizers": [], "step": args.steps, "spent": 0.0}
    save_whole(state, args.out / "checkpoint.pt")


if __name__ == "__main__":
    main()
