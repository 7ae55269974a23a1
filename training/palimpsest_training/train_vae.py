"""Trains the VAE on crops of random scenes; resumes from its checkpoint; logs JSON lines."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .equivariance import moved, turned
from .model.vae import Vae, VaeConfig, to_tensor
from .optim import Ema, base_rates, make_optimizers, save_whole, schedule, set_rates
from .world.edits import sample_session
from .world.sampling import mask_picture
from .world.scene import render


def psnr(a: Tensor, b: Tensor) -> float:
    """Mean over images of the PSNR in dB; inputs in -1..1, clamped as on screen."""
    error = (a.clamp(-1, 1) - b).square().mean(dim=(1, 2, 3)) / 4.0
    return float((-10 * torch.log10(error.clamp_min(1e-10))).mean())


def sample_images(rng: random.Random, count: int, size: int, *, held_out: bool = False) -> np.ndarray:
    """`count` frames uint8 out of short sessions; one in 25 is a region of edit drawn as a picture."""
    images: list[np.ndarray] = []
    while len(images) < count:
        for edit in sample_session(rng, ["words", "dragged", "words"], held_out=held_out):
            is_region = not held_out and rng.random() < 0.04 and not edit.is_whole
            images.append(mask_picture(rng.choice(edit.regions(size))) if is_region else render(edit.after, size))
    return np.stack(images[:count])


def crop(images: np.ndarray, side: int, rng: random.Random, grid: int) -> np.ndarray:
    """One random crop of each image, on the latent grid so that crop and whole frame share phase."""
    if side >= images.shape[1]:
        return images
    last = (images.shape[1] - side) // grid
    out = np.empty((len(images), side, side, 3), np.uint8)
    for i, image in enumerate(images):
        y, x = rng.randint(0, last) * grid, rng.randint(0, last) * grid
        out[i] = image[y : y + side, x : x + side]
    return out


def loss_of(model: Vae, images: Tensor, noise: float, *, is_moved: bool = False) -> Tensor:
    """L1 + squared error + gradient difference; latent noise makes the decoder forgive the DiT, moves make latents regular."""
    latent = model.encode_raw(images)
    if is_moved:
        latent, images = moved(latent, images)
    restored = model.decode_raw(latent + noise * torch.randn_like(latent)).float()
    difference = restored - images
    rows, columns = difference.diff(dim=2), difference.diff(dim=3)
    return difference.abs().mean() + 5.0 * difference.square().mean() + 0.5 * (rows.abs().mean() + columns.abs().mean())


@torch.no_grad()
def evaluate(model: Vae, size: int, count: int = 48, *, is_mirrored: bool = False) -> float:
    """PSNR on held-out frames; of mirrored frames made from the mirrored latents it says how far a latent moves with its picture."""
    images = to_tensor(sample_images(random.Random(987654), count, size, held_out=True))
    made = [model.decode_raw(turned(model.encode_raw(part), 0, is_mirrored=is_mirrored)) for part in images.split(8)]
    return psnr(torch.cat(made), turned(images, 0, is_mirrored=is_mirrored))


@torch.no_grad()
def set_statistics(model: Vae, size: int) -> None:
    """Measures latent mean and deviation per channel on 256 training frames."""
    images = to_tensor(sample_images(random.Random(4242), 256, size))
    latents = torch.cat([model.encode_raw(part) for part in images.split(8)])
    model.mean.copy_(latents.mean(dim=(0, 2, 3)))
    model.std.copy_(latents.std(dim=(0, 2, 3)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--crop", type=int, default=128)
    parser.add_argument("--stem", type=int, default=4, help="pixels of a side that the first layer takes as one; latents are a quarter of that")
    parser.add_argument("--channels", type=int, default=32, help="of the latent")
    parser.add_argument("--batch", type=int, default=32, help="crops a step")
    parser.add_argument("--minutes", type=float, default=40.0, help="the schedule runs over this time")
    parser.add_argument("--muon-lr", type=float, default=4e-3)
    parser.add_argument("--adam-lr", type=float, default=2e-3)
    parser.add_argument("--noise", type=float, default=0.05)
    parser.add_argument("--moved-share", type=float, default=0.5, help="share of steps whose latents are moved before they are decoded")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--init", type=Path, help="a vae.pt to start from")
    parser.add_argument("--decoder-only", action="store_true", help="keep the encoder, and so every latent, as it is")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    model = Vae(VaeConfig(stem=args.stem, channels=args.channels)).to(args.device, memory_format=torch.channels_last)
    if args.init:
        model.load_state_dict(torch.load(args.init, map_location=args.device, weights_only=False)["state"])
    if args.decoder_only:
        if not args.init:
            parser.error("--decoder-only needs --init FILE: a decoder alone fits no latents")
        model.encoder.requires_grad_(requires_grad=False)
    ema = Ema(model, 0.998)
    optimizers = make_optimizers(model, args.muon_lr, args.adam_lr)
    base = base_rates(optimizers)
    step, spent = 0, 0.0
    checkpoint = args.out / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=args.device, weights_only=False)
        model.load_state_dict(state["model"])
        ema.model.load_state_dict(state["ema"])
        ema.steps = step = state["step"]
        spent = state["spent"]
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
    rng = random.Random(args.seed * 1_000_003 + step)
    started, saved_at, losses = time.time(), time.time(), []
    log = (args.out / "log.jsonl").open("a")
    while True:
        now = spent + (time.time() - started) / 60.0
        factor = schedule(now / args.minutes, 0.02, 0.9)
        is_done = now >= args.minutes
        if is_done or time.time() - saved_at > 150:
            saved_at = time.time()
            state = {
                "model": model.state_dict(),
                "ema": ema.model.state_dict(),
                "step": step,
                "spent": now,
                "optimizers": [o.state_dict() for o in optimizers],
            }
            save_whole(state, checkpoint)
            record = {
                "step": step,
                "minutes": round(now, 2),
                "loss": float(np.mean(losses[-100:])),
                "lr": factor,
                "psnr": evaluate(model, args.size),
                "psnr_ema": evaluate(ema.model, args.size),
                "psnr_mirrored": evaluate(ema.model, args.size, 16, is_mirrored=True),
            }
            print(json.dumps(record), flush=True)
            log.write(json.dumps(record) + "\n")
            log.flush()
        if is_done:
            break
        set_rates(optimizers, base, factor)
        # Two crops a frame share the cost of drawing it.
        frames = sample_images(rng, args.batch // 2, args.size)
        images = to_tensor(crop(np.concatenate([frames, frames]), args.crop, rng, model.config.downsample)).to(args.device)
        with torch.autocast(args.device, torch.bfloat16):
            is_moved = not args.decoder_only and rng.random() < args.moved_share
            loss = loss_of(model, images.contiguous(memory_format=torch.channels_last), args.noise, is_moved=is_moved)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        ema.update(model)
        losses.append(loss.item())
        step += 1
    if not args.decoder_only:
        set_statistics(ema.model, args.size)
    reached = evaluate(ema.model, args.size)
    torch.save({"config": asdict(model.config), "state": ema.model.state_dict(), "psnr": reached}, args.out / "vae.pt")
    sys.stdout.write(f"{args.out / 'vae.pt'}: {reached:.2f} dB\n")


if __name__ == "__main__":
    main()
