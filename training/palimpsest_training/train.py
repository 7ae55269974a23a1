"""Trains DiT and T5 together on sessions of edits; resumes from its checkpoint; logs JSON lines."""

from __future__ import annotations

import argparse
import json
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .data import LABELS, Batch, Pool, assemble, make_pool, make_words_pool, pick_batch
from .model.dit import AXIS_DIMS, Dit, DitConfig, patchify
from .model.flow import MIN_REMAINING
from .model.t5 import T5Config, T5Encoder
from .model.vae import Vae, VaeConfig
from .optim import Ema, base_rates, make_optimizers, save_whole, schedule, set_rates
from .text import build_tokenizer


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


def loss_of(editor: Editor, batch: Batch, args: argparse.Namespace) -> tuple[Tensor, dict[str, float]]:
    """Velocity loss through the clean read-out, heavier on changed patches, plus the label loss."""
    size, turns = batch.ids.shape[:2]
    device = batch.ids.device
    noise = torch.randn_like(batch.frames[:, 1:])
    t = sample_times((size, turns), device.type)
    drop = torch.rand(size, turns, device=device) < args.text_dropout if args.text_dropout else None
    keep = choose_patches(batch.changed, args.patches) if args.patches else None
    clean, targets = assemble(editor.dit, editor.t5, batch, noise, t, drop, args.context_noise, keep)
    predicted, labels = editor.dit(clean, targets)
    truth, changed, named = patchify(batch.frames[:, 1:], editor.dit.config.patch), batch.changed, batch.labels.long()
    if keep is not None:
        truth = truth.gather(2, keep[..., None].expand(-1, -1, -1, truth.shape[-1]))
        changed, named = changed.gather(2, keep), named.gather(2, keep)
    weight = 1.0 / (1.0 - t).clamp_min(MIN_REMAINING) ** 2
    region = 1.0 + args.region_weight * changed.float()
    error = (predicted.float() - truth).square().mean(-1)
    total = (error * region * weight[..., None]).mean() / region.mean()
    parts = {"x": float(error.detach().mean()), "changed": float((error.detach() * changed).sum() / changed.sum().clamp_min(1))}
    if labels is not None and args.label_weight:
        known = torch.ones_like(changed) if drop is None else ~drop[..., None].expand_as(changed)
        wrong = F.cross_entropy(labels.float().flatten(0, 2), named.flatten(), reduction="none").view_as(changed)
        importance = region * known
        total = total + args.label_weight * (wrong * importance).sum() / importance.sum().clamp_min(1)
        parts["label"] = float((wrong.detach() * changed).sum() / changed.sum().clamp_min(1))
    return total, parts


def choose_patches(changed: Tensor, count: int) -> Tensor:
    """[B, K, P] -> indices [B, K, count]: random patches, three quarters of them changed ones where there are as many."""
    score = torch.rand(changed.shape, device=changed.device)
    first = (score + changed.float() * 2).topk(count * 3 // 4, -1).indices
    score.scatter_(-1, first, -1.0)
    return torch.cat([first, score.topk(count - first.shape[-1], -1).indices], -1)


def next_batch(pools: Pools, rng: np.random.Generator, args: argparse.Namespace) -> Batch:
    """A picture from words, or an edit: instruction only, one turn with its picture, or a whole session, by the given shares."""
    if rng.random() < args.words_share:
        return pick_batch(pools.words, rng, args.batch, 1, with_history=False, device=args.device)
    pool, kind = pools.edits, rng.random()
    if kind < args.direct_share:
        return pick_batch(pool, rng, args.batch, 1, with_history=False, device=args.device)
    if kind < args.direct_share + args.pair_share:
        return pick_batch(pool, rng, args.batch, 1, with_history=True, device=args.device)
    return pick_batch(pool, rng, max(1, args.batch // pool.turns), pool.turns, with_history=True, device=args.device)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--init", type=Path, help="start from the weights of this checkpoint, with a new schedule")
    parser.add_argument("--minutes", type=float, default=60.0, help="the schedule runs over this time")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--head-dim", type=int, default=64, choices=sorted(AXIS_DIMS), help="divides the width")
    parser.add_argument("--batch", type=int, default=64, help="edits a step")
    parser.add_argument("--patches", type=int, default=0, help="patches of a target that take part; 0 = all")
    parser.add_argument("--words-share", type=float, default=0.1, help="steps that make pictures from words; the other shares divide the rest")
    parser.add_argument("--direct-share", type=float, default=0.6)
    parser.add_argument("--pair-share", type=float, default=0.25)
    parser.add_argument("--pool", type=int, default=4000, help="sessions encoded before the first step")
    parser.add_argument("--grow", type=int, default=500, help="sessions added each time")
    parser.add_argument("--grow-minutes", type=float, default=4.0)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--muon-lr", type=float, default=1.2e-2)
    parser.add_argument("--adam-lr", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.8, help="share of the run over which the rate falls to 0")
    parser.add_argument("--text-dropout", type=float, default=0.05)
    parser.add_argument("--context-noise", type=float, default=0.0)
    parser.add_argument("--region-weight", type=float, default=4.0)
    parser.add_argument("--label-weight", type=float, default=0.2)
    parser.add_argument("--ema", type=float, default=0.998)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


@dataclass(slots=True)
class Pools:
    """Sessions of edits, and scenes to be made from words; `seed` draws the next ones."""

    edits: Pool
    words: Pool
    seed: int

    @staticmethod
    def draw(vae: Vae, seed: int, sessions: int, args: argparse.Namespace) -> Pools:
        """`sessions` sessions and as many scenes."""
        edits = make_pool(vae, seed, sessions, args.turns, args.size)
        return Pools(edits, make_words_pool(vae, seed, sessions, args.size), seed + 1)

    def grown(self, vae: Vae, sessions: int, args: argparse.Namespace) -> Pools:
        more = Pools.draw(vae, self.seed, sessions, args)
        return Pools(extend(self.edits, more.edits), extend(self.words, more.words), more.seed)

    def save(self, path: Path) -> None:
        fields = [{name: getattr(pool, name) for name in Pool.__slots__} for pool in (self.edits, self.words)]
        save_whole({"edits": fields[0], "words": fields[1], "seed": self.seed}, path)


def extend(pool: Pool, more: Pool) -> Pool:
    """Both pools as one; region indices of the second move up."""
    region = torch.where(more.region >= 0, more.region + len(pool.masks), more.region)
    return Pool(
        torch.cat([pool.latents, more.latents]),
        torch.cat([pool.ids, more.ids]),
        torch.cat([pool.lengths, more.lengths]),
        torch.cat([pool.region, region]),
        torch.cat([pool.masks, more.masks]),
        torch.cat([pool.labels, more.labels]),
        torch.cat([pool.changed, more.changed]),
    )


def pool_file(args: argparse.Namespace) -> Path:
    return args.vae.parent / f"pool-{args.size}-{args.turns}.pt"


def load_pools(vae: Vae, args: argparse.Namespace) -> Pools:
    """What earlier runs with this VAE encoded, or newly drawn pools."""
    cache = pool_file(args)
    if cache.exists():
        saved = torch.load(cache, weights_only=False)
        return Pools(Pool(**saved["edits"]), Pool(**saved["words"]), saved["seed"])
    pools = Pools.draw(vae, 1, args.pool, args)
    pools.save(cache)
    return pools


def main() -> None:
    args = parse_arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    vae = load_vae(args.vae, args.device).to(memory_format=torch.channels_last)
    config = DitConfig(
        width=args.width,
        layers=args.layers,
        heads=args.width // args.head_dim,
        axis_dims=AXIS_DIMS[args.head_dim],
        feed_forward=args.width * 11 // 4,
        channels=vae.config.channels,
        grid=args.size // vae.config.downsample,
        downsample=vae.config.downsample,
        labels=LABELS,
        text_width=256,
    )
    editor = Editor(config, T5Config(vocabulary=build_tokenizer().get_vocab_size())).to(args.device)
    ema = Ema(editor, args.ema)
    optimizers = make_optimizers(editor, args.muon_lr, args.adam_lr, adam_only=("embedding", "relative_bias", "_out", "place", "edges", "modulation"))
    base = base_rates(optimizers)
    step, spent = 0, 0.0
    checkpoint = args.out / "checkpoint.pt"
    if checkpoint.exists() or args.init:
        saved = torch.load(checkpoint if checkpoint.exists() else args.init, map_location=args.device, weights_only=False)
        editor.load_state_dict(saved["model"])
        ema.model.load_state_dict(saved["ema"])
        if checkpoint.exists():
            step, spent, ema.steps = saved["step"], saved["spent"], saved["step"]
            for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
                optimizer.load_state_dict(state)
    pools = load_pools(vae, args)
    print(json.dumps({"parameters": sum(p.numel() for p in editor.parameters()), "sessions": len(pools.edits), "step": step}), flush=True)
    rng = np.random.default_rng(args.seed * 1_000_003 + step)
    started = saved_at = grown_at = time.time()
    window: list[dict[str, float]] = []
    log = (args.out / "log.jsonl").open("a")
    stops: list[int] = []
    handlers = {number: signal.signal(number, lambda number, _: stops.append(number)) for number in (signal.SIGINT, signal.SIGTERM)}
    while True:
        now = spent + (time.time() - started) / 60.0
        factor = schedule(now / args.minutes, 0.02, args.decay)
        is_done = now >= args.minutes
        if window and (step % 50 == 0 or is_done):
            record = {"step": step, "minutes": round(now, 2), "lr": round(factor, 4), "sessions": len(pools.edits)}
            record |= {key: round(float(np.mean([w[key] for w in window if key in w])), 4) for key in window[-1]}
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
                    "step": step,
                    "spent": now,
                    "optimizers": [o.state_dict() for o in optimizers],
                },
                checkpoint,
            )
        if is_done or stops:
            break
        if args.grow and time.time() - grown_at > args.grow_minutes * 60 and factor > 0.1:
            pools = pools.grown(vae, args.grow, args)
            grown_at = time.time()
        set_rates(optimizers, base, factor)
        with torch.autocast(args.device, torch.bfloat16):
            loss, parts = loss_of(editor, next_batch(pools, rng, args), args)
        loss.backward()
        parts["norm"] = float(nn.utils.clip_grad_norm_(editor.parameters(), 1.0))
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        ema.update(editor)
        window.append({"loss": loss.item(), **parts})
        step += 1
    pools.save(pool_file(args))
    for number, handler in handlers.items():
        signal.signal(number, handler)


if __name__ == "__main__":
    main()
