"""Draws and encodes training examples ahead of time, one file a shard; goes on where an earlier run stopped."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from .data import Shard, make_shard
from .editor import load_vae
from .optim import save_whole
from .train import DEFAULT_SHARES, read_shares
from .world.known import add_world_arguments, chosen_world


def next_task(counts: dict[str, int], shares: dict[str, float]) -> str:
    """The task that has fewest shards for its share."""
    return min(shares, key=lambda task: (counts.get(task, 0) + 0.5) / shares[task])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=200, help="stop when the folder holds as many")
    parser.add_argument("--shares", type=read_shares, default=DEFAULT_SHARES, help="weights of the tasks, for example session=6,words=1")
    parser.add_argument("--first", type=int, default=0, help="seed of the first shard of a task; another range gives examples for measuring")
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds of rest after each shard, for the training beside it")
    add_world_arguments(parser)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    vae = load_vae(args.vae, args.device).to(memory_format=torch.channels_last)
    world, operations = chosen_world(args)
    cells = args.size // vae.config.downsample // 2
    while True:
        names = [path.stem.rsplit("-", 1) for path in args.out.glob("*.pt")]
        if len(names) >= args.shards:
            break
        numbers = {task: [int(number) for name, number in names if name == task.replace(" ", "-")] for task in args.shares}
        task = next_task({name: len(found) for name, found in numbers.items()}, args.shares)
        number = 1 + max(numbers[task], default=args.first - 1)
        shard = make_shard(vae, number, task, rows=args.rows, size=args.size, cells=cells, turns=args.turns, world=world, allowed=operations)
        fields = {name: getattr(shard, name) for name in Shard.__slots__}
        save_whole({"task": task, "shard": fields}, args.out / f"{task.replace(' ', '-')}-{number:05d}.pt")
        time.sleep(args.pause)


if __name__ == "__main__":
    main()
