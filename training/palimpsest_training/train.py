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
from torch import Tensor

from .data import Batch, Dropout, Shard, Stretch, count_tokens, encode_frames, stretches, take_batch, without_pictures
from .distributed import Ranks, clip_gradients, full_optimizer_state, full_state, load_optimizer_state, parallel, ranks, shard
from .editor import Editor, load_vae, load_weights
from .losses import LossOptions, loss_of
from .model.dit import AXIS_DIMS, DitConfig, compile_blocks
from .model.t5 import T5Config
from .model.vae import Vae
from .optim import Ema, base_rates, make_optimizers, save_whole, schedule, set_rates
from .pixel_metric import metric_root, pixel_metric
from .text import tokenizer_words
from .world.sampling import mask_picture
from .world.tasks import LABEL_NAMES, TASKS, Slot

DEFAULT_SHARES = {"session": 6.0, "words": 0.7, "concepts": 0.8, "demonstration": 0.8, "clip between": 0.7, "clip edit": 0.7}

# Embeddings, read-outs and tables: their rows are not directions of one matrix.
ADAM_ONLY = ("embedding", "relative_bias", "_out", "place", "edges", "modulation")


def next_batch(
    shards: Shards, common: np.random.Generator, own: np.random.Generator, args: argparse.Namespace, frame_tokens: int, device: str
) -> tuple[Batch, str]:
    """Rows of a task drawn by its share, and its name.

    Sessions often come as stretches of one to three turns, and these often without clean pictures. All ranks draw the kind
    of step from generators in a `common` state, as sharded training needs, and rows from their own.
    """
    names = [task for task in args.shares if task in shards.by_task]
    share = np.array([args.shares[name] for name in names])
    task = names[int(common.choice(len(names), p=share / share.sum()))]
    turns = int(common.choice([1, 2, 3, 0], p=args.stretch)) if task == "session" else 0
    groups = shards.alike(task, turns)
    # Where a region is asked for, only the clean picture shows what there is.
    plain = [group for group in groups if not any(slot.kind == "mask" for slot in group[0].pattern)]
    is_direct = common.random() < args.direct_share and turns == 1 and bool(plain)
    groups = plain if is_direct else groups
    rows = np.array([sum(len(stretch.rows) for stretch in group) for group in groups])
    group = groups[int(common.choice(len(groups), p=rows / rows.sum()))]
    pattern = without_pictures(group[0].pattern) if is_direct else group[0].pattern
    size = max(1, args.tokens // count_tokens(pattern, frame_tokens, args.patches + 2 if args.patches else frame_tokens))
    dropout = Dropout(*args.drop_regions)
    return take_batch(group, own, min(size, args.most_rows), shards.empty, dropout, device=device, is_direct=is_direct), task


def read_shares(text: str) -> dict[str, float]:
    """'session=6,words=1' -> weights of tasks."""
    shares = {task: float(weight) for task, weight in (part.split("=") for part in text.split(","))}
    unknown = sorted(set(shares) - set(TASKS))
    if unknown:
        message = f"no task {unknown[0]!r}; the tasks are {', '.join(TASKS)}"
        raise argparse.ArgumentTypeError(message)
    return shares


def parse_arguments(command: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True, help="folder of drawn shards; new ones are taken up as they appear")
    parser.add_argument("--init", type=Path, help="start from the weights of this checkpoint, with a new schedule")
    parser.add_argument("--minutes", type=float, default=60.0, help="the schedule runs over this time")
    parser.add_argument("--steps", type=int, default=0, help="the schedule runs over so many steps instead, on the shards that are there")
    parser.add_argument("--save-minutes", type=float, default=3.0)
    parser.add_argument("--parallel", choices=["single", "ddp", "fsdp"], default="single", help="under torchrun: replicated or sharded")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--feed-forward", type=int, help="width of the feed-forward layers, 11 / 4 of --width; --init may come from narrower ones")
    parser.add_argument("--head-dim", type=int, default=64, choices=sorted(AXIS_DIMS), help="divides the width")
    parser.add_argument("--tokens", type=int, default=9000, help="tokens of a step, clean and noisy")
    parser.add_argument("--patches", type=int, default=0, help="patches of a target that take part; 0 = all")
    parser.add_argument("--shares", type=read_shares, default=DEFAULT_SHARES, help="weights of the tasks, for example session=6,words=1")
    parser.add_argument("--stretch", type=float, nargs=4, default=[0.3, 0.1, 0.15, 0.45], help="shares of stretches of 1, 2, 3 and all turns")
    parser.add_argument(
        "--direct-share", type=float, default=0.0, help="share of stretches of one turn that see no clean picture: cheap, for the words"
    )
    parser.add_argument("--emphasis", type=int, default=1, help="how often stretches of one turn that make a thing are drawn, against others")
    parser.add_argument("--most-rows", type=int, default=192, help="rows of a step at most")
    parser.add_argument("--rollout", type=float, default=0.0, help="share of session steps whose context the model made itself")
    parser.add_argument("--drop-regions", type=float, nargs=2, default=[0.5, 0.5], help="shares of rows that lose region now and region next")
    parser.add_argument("--compile", action="store_true", help="compile the blocks (takes a minute, then steps are a fifth faster)")
    parser.add_argument("--muon-lr", type=float, default=1.2e-2)
    parser.add_argument("--adam-lr", type=float, default=2e-3)
    parser.add_argument("--noise-share", type=float, default=0.45, help="of targets that start from noise alone")
    parser.add_argument("--weighs", choices=["velocity", "clean"], default="velocity", help="whose error counts")
    parser.add_argument("--weight-decay", type=float, default=0.0, help="of matrices, times their rate: keeps long runs able to learn")
    parser.add_argument("--decay", type=float, default=0.8, help="share of the run over which the rate falls to 0")
    parser.add_argument("--text-dropout", type=float, default=0.05)
    parser.add_argument("--context-noise", type=float, default=0.0)
    parser.add_argument(
        "--region-weight", type=float, default=80.0, help="extra weight that the changed patches of a picture share, beside the 1 of every patch"
    )
    parser.add_argument("--mask-weight", type=float, default=0.3, help="of regions that are to be made, against pictures")
    parser.add_argument("--label-weight", type=float, default=0.2)
    parser.add_argument("--pixel-share", type=float, default=0.0, help="share of the error that is weighed by what moves pixels, 0 to 1")
    parser.add_argument("--ema", type=float, default=0.998)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args(command)


class Shards:
    """Stretches of the shards of a folder, which are read as they appear; `empty` [C, h, w] is the latent of an empty region."""

    def __init__(self, folder: Path, empty: Tensor, emphasis: int = 1) -> None:
        self.folder, self.empty, self.emphasis = folder, empty, emphasis
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
                    for stretch in stretches(shard, turns, self.emphasis):
                        of_length.setdefault(stretch.pattern, []).append(stretch)
        return len(self.seen)

    def some_pictures(self, count: int = 16) -> Tensor:
        """[count, C, h, w] latents of first pictures."""
        stretch = self.alike(next(iter(self.by_task)), 0)[0][0]
        return next(iter(stretch.shard.pictures.values()))[:count].float()

    def alike(self, task: str, turns: int) -> list[list[Stretch]]:
        """Stretches of a task in groups that share a pattern; 0 turns, or more than there are, are all of them."""
        by_turns = self.by_task[task]
        return list((by_turns.get(turns) or by_turns[0]).values())


def open_shards(folder: Path, vae: Vae, size: int, emphasis: int = 1) -> Shards:
    """The shards of a folder for pictures of `size` pixels; ends the program where there are none."""
    shards = Shards(folder, empty_region(vae, size), emphasis)
    if not shards.refresh():
        message = f"{folder} holds no shards; draw some with `python -m palimpsest_training.draw`"
        raise SystemExit(message)
    return shards


@torch.no_grad()
def empty_region(vae: Vae, size: int) -> Tensor:
    """[C, h, w] latent of an all-black region picture."""
    return encode_frames(vae, mask_picture(np.zeros((size, size), bool))[None])[0].float()


def dit_config(args: argparse.Namespace, vae: Vae) -> DitConfig:
    return DitConfig(
        width=args.width,
        layers=args.layers,
        heads=args.width // args.head_dim,
        axis_dims=AXIS_DIMS[args.head_dim],
        feed_forward=args.feed_forward or args.width * 11 // 4,
        channels=vae.config.channels,
        grid=args.size // vae.config.downsample,
        downsample=vae.config.downsample,
        labels=len(LABEL_NAMES),
        text_width=256,
    )


def editor_state(editor: Editor) -> dict[str, object]:
    """What a checkpoint holds of a model: its plain weights, its sizes, and the names of its rows; all ranks must call it."""
    names = {"words": tokenizer_words(), "label_names": list(LABEL_NAMES)}
    return {"model": full_state(editor), "dit": asdict(editor.dit.config), "t5": asdict(editor.t5.config), **names}


class Trainer:
    """Model, average, optimisers and counters of one run; what it saves is plain, whatever the number of ranks."""

    def __init__(self, args: argparse.Namespace, here: Ranks, vae: Vae) -> None:
        self.args, self.here = args, here
        self.editor = Editor(dit_config(args, vae), T5Config(vocabulary=len(tokenizer_words()))).to(here.device)
        self.ema = Ema(self.editor, args.ema)
        if args.compile:
            compile_blocks(self.editor.dit)
        self.step, self.spent = 0, 0.0
        self.checkpoint = args.out / "checkpoint.pt"
        saved = None
        if self.checkpoint.exists() or args.init:
            saved = torch.load(self.checkpoint if self.checkpoint.exists() else args.init, map_location=here.device, weights_only=False)
            load_weights(self.editor, saved["model"], saved)
            load_weights(self.ema.model, saved["ema"], saved)
        units = [*self.editor.dit.blocks, *self.editor.t5.layers]
        self.run = parallel(self.editor, args.parallel, units, has_unused=args.parallel == "ddp")
        if args.parallel == "fsdp":
            shard(self.ema.model, [*self.ema.model.dit.blocks, *self.ema.model.t5.layers])
        self.optimizers = make_optimizers(self.editor, args.muon_lr, args.adam_lr, args.weight_decay, adam_only=ADAM_ONLY)
        self.base = base_rates(self.optimizers)
        if saved is not None and self.checkpoint.exists():
            self.step, self.spent, self.ema.steps = saved["step"], saved["spent"], saved["step"]
            for optimizer, state in zip(self.optimizers, saved["optimizers"], strict=True):
                load_optimizer_state(optimizer, state)

    def advance(self, shards: Shards, options: LossOptions, factor: float) -> dict[str, float]:
        """One step at `factor` of the learning rates; what to log of it."""
        set_rates(self.optimizers, self.base, factor)
        device = self.here.device
        # Seeded step by step, so that a resumed run draws what an unbroken one would have drawn.
        seed = self.here.seed(self.args.seed, self.step)
        torch.manual_seed(seed)
        common, own = np.random.default_rng([self.args.seed, self.step]), np.random.default_rng(seed)
        batch, task = next_batch(shards, common, own, self.args, self.editor.dit.config.frame_tokens, str(device))
        is_rollout = task == "session" and common.random() < self.args.rollout
        with torch.autocast(device.type, torch.bfloat16):
            loss, parts = self.run(loss_of, batch, options, is_rollout=is_rollout)
        loss.backward()
        parts["norm"] = clip_gradients(self.editor.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.ema.update(self.editor)
        self.step += 1
        return {"loss": loss.item(), **parts}

    def save(self, minutes: float) -> None:
        """Replaces the checkpoint; all ranks must call it."""
        state = {
            **editor_state(self.editor),
            "ema": full_state(self.ema.model),
            "optimizers": [full_optimizer_state(optimizer) for optimizer in self.optimizers],
            "step": self.step,
            "spent": minutes,
        }
        if self.here.is_first:
            save_whole(state, self.checkpoint)


def report(out: Path, record: dict[str, float], window: list[dict[str, float]]) -> None:
    """Prints and keeps a line of the log: `record` and the means over the steps since the last one."""
    keys = sorted({key for parts in window for key in parts})
    line = json.dumps(record | {key: round(float(np.mean([w[key] for w in window if key in w])), 4) for key in keys})
    print(line, flush=True)
    with (out / "log.jsonl").open("a") as log:
        log.write(line + "\n")


def train(args: argparse.Namespace, here: Ranks, **loss: object) -> Trainer:
    """Trains until the schedule ends or a signal stops it; `loss` overrides options of the loss."""
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    vae = load_vae(args.vae)
    shards = open_shards(args.shards, vae, args.size, args.emphasis)
    trainer = Trainer(args, here, vae)
    named = ("text_dropout", "context_noise", "patches", "region_weight", "mask_weight", "label_weight", "noise_share", "weighs")
    root = metric_root(pixel_metric(vae, shards.some_pictures()), args.pixel_share).to(here.device) if args.pixel_share else None
    options = LossOptions(**{name: getattr(args, name) for name in named} | {"root": root} | loss)
    if here.is_first:
        parameters = sum(p.numel() for p in trainer.editor.parameters())
        print(json.dumps({"parameters": parameters, "shards": len(shards.seen), "step": trainer.step}), flush=True)
    started = saved_at = time.time()
    window: list[dict[str, float]] = []
    stops: list[int] = []
    handlers = {number: signal.signal(number, lambda number, _: stops.append(number)) for number in (signal.SIGINT, signal.SIGTERM)}
    while True:
        clock = trainer.spent + (time.time() - started) / 60.0
        # Clocks and signals differ between ranks, and all must do the same.
        minutes, is_stopped, is_due = here.from_first(clock, bool(stops), time.time() - saved_at > args.save_minutes * 60)
        progress = trainer.step / args.steps if args.steps else minutes / args.minutes
        factor, is_done = schedule(progress, 0.02, args.decay), progress >= 1
        if window and here.is_first and (trainer.step % 50 == 0 or is_done):
            record = {"step": trainer.step, "minutes": round(minutes, 2), "lr": round(factor, 4), "shards": len(shards.seen)}
            report(args.out, record, window)
            window = []
        if is_done or is_stopped or is_due:
            saved_at = time.time()
            trainer.save(minutes)
            if not args.steps:
                shards.refresh()
        if is_done or is_stopped:
            break
        window.append(trainer.advance(shards, options, factor))
    for number, handler in handlers.items():
        signal.signal(number, handler)
    return trainer


def main() -> None:
    args = parse_arguments()
    with ranks(args.device) as here:
        train(args, here)


if __name__ == "__main__":
    main()
