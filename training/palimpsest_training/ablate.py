"""Trains variants of the model with equal steps on equal data, and measures what each makes of sessions it never saw.

What is compared: the rule of attention, one axis for texts and pictures or two, sessions against pairs, regions as a task
(none, now, now and next), and what the network's output stands for.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from .data import Dropout, Shard, Stretch, stretches, take_batch
from .distributed import ranks
from .editor import Editor, load_vae
from .losses import LossOptions, predict
from .model.dit import patchify
from .train import empty_region, parse_arguments, train


@dataclass(frozen=True, slots=True)
class Variant:
    """What differs from the shipped recipe: options of the loss, and of the command line."""

    loss: dict[str, object] = field(default_factory=dict)
    command: str = ""


VARIANTS: dict[str, Variant] = {
    "as shipped": Variant(),
    "full attention": Variant({"rule": "full"}),
    "separate axes": Variant({"has_joint_axis": False}),
    "pairs": Variant(command="--stretch 1 0 0 0"),
    "no regions": Variant(command="--drop-regions 1 1"),
    "region now": Variant(command="--drop-regions 0.5 1"),
    "velocity": Variant({"predicts": "velocity"}),
}


@torch.no_grad()
def measure(editor: Editor, held_out: list[Stretch], empty: torch.Tensor, options: LossOptions, rows: int = 16) -> dict[str, float]:
    """Squared error in changed patches of the last picture of each stretch, made in one step from noise, and of unchanged ones."""
    rng = np.random.default_rng(0)
    changed, kept = [], []
    for number, stretch in enumerate(held_out):
        torch.manual_seed(number)
        batch = take_batch([stretch], rng, rows, empty, Dropout(1.0, 1.0, 0.0))
        last = batch.targets[-1]
        count = 1 if options.rule == "full" else len(batch.targets)
        noise = torch.randn(batch.size, count, *empty.shape)
        with torch.autocast("cpu", torch.bfloat16):
            predicted, _ = predict(editor, batch, noise, torch.zeros(batch.size, count), options)
        error = (predicted[:, -1] - patchify(batch.pictures[last], editor.dit.config.patch)).square().mean(-1)
        changed.append(float(error[batch.changed[last]].mean()))
        if not batch.changed[last].all():
            kept.append(float(error[~batch.changed[last]].mean()))
    return {"changed": float(np.mean(changed)), "kept": float(np.mean(kept))}


def read_sessions(folder: Path) -> list[Shard]:
    shards = [Shard(**torch.load(path, weights_only=False)["shard"]) for path in sorted(folder.glob("session-*.pt"))]
    if not shards:
        message = f"{folder} holds no shards of sessions; draw some with `python -m palimpsest_training.draw --first 100000 --shares session=1`"
        raise SystemExit(message)
    return shards


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--held-out", type=Path, required=True, help="shards that are not trained on")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument(
        "--options", default="--width 192 --layers 6 --tokens 4000 --shares session=1 --muon-lr 1e-2", help="of all variants, as train has them"
    )
    args = parser.parse_args()
    held_out = read_sessions(args.held_out)
    lengths = (1, held_out[0].turns)
    vae = load_vae(args.vae)
    empty = empty_region(vae, next(iter(held_out[0].pictures.values())).shape[-1] * vae.config.downsample)
    table: dict[str, dict[str, float]] = {}
    for name in args.variants:
        variant, out = VARIANTS[name], args.out / name.replace(" ", "-")
        command = f"--out {out} --vae {args.vae} --shards {args.shards} --steps {args.steps} --device cpu {args.options} {variant.command}"
        with ranks("cpu") as here:
            editor = train(parse_arguments(command.split()), here, **variant.loss).ema.model
        options = LossOptions(**variant.loss)
        found = {turns: measure(editor, [s for shard in held_out for s in stretches(shard, turns)], empty, options) for turns in lengths}
        table[name] = {f"{key}_turn_{turns}": value for turns, errors in found.items() for key, value in errors.items()}
        print(json.dumps({name: table[name]}), flush=True)
    (args.out / "ablations.json").write_text(json.dumps({"steps": args.steps, "options": args.options, "variants": table}, indent=1) + "\n")


if __name__ == "__main__":
    main()
