"""Measures a model on new sessions: success by turn and operation, and what happens outside the change."""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .infer import EditingSession, Model, OnnxModel, TorchModel, to_image, to_picture
from .success import MOST_LEAKED, MOST_LEFT, is_scene, judge, psnr_outside
from .world.edits import OPERATIONS, Edit, sample_edit, sample_held_out_edit
from .world.language import scene_words
from .world.sampling import sample_scene
from .world.scene import render

CELL = 256
MODELS = Path(__file__).parent.parent.parent / "public" / "models"


def held_out_session(rng: random.Random, turns: int) -> list[Edit]:
    """A first edit that training never showed, and further ones that may be anything."""
    edits = [sample_held_out_edit(rng)]
    while len(edits) < turns:
        edits.append(sample_edit(rng, edits[-1].after, held_out=True))
    return edits


def load_model(name: str, checkpoint: Path | None, vae: Path | None) -> Model:
    if checkpoint is None:
        folder = MODELS / name
        if not (folder / "manifest.json").exists():
            message = f"no model {name!r} in {MODELS}; export one or name one of {sorted(p.parent.name for p in MODELS.glob('*/manifest.json'))}"
            raise SystemExit(message)
        return OnnxModel(folder)
    from .export import load_editor  # the exporter is needed for checkpoints only
    from .train import load_vae

    if vae is None:
        message = "--checkpoint needs --vae FILE as well"
        raise SystemExit(message)
    return TorchModel(load_editor(checkpoint), load_vae(vae))


def success_from_words(model: Model, seed: int, scenes: int, *, steps: int, guidance: float, shift: float) -> float:
    """Share of scenes of 0 to 2 things, made from words alone, that show what was asked for."""
    rng = random.Random(seed)
    right = 0
    for _ in range(scenes):
        scene = sample_scene(rng, held_out=True, most=2, styled=0.0)
        session = EditingSession(model, None)
        right += is_scene(scene, session.edit(scene_words(rng, scene), seed=rng.getrandbits(31), steps=steps, guidance=guidance, shift=shift))
    return right / scenes


def evaluate(
    model: Model, seed: int, sessions: int, turns: int, *, steps: int, guidance: float, shift: float, sheet: Path | None
) -> dict[str, object]:
    """All measures as JSON-ready data; `sheet` gets the first sessions as a picture."""
    rng = random.Random(seed)
    size = model.shape.size
    right_until = np.zeros(turns)
    operations: dict[str, list[bool]] = defaultdict(list)
    outside, ceiling, first, drawn, rows = [], [], [], [], []
    reasons: dict[str, int] = defaultdict(int)
    started = time.time()
    for number in range(sessions):
        edits = held_out_session(rng, turns)
        session = EditingSession(model, render(edits[0].before, size))
        is_right = True
        for turn, edit in enumerate(edits):
            mask = edit.drawn_mask(rng, size)
            picture = session.edit(edit.instruction, seed=rng.getrandbits(31), steps=steps, guidance=guidance, shift=shift, mask=mask)
            verdict = judge(edit, picture)
            is_right = is_right and verdict.is_right
            right_until[turn] += is_right
            if turn == 0:
                operations[edit.operation].append(verdict.is_right)
                first.append(verdict.is_right)
                if mask is not None:
                    drawn.append(verdict.is_right)
                for reason, is_bad in (
                    ("not_nearest", not verdict.is_nearest),
                    ("change_unfinished", verdict.left > MOST_LEFT),
                    ("leaked", verdict.leaked > MOST_LEAKED),
                ):
                    reasons[reason] += is_bad
                here = psnr_outside(edit, picture)
                if here is not None:
                    truth = render(edit.after, size)
                    best = psnr_outside(edit, to_picture(model.decode(model.encode(to_image(truth)))))
                    outside.append(here)
                    ceiling.append(best if best is not None else here)
            if sheet is not None and len(rows) < 20 and (turn > 0 or number < 20):
                rows.append((edit, render(edit.before, size) if turn == 0 else rows[-1][3], render(edit.after, size), picture, verdict.is_right))
    if sheet is not None:
        draw_sheet(sheet, rows)
    return {
        "seed": seed,
        "sessions": sessions,
        "turns": turns,
        "steps": steps,
        "guidance": guidance,
        "single_turn_success": float(np.mean(first)),
        "success_by_turn": [float(n / sessions) for n in right_until],
        "by_operation": {
            name: {"success": float(np.mean(operations[name])), "count": len(operations[name])} for name in OPERATIONS if operations[name]
        },
        "drawn_region_success": float(np.mean(drawn)) if drawn else None,
        "from_words_success": success_from_words(model, seed, max(10, sessions // 4), steps=steps, guidance=guidance, shift=shift),
        "failures": dict(reasons),
        "psnr_outside_db": float(np.mean(outside)),
        "psnr_outside_vae_db": float(np.mean(ceiling)),
        "seconds": round(time.time() - started, 1),
    }


def draw_sheet(path: Path, rows: list[tuple[Edit, np.ndarray, np.ndarray, np.ndarray, bool]]) -> None:
    """Before, truth and result side by side under the instruction, two edits a row."""
    font = ImageFont.load_default(15)
    high, wide = CELL + 26, 3 * CELL + 24
    sheet = Image.new("RGB", (2 * wide, -(-len(rows) // 2) * high), "white")
    pen = ImageDraw.Draw(sheet)
    for index, (edit, before, truth, picture, is_right) in enumerate(rows):
        x, y = index % 2 * wide, index // 2 * high
        pen.text(
            (x + 4, y + 4),
            f"{'right' if is_right else 'WRONG'}: {edit.instruction}   (before, truth, result)",
            fill="black" if is_right else "#a0152d",
            font=font,
        )
        for column, pixels in enumerate((before, truth, picture)):
            sheet.paste(Image.fromarray(pixels).resize((CELL, CELL)), (x + column * (CELL + 4), y + 24))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="nano")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--guidance", type=float, default=1.0)
    parser.add_argument("--shift", type=float, default=1.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--checkpoint", type=Path, help="a training checkpoint instead of a shipped model")
    parser.add_argument("--vae", type=Path)
    args = parser.parse_args()
    model = load_model(args.model, args.checkpoint, args.vae)
    report = evaluate(model, args.seed, args.sessions, args.turns, steps=args.steps, guidance=args.guidance, shift=args.shift, sheet=args.sheet)
    text = json.dumps(report, indent=1)
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
