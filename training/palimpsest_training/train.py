"""Trains DiT and T5 together on sessions of edits; resumes from its checkpoint; logs JSON lines."""

from __future__ import annotations

import argparse
import json
import signal
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .data import Batch, Dropout, Shard, Stretch, assemble, count_tokens, encode_frames, stretches, take_batch, without_pictures
from .model.dit import AXIS_DIMS, Dit, DitConfig, compile_blocks, patchify, unpatchify
from .model.flow import MIN_REMAINING
from .model.t5 import T5Config, T5Encoder
from .model.vae import Vae, VaeConfig
from .optim import Ema, base_rates, make_optimizers, save_whole, schedule, set_rates
from .text import build_tokenizer, tokenizer_words
from .world.sampling import mask_picture
from .world.tasks import LABEL_NAMES, NO_LABEL, TASKS, Slot

DEFAULT_SHARES = {"session": 6.0, "words": 0.7, "concepts": 0.8, "demonstration": 0.8, "clip between": 0.7, "clip edit": 0.7}


class Editor(nn.Module):
    """T5 encoder and DiT, trained as one."""

    def __init__(self, dit: DitConfig, t5: T5Config) -> None:
        super().__init__()
        self.dit = Dit(dit)
        self.t5 = T5Encoder(t5)


def load_vae(path: Path, device: str = "cpu") -> Vae:
    saved = torch.load(path, map_location=device, weights_only=False)
    vae = Vae(VaeConfig(**saved["config"])).to(device)
    vae.load_state_dict(saved["state"])
    return vae.eval().requires_grad_(requires_grad=False)


def sample_times(shape: tuple[int, ...], device: str) -> Tensor:
    """Flow times: nearly half exactly noise, else logit-normal(-0.8, 1): edits are decided near the noise."""
    t = torch.sigmoid(torch.randn(shape, device=device) - 0.8)
    return torch.where(torch.rand(shape, device=device) < 0.45, torch.zeros_like(t), t)


def loss_of(editor: Editor, batch: Batch, args: argparse.Namespace, *, is_rollout: bool = False) -> tuple[Tensor, dict[str, float]]:
    """Velocity loss through the clean read-out, heavier on changed patches, plus the label loss.

    With `is_rollout` the clean pictures that targets stand for are the model's own, made in one step: it learns to go on from these.
    """
    device, chosen = torch.device(args.device), batch.targets
    truth = torch.stack([batch.pictures[i] for i in chosen], 1)
    size, count = truth.shape[:2]
    noise = torch.randn_like(truth)
    t = sample_times((size, count), device.type)
    drop = torch.rand(size, count, device=device) < args.text_dropout if args.text_dropout else None
    changed = torch.stack([batch.changed[i] for i in chosen], 1)
    named = torch.stack([batch.labels[i] for i in chosen], 1).long()
    keep = choose_patches(changed, args.patches) if args.patches else None
    made = roll_out(editor, batch, torch.randn_like(truth)) if is_rollout else None
    clean, targets = assemble(editor.dit, editor.t5, batch, noise, t, drop, args.context_noise, keep, made)
    predicted, labels = editor.dit(clean, targets)
    patches = patchify(truth, editor.dit.config.patch)
    if keep is not None:
        patches = patches.gather(2, keep[..., None].expand(-1, -1, -1, patches.shape[-1]))
        changed, named = changed.gather(2, keep), named.gather(2, keep)
    weight = 1.0 / (1.0 - t).clamp_min(MIN_REMAINING) ** 2
    everyone = torch.ones(size, device=device, dtype=torch.bool)
    # A row without the role text was not asked for this target.
    asked = torch.stack([batch.present.get(i, everyone) for i in chosen], 1)
    is_mask = torch.tensor([batch.pattern[i].kind == "mask" for i in chosen], device=device)[None, :, None]
    # Black and white lie far out in latent space: their errors are several times those of pictures.
    region = (1.0 + args.region_weight * changed.float()) * asked[..., None] * torch.where(is_mask, args.mask_weight, 1.0)
    error = (predicted.float() - patches).square().mean(-1)
    total = (error * region * weight[..., None]).sum() / region.sum()
    parts = {}
    for name, where in (("changed", changed & ~is_mask), ("mask", (is_mask & asked[..., None]).expand_as(changed))):
        if where.any():
            parts[name] = float(error.detach()[where].mean())
    if labels is not None and args.label_weight:
        known = (named != NO_LABEL) & asked[..., None]
        if drop is not None:
            known = known & ~drop[..., None]
        wrong = F.cross_entropy(labels.float().flatten(0, 2), named.flatten(), reduction="none", ignore_index=NO_LABEL).view_as(error)
        importance = region * known
        total = total + args.label_weight * (wrong * importance).sum() / importance.sum().clamp_min(1)
        if (known & changed).any():
            parts["label"] = float(wrong.detach()[known & changed].mean())
    return total, parts


@torch.no_grad()
def roll_out(editor: Editor, batch: Batch, noise: Tensor) -> dict[int, Tensor]:
    """What the model makes of every target in one step from noise: slot -> [B, C, h, w]."""
    clean, targets = assemble(editor.dit, editor.t5, batch, noise, torch.zeros(noise.shape[:2], device=noise.device))
    predicted, _ = editor.dit(clean, targets)
    config = editor.dit.config
    latents = unpatchify(predicted.float(), config.patch, config.grid, config.grid)
    return {index: latents[:, number] for number, index in enumerate(batch.targets)}


def choose_patches(changed: Tensor, count: int) -> Tensor:
    """[B, K, P] -> indices [B, K, count]: random patches, three quarters of them changed ones where there are as many."""
    score = torch.rand(changed.shape, device=changed.device)
    first = (score + changed.float() * 2).topk(count * 3 // 4, -1).indices
    score.scatter_(-1, first, -1.0)
    return torch.cat([first, score.topk(count - first.shape[-1], -1).indices], -1)


def next_batch(shards: Shards, rng: np.random.Generator, args: argparse.Namespace, frame_tokens: int) -> tuple[Batch, str]:
    """Rows of a task drawn by its share; sessions often as stretches of one to three turns, these often without clean pictures."""
    names = [task for task in args.shares if task in shards.by_task]
    share = np.array([args.shares[name] for name in names])
    task = names[int(rng.choice(len(names), p=share / share.sum()))]
    turns = int(rng.choice([1, 2, 3, 0], p=args.stretch)) if task == "session" else 0
    groups = shards.alike(task, turns)
    rows = np.array([sum(len(stretch.rows) for stretch in group) for group in groups])
    group = groups[int(rng.choice(len(groups), p=rows / rows.sum()))]
    # Where a region is asked for, only the clean picture shows what there is.
    is_direct = turns == 1 and not any(slot.kind == "mask" for slot in group[0].pattern) and rng.random() < args.direct_share
    pattern = without_pictures(group[0].pattern) if is_direct else group[0].pattern
    size = max(1, args.tokens // count_tokens(pattern, frame_tokens, args.patches + 2 if args.patches else frame_tokens))
    dropout = Dropout(args.drop_regions)
    return take_batch(group, rng, min(size, args.most_rows), shards.empty, dropout, device=args.device, is_direct=is_direct), task


def read_shares(text: str) -> dict[str, float]:
    """'session=6,words=1' -> weights of tasks."""
    shares = {task: float(weight) for task, weight in (part.split("=") for part in text.split(","))}
    unknown = sorted(set(shares) - set(TASKS))
    if unknown:
        message = f"no task {unknown[0]!r}; the tasks are {', '.join(TASKS)}"
        raise argparse.ArgumentTypeError(message)
    return shares


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True, help="folder of drawn shards; new ones are taken up as they appear")
    parser.add_argument("--init", type=Path, help="start from the weights of this checkpoint, with a new schedule")
    parser.add_argument("--minutes", type=float, default=60.0, help="the schedule runs over this time")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--head-dim", type=int, default=64, choices=sorted(AXIS_DIMS), help="divides the width")
    parser.add_argument("--tokens", type=int, default=9000, help="tokens of a step, clean and noisy")
    parser.add_argument("--patches", type=int, default=0, help="patches of a target that take part; 0 = all")
    parser.add_argument("--shares", type=read_shares, default=DEFAULT_SHARES, help="weights of the tasks, for example session=6,words=1")
    parser.add_argument("--stretch", type=float, nargs=4, default=[0.3, 0.1, 0.15, 0.45], help="shares of stretches of 1, 2, 3 and all turns")
    parser.add_argument(
        "--direct-share", type=float, default=0.0, help="share of stretches of one turn that see no clean picture: cheap, for the words"
    )
    parser.add_argument("--most-rows", type=int, default=192, help="rows of a step at most")
    parser.add_argument("--rollout", type=float, default=0.0, help="share of session steps whose context the model made itself")
    parser.add_argument("--drop-regions", type=float, default=0.5, help="share of rows that lose a region which could be given")
    parser.add_argument("--compile", action="store_true", help="compile the blocks (takes a minute, then steps are a fifth faster)")
    parser.add_argument("--muon-lr", type=float, default=1.2e-2)
    parser.add_argument("--adam-lr", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.8, help="share of the run over which the rate falls to 0")
    parser.add_argument("--text-dropout", type=float, default=0.05)
    parser.add_argument("--context-noise", type=float, default=0.0)
    parser.add_argument("--region-weight", type=float, default=4.0)
    parser.add_argument("--mask-weight", type=float, default=0.3, help="of regions that are to be made, against pictures")
    parser.add_argument("--label-weight", type=float, default=0.2)
    parser.add_argument("--ema", type=float, default=0.998)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


class Shards:
    """Stretches of the shards of a folder, which are read as they appear; `empty` [C, h, w] is the latent of an empty region."""

    def __init__(self, folder: Path, empty: Tensor) -> None:
        self.folder, self.empty = folder, empty
        self.by_task: dict[str, dict[int, dict[tuple[Slot, ...], list[Stretch]]]] = {}
        self.seen: set[Path] = set()

    def refresh(self) -> int:
        """Reads new files; how many shards there are now."""
        for path in sorted(self.folder.glob("*.pt")):
            if path not in self.seen:
                self.seen.add(path)
                saved = torch.load(path, weights_only=False)
                shard = Shard(**saved["shard"])
                for turns in {1, 2, 3, shard.turns} if shard.turns > 1 else {1}:
                    of_length = self.by_task.setdefault(saved["task"], {}).setdefault(0 if turns == shard.turns else turns, {})
                    for stretch in stretches(shard, turns):
                        of_length.setdefault(stretch.pattern, []).append(stretch)
        return len(self.seen)

    def alike(self, task: str, turns: int) -> list[list[Stretch]]:
        """Stretches of a task in groups that share a pattern; 0 turns, or more than there are, are all of them."""
        by_turns = self.by_task[task]
        return list((by_turns.get(turns) or by_turns[0]).values())


@torch.no_grad()
def empty_region(vae: Vae, size: int) -> Tensor:
    """[C, h, w] latent of an all-black region picture."""
    return encode_frames(vae, mask_picture(np.zeros((size, size), bool))[None])[0].float()


def remap_rows(rows: Tensor, old: list[str], new: list[str], fresh: Tensor) -> Tensor:
    """Rows that belong to names, for another list of names; names without a row keep that of `fresh`."""
    index = {name: i for i, name in enumerate(old)}
    return torch.stack([rows[index[name]] if name in index else fresh[i] for i, name in enumerate(new)])


def load_weights(editor: Editor, state: dict[str, Tensor], saved: dict) -> None:
    """Weights of a checkpoint whose words and label names may be others."""
    own = editor.state_dict()
    for key, old, new in (
        ("t5.embedding.weight", saved["words"], tokenizer_words()),
        ("dit.label_out.weight", saved["label_names"], LABEL_NAMES),
        ("dit.label_out.bias", saved["label_names"], LABEL_NAMES),
    ):
        state = state | {key: remap_rows(state[key], old, list(new), own[key])}
    editor.load_state_dict(state)


def main() -> None:
    args = parse_arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    vae = load_vae(args.vae)
    config = DitConfig(
        width=args.width,
        layers=args.layers,
        heads=args.width // args.head_dim,
        axis_dims=AXIS_DIMS[args.head_dim],
        feed_forward=args.width * 11 // 4,
        channels=vae.config.channels,
        grid=args.size // vae.config.downsample,
        downsample=vae.config.downsample,
        labels=len(LABEL_NAMES),
        text_width=256,
    )
    editor = Editor(config, T5Config(vocabulary=build_tokenizer().get_vocab_size())).to(args.device)
    ema = Ema(editor, args.ema)
    if args.compile:
        compile_blocks(editor.dit)
    optimizers = make_optimizers(editor, args.muon_lr, args.adam_lr, adam_only=("embedding", "relative_bias", "_out", "place", "edges", "modulation"))
    base = base_rates(optimizers)
    step, spent = 0, 0.0
    checkpoint = args.out / "checkpoint.pt"
    if checkpoint.exists() or args.init:
        saved = torch.load(checkpoint if checkpoint.exists() else args.init, map_location=args.device, weights_only=False)
        load_weights(editor, saved["model"], saved)
        load_weights(ema.model, saved["ema"], saved)
        if checkpoint.exists():
            step, spent, ema.steps = saved["step"], saved["spent"], saved["step"]
            for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
                optimizer.load_state_dict(state)
    shards = Shards(args.shards, empty_region(vae, args.size))
    if not shards.refresh():
        message = f"{args.shards} holds no shards; draw some with `python -m palimpsest_training.draw`"
        raise SystemExit(message)
    print(json.dumps({"parameters": sum(p.numel() for p in editor.parameters()), "shards": len(shards.seen), "step": step}), flush=True)
    rng = np.random.default_rng(args.seed * 1_000_003 + step)
    started = saved_at = time.time()
    window: list[dict[str, float]] = []
    log = (args.out / "log.jsonl").open("a")
    stops: list[int] = []
    handlers = {number: signal.signal(number, lambda number, _: stops.append(number)) for number in (signal.SIGINT, signal.SIGTERM)}
    while True:
        now = spent + (time.time() - started) / 60.0
        factor = schedule(now / args.minutes, 0.02, args.decay)
        is_done = now >= args.minutes
        if window and (step % 50 == 0 or is_done):
            record = {"step": step, "minutes": round(now, 2), "lr": round(factor, 4), "shards": len(shards.seen)}
            record |= {key: round(float(np.mean([w[key] for w in window if key in w])), 4) for key in {key for w in window for key in w}}
            print(json.dumps(record), flush=True)
            log.write(json.dumps(record) + "\n")
            log.flush()
            window = []
        if is_done or stops or time.time() - saved_at > 180:
            saved_at = time.time()
            save_whole(
                {
                    "model": editor.state_dict(),
                    "ema": ema.model.state_dict(),
                    "dit": asdict(config),
                    "t5": asdict(editor.t5.config),
                    "words": tokenizer_words(),
                    "label_names": list(LABEL_NAMES),
                    "step": step,
                    "spent": now,
                    "optimizers": [o.state_dict() for o in optimizers],
                },
                checkpoint,
            )
            shards.refresh()
        if is_done or stops:
            break
        set_rates(optimizers, base, factor)
        batch, task = next_batch(shards, rng, args, config.frame_tokens)
        is_rollout = task == "session" and rng.random() < args.rollout
        with torch.autocast(args.device, torch.bfloat16):
            loss, parts = loss_of(editor, batch, args, is_rollout=is_rollout)
        loss.backward()
        parts["norm"] = float(nn.utils.clip_grad_norm_(editor.parameters(), 1.0))
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        ema.update(editor)
        window.append({"loss": loss.item(), **parts})
        step += 1
    for number, handler in handlers.items():
        signal.signal(number, handler)


if __name__ == "__main__":
    main()
