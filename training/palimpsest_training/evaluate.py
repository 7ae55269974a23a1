"""Measures a model on new examples of every task it can do, and prints JSON; `--markdown` gives the same as a table."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from .benches import (
    TASK_MEASURES,
    Bench,
    Row,
    measure_by_steps,
    measure_drift,
    measure_history,
    measure_phrasing,
    measure_sessions,
    measure_text_swap,
)
from .editor import load_editor, load_vae
from .infer import Model, OnnxModel, TorchModel
from .world.edits import WEIGHTS
from .world.known import add_world_arguments, chosen_world, known_world
from .world.sampling import WORLD, World

CELL = 256
MODELS = Path(__file__).parent.parent.parent / "public" / "models"


def load_model(name: str, checkpoint: Path | None, vae: Path | None) -> Model:
    if checkpoint is None:
        folder = MODELS / name
        if not (folder / "manifest.json").exists():
            message = f"no model {name!r} in {MODELS}; export one or name one of {sorted(p.parent.name for p in MODELS.glob('*/manifest.json'))}"
            raise SystemExit(message)
        return OnnxModel(folder)

    if vae is None:
        message = "--checkpoint needs --vae FILE as well"
        raise SystemExit(message)
    return TorchModel(load_editor(checkpoint), load_vae(vae))


def known_abilities(manifest: dict) -> list[str]:
    """What a manifest says its model can do; without roles "region-now" is the drawn region, which needs no measure of its own."""
    return [name for name in manifest["capabilities"] if name != "region-now" or "roles" in manifest]


def evaluate(
    model: Model,
    seed: int,
    sessions: int,
    turns: int,
    *,
    steps: int,
    guidance: float,
    shift: float,
    examples: int,
    known: tuple[World, tuple[str, ...]] | None = None,
) -> tuple[dict[str, object], list[Row]]:
    """All measures as JSON-ready data, and the first turns for the sheet; every other measure takes `examples` examples.

    `known` is the part of the world to measure on, and the operations; None = what the manifest says, or else all.
    """
    manifest = model.manifest if isinstance(model, OnnxModel) else None
    world, operations = known or ((WORLD, tuple(WEIGHTS)) if manifest is None else known_world(manifest))
    abilities = TASK_MEASURES if manifest is None else known_abilities(manifest)
    bench = Bench(model, world, operations, steps, guidance, shift)
    started = time.time()
    settings = {"seed": seed, "sessions": sessions, "turns": turns, "steps": steps, "guidance": guidance, "examples": examples}
    measured, rows = measure_sessions(bench, seed, sessions, turns)
    report = settings | measured
    if examples:
        for capability, (key, measure) in TASK_MEASURES.items():
            if capability in abilities:
                found = measure(bench, seed + 1, examples)
                report |= {key: found} if key else found
        report["by_steps"] = measure_by_steps(bench, seed + 2, examples)
        report["unseen_phrasing_success"] = measure_phrasing(bench, seed + 3, examples)
        report["text_swap_success"] = measure_text_swap(bench, seed + 4, examples)
        if "keep" in operations:
            report |= measure_drift(bench, seed + 5, max(1, examples // 8))
        if "back" in operations:
            report |= measure_history(bench, seed + 6, examples)
            long, _ = measure_sessions(bench, seed + 7, max(1, examples // 4), 10)
            report["success_by_turn_of_10"] = long["success_by_turn"]
    return report | {"seconds": round(time.time() - started, 1)}, rows


def draw_sheet(path: Path, rows: list[Row]) -> None:
    """Before, truth and result side by side under the instruction, two edits a row."""
    font = ImageFont.load_default(15)
    high, wide = CELL + 26, 3 * CELL + 24
    sheet = Image.new("RGB", (2 * wide, -(-len(rows) // 2) * high), "white")
    pen = ImageDraw.Draw(sheet)
    for index, (instruction, before, truth, picture, is_right) in enumerate(rows):
        x, y = index % 2 * wide, index // 2 * high
        words = f"{'right' if is_right else 'WRONG'}: {instruction}   (before, truth, result)"
        pen.text((x + 4, y + 4), words, fill="black" if is_right else "#a0152d", font=font)
        for column, pixels in enumerate((before, truth, picture)):
            sheet.paste(Image.fromarray(pixels).resize((CELL, CELL)), (x + column * (CELL + 4), y + 24))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def to_markdown(report: dict[str, object]) -> str:
    """The report as a table; shares in per cent."""

    def shown(key: str, value: object) -> str:
        if isinstance(value, list):
            return ", ".join(shown(key, v) for v in value)
        if isinstance(value, dict):
            return ", ".join(f"{name} {shown(key, v['success'] if isinstance(v, dict) else v)}" for name, v in value.items())
        if not isinstance(value, float):
            return str(value)
        is_share = any(word in key for word in ("success", "by_operation", "by_steps", "gap", "leaked"))
        return f"{100 * value:.1f} %" if is_share else f"{value:.2f}"

    lines = ["| measure | value |", "|---|---|"]
    return "\n".join([*lines, *(f"| {key.replace('_', ' ')} | {shown(key, value)} |" for key, value in report.items())])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="nano")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--examples", type=int, help="of every other task, 0 = sessions only; a third of the sessions")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--guidance", type=float, default=1.0)
    parser.add_argument("--shift", type=float, default=1.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--checkpoint", type=Path, help="a training checkpoint instead of a shipped model")
    parser.add_argument("--vae", type=Path)
    add_world_arguments(parser)
    args = parser.parse_args()
    model = load_model(args.model, args.checkpoint, args.vae)
    known = chosen_world(args) if args.known_to or args.operations else None
    examples = max(1, args.sessions // 3) if args.examples is None else args.examples
    report, rows = evaluate(
        model, args.seed, args.sessions, args.turns, steps=args.steps, guidance=args.guidance, shift=args.shift, examples=examples, known=known
    )
    if args.sheet:
        draw_sheet(args.sheet, rows)
    text = json.dumps(report, indent=1)
    for path, content in ((args.json, text), (args.markdown, to_markdown(report))):
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content + "\n")
    print(text)


if __name__ == "__main__":
    main()
