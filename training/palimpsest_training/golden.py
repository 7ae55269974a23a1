"""Writes golden vectors: what the shipped model and the exact functions around it give, for tests in other languages.

The folder holds `golden.json`, `golden.bin` and PNG pictures.

`golden.json` has `version` (1), `model` (its id), `modelSha256` (see `model_digest`), `tensors` and `cases`.
`tensors` maps a name to `{dtype, shape, offset}`: little-endian row-major values in `golden.bin` from byte `offset`
(a multiple of 8); dtypes are int32, float16 (exact when widened), float32 and float64. In `cases`, a value that is
the name of a tensor stands for it and a value that ends in `.png` for a picture; all else is inline. The cases:

- `tokenizer`: list of `{text, ids}`.
- `sequence`: `segments` [{kind, tokens, t}] in order; `positions` [n, 4], `cos`, `sin` [n, headDim / 2] of all their tokens.
- `timeFeatures`: `times`, `features` [times, timeFeatures].
- `samplerTimes`: list of `{steps, shift, times}`.
- `noise`: list of `{seed, values}`.
- `eulerStep`: list of `{noisy, clean, time, until, next}` for single numbers.
- `qkNormRope`: `q`, `k` [n, heads * headDim], `qWeight`, `kWeight` [headDim], `eps`, `cos`, `sin`; `qOut`, `kOut` [heads, n, headDim].
- `attention`: `query` [heads, n, headDim] (not scaled), `cacheK`, `cacheV` [heads, capacity, headDim], `ranges` [[start, end], ...] of the
  visible cache slots; `output` [n, heads * headDim].
- `denoise`: one pass of `dit_vision`: `noisy`, `previous` [1, C, Hl, Wl], `time`, `start` (sequence position of the frame),
  `pastK`, `pastV` [layers, heads, c, headDim]; `clean`.
- `edit`: `start` picture, its `startLatent` (both null where the first turn makes the picture from words), and `turns`
  [{instruction, ids, textStates, seed, steps, guidance, shift, drawn (or null), latent, frame}].
  A region is a grey picture, 255 = inside. `textStates` are the T5 states of the ids.
- `fromWords`: the same for a session that begins with words.
- `sized`: one more such session, with `size` [width, height], for each of the manifest's `frames`.
- `tasks`: `roles`, the `start` picture, and `steps` in order, each with instruction, seed, steps, guidance, shift, `latent` and
  `target`: "region-now" or "region-next" makes the region `mask` and leaves the session where it is; "image" makes `frame`, and
  {index, count} a `frame` of the clip between the last two pictures. A step may have `regions` {now, next}, `references`
  [{role, picture}], and `given`, texts and pictures that were put into the history before it.
  The model need not know the roles: the two sides must agree, not make sense.

Latents, frames and `clean` come from onnxruntime's CPU kernels in float32 and differ a little between machines; the rest is exact
up to the last digit of sin, cos, exp and log.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from .infer import Array, EditingSession, Entry, OnnxModel
from .model.flow import euler_step, sampler_times, seeded_noise, time_features
from .model.packing import ROLES, Segment, frame_positions, sequence_positions
from .model.rope import apply_rope, rope_tables

ROOT = Path(__file__).parent.parent.parent
MODELS = ROOT / "public" / "models"
FOLDER = ROOT / "fixtures" / "golden"
# Kept as pictures, so that the vectors stay as they are when the world changes.
START, REGION = "edit-start.png", "edit-mask2.png"
SENTENCES = (
    "add a cat on the left",
    "Put a LARGE balloon in the top right.",
    "replace the dog with an elephant",
    "move the cat to the bottom right",
    "make the house bigger",
    "scale the house down, please",
    "get rid of this",
    "change the background to outer space",
    "make the picture black and white",
    "add a zebra here",
    "  don't\tadd  a naïve cat...!? ",
    "",
)
TURNS = (
    {"instruction": "add a large balloon in the top right", "seed": 7, "steps": 4, "guidance": 1.0},
    {"instruction": "replace this with a fox", "seed": 20_240_607, "steps": 3, "guidance": 1.5, "masked": True},
)
FROM_WORDS = (
    {"instruction": "a picture of a lake with a large car in the middle", "seed": 11, "steps": 2, "guidance": 2.0},
    {"instruction": "make the picture sepia", "seed": 12, "steps": 2, "guidance": 1.0},
)
TASK_WORDS, REFERRING_WORDS, CLIP_WORDS = "move the dog to the right", "add the dog of picture one", "the dog walks away"
CLIP_FRAMES = 4
DENOISE_TIME = 0.35


def model_digest(manifest: dict) -> str:
    """SHA-256 over the paths and digests of a model's files: changes with graphs and weights, not with quality numbers."""
    lines = sorted(f"{entry['path']} {entry['sha256']}\n" for entry in manifest["files"])
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@dataclass
class Golden:
    """Collects tensors and pictures; `put` and `picture` return the name that a case refers to them by."""

    blob: bytearray = field(default_factory=bytearray)
    tensors: dict[str, dict] = field(default_factory=dict)
    pictures: dict[str, Array] = field(default_factory=dict)

    def put(self, name: str, values: Array) -> str:
        values = np.ascontiguousarray(values)
        self.blob.extend(bytes(-len(self.blob) % 8))
        self.tensors[name] = {"dtype": values.dtype.name, "shape": list(values.shape), "offset": len(self.blob)}
        self.blob.extend(values.astype(values.dtype.newbyteorder("<")).tobytes())
        return name

    def picture(self, name: str, pixels: Array) -> str:
        self.pictures[name] = pixels
        return name

    def region(self, name: str, region: Array) -> str:
        return self.picture(name, region.astype(np.uint8) * 255)


def _inputs(height: int, width: int) -> tuple[Array, Array]:
    """The start picture [H, W, 3] and the region, boolean [H, W], in the model's size."""
    size = (width, height)
    with Image.open(FOLDER / START) as start, Image.open(FOLDER / REGION) as region:
        return np.asarray(start.convert("RGB").resize(size)), np.asarray(region.convert("L").resize(size)) >= 128


def _tokenizer_case(model: OnnxModel) -> list[dict]:
    return [{"text": text, "ids": model.tokenizer.encode(text).ids} for text in SENTENCES]


def _sequence_case(golden: Golden, model: OnnxModel) -> dict:
    shape = model.shape
    rows, columns = shape.patches
    frame = rows * columns + 2
    segments = [Segment("image", frame), Segment("text", 8), Segment("mask", frame), Segment("image", frame, 3)]
    positions = torch.cat(sequence_positions(segments, shape.patches, shape.patch * shape.downsample))
    cos, sin = rope_tables(positions, shape.axis_dims, shape.thetas)
    return {
        "segments": [{"kind": s.kind, "tokens": s.tokens, "t": s.time} for s in segments],
        "positions": golden.put("sequence.positions", positions.int().numpy()),
        "cos": golden.put("sequence.cos", cos.numpy()),
        "sin": golden.put("sequence.sin", sin.numpy()),
    }


def _flow_cases(golden: Golden, model: OnnxModel) -> dict:
    times = [0.0, 0.123, 0.25, 0.5, 0.9, 1.0]
    features = time_features(torch.tensor(times, dtype=torch.float64), model.shape.time_features).numpy()
    noise = [(0, (2, 5, 4)), (1, (1, 3, 3)), (42, (4, 2, 2)), (2**32 - 1, (3, 1, 1))]
    steps = [(0.25, -1.5, 0.0, 0.25), (1.0, 0.5, 0.96, 0.98), (-2.0, 0.75, 0.75, 1.0)]
    return {
        "timeFeatures": {"times": times, "features": golden.put("timeFeatures.features", features)},
        "samplerTimes": [{"steps": n, "shift": s, "times": sampler_times(n, s)} for n, s in ((1, 1.0), (4, 1.0), (4, 0.5), (7, 3.0))],
        "noise": [{"seed": seed, "values": golden.put(f"noise.{seed}", seeded_noise(seed, shape))} for seed, shape in noise],
        "eulerStep": [
            {"noisy": x, "clean": c, "time": t, "until": u, "next": float(euler_step(torch.tensor(x).double(), torch.tensor(c).double(), t, u))}
            for x, c, t, u in steps
        ],
    }


def _qk_norm_rope_case(golden: Golden, model: OnnxModel) -> dict:
    shape, tokens = model.shape, 18
    head_dim = sum(shape.axis_dims)
    q, k = (seeded_noise(seed, (tokens, shape.heads * head_dim)) for seed in (11, 12))
    weights = 1 + 0.1 * seeded_noise(13, (2, head_dim))
    # A text token and the first patches: near and far positions on every axis but time.
    positions = torch.cat([torch.tensor([[2500.0, 0, 0, 0]]).double(), frame_positions(*shape.patches, shape.patch * shape.downsample, 40)] * tokens)
    cos, sin = rope_tables(positions[:tokens], shape.axis_dims, shape.thetas)

    def turned(x: Array, weight: Array) -> Array:
        heads = torch.from_numpy(x).double().view(tokens, shape.heads, head_dim).transpose(0, 1)
        normed = heads * torch.rsqrt(heads.square().mean(-1, keepdim=True) + model.manifest["architecture"]["normEps"])
        return apply_rope(normed * torch.from_numpy(weight).double(), cos.double(), sin.double()).numpy()

    inputs = {"q": q, "k": k, "qWeight": weights[0], "kWeight": weights[1], "cos": cos.numpy(), "sin": sin.numpy()}
    outputs = {"qOut": turned(q, weights[0]), "kOut": turned(k, weights[1])}
    names = {name: golden.put(f"qkNormRope.{name}", values) for name, values in (inputs | outputs).items()}
    return {"eps": model.manifest["architecture"]["normEps"], **names}


def _attention_case(golden: Golden, model: OnnxModel) -> dict:
    shape, tokens, capacity = model.shape, 18, 61
    head_dim = sum(shape.axis_dims)
    ranges = [[0, 23], [31, 58]]
    # Twice the usual deviation, so that a few keys win and a wrong one shows.
    query = 2 * seeded_noise(21, (shape.heads, tokens, head_dim))
    keys, values = (seeded_noise(seed, (shape.heads, capacity, head_dim)) for seed in (22, 23))
    seen = np.concatenate([np.arange(*r) for r in ranges])
    scores = query.astype(np.float64) @ keys[:, seen].astype(np.float64).swapaxes(1, 2) / np.sqrt(head_dim)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    output = (weights / weights.sum(-1, keepdims=True)) @ values[:, seen].astype(np.float64)
    tensors = {"query": query, "cacheK": keys, "cacheV": values, "output": output.swapaxes(0, 1).reshape(tokens, -1)}
    return {"ranges": ranges, **{name: golden.put(f"attention.{name}", array) for name, array in tensors.items()}}


def _denoise_case(golden: Golden, model: OnnxModel, context: list[Entry]) -> dict:
    """One pass over the context of the first turn; its keys are rounded to float16 first, so that storing them so is exact."""
    shape = model.shape
    known = [entry.kv for entry in context if entry.kv is not None]
    past_k, past_v = (np.concatenate(part, 2).astype(np.float16) for part in zip(*known, strict=True))
    previous = context[0].content
    noisy = seeded_noise(31, previous.shape)
    start = sum(entry.steps for entry in context)
    cos, sin = rope_tables(frame_positions(*shape.patches, shape.patch * shape.downsample, start), shape.axis_dims, shape.thetas)
    features = time_features(torch.tensor([DENOISE_TIME], dtype=torch.float64), shape.time_features).numpy()
    past = (past_k.astype(np.float32), past_v.astype(np.float32))
    clean = model.vision(noisy, previous, features, cos.numpy(), sin.numpy(), past)[0]
    tensors = {"noisy": noisy, "previous": previous, "pastK": past_k, "pastV": past_v, "clean": clean}
    return {"time": DENOISE_TIME, "start": start, **{name: golden.put(f"denoise.{name}", array) for name, array in tensors.items()}}


def _session_case(
    golden: Golden, model: OnnxModel, name: str, start: Array | None, region: Array, turns: tuple[dict, ...]
) -> tuple[dict, list[Entry]]:
    """A session, with the region drawn where a turn says so; also its segments, for the case of one step."""
    shift = model.manifest["sampler"]["shift"]
    session = EditingSession(model, start)
    case: dict = {"start": None, "startLatent": None, "turns": []}
    if start is not None:
        case |= {"start": golden.picture(f"{name}-start.png", start), "startLatent": golden.put(f"{name}.startLatent", session.latent)}
    for number, turn in enumerate(turns, 1):
        recipe = {key: value for key, value in turn.items() if key != "masked"}
        drawn = region if "masked" in turn else None
        frame = session.edit(**recipe, shift=shift, drawn=drawn)
        ids = model.tokenizer.encode(recipe["instruction"]).ids
        padded = np.array(ids + [0] * (model.shape.max_text - len(ids)), np.int32)
        states = model.t5(padded, (np.arange(len(padded)) < len(ids)).astype(np.float32))[: len(ids)]
        case["turns"].append(
            {
                **recipe,
                "shift": shift,
                "ids": ids,
                "textStates": golden.put(f"{name}.textStates{number}", states),
                "drawn": None if drawn is None else golden.region(f"{name}-mask{number}.png", drawn),
                "latent": golden.put(f"{name}.latent{number}", session.latent),
                "frame": golden.picture(f"{name}-frame{number}.png", frame),
            }
        )
    return case, session.entries


def _tasks_case(golden: Golden, model: OnnxModel, start: Array, region: Array) -> dict:
    """Regions asked for and given, references, and a clip between two pictures, in one session."""
    session, other, moved = EditingSession(model, start), start[:, ::-1], np.roll(region, region.shape[1] // 3, 1)
    shift = model.manifest["sampler"]["shift"]
    shown_other = golden.picture("tasks-other.png", other)
    shown_regions = {"now": golden.region(REGION, region), "next": golden.region("tasks-next.png", moved)}
    steps: list[dict] = []

    def recipe(seed: int, guidance: float = 1.0) -> dict:
        return {"seed": seed, "steps": 2, "guidance": guidance, "shift": shift}

    def keep(target: str | dict, said: str, how: dict, latent: Array | None, made: dict, **given: object) -> None:
        steps.append({"target": target, "instruction": said, **given, **how, "latent": golden.put(f"tasks.latent{len(steps) + 1}", latent), **made})

    how = recipe(41, 1.5)
    mask = golden.region("tasks-mask1.png", session.predict_region("now", TASK_WORDS, **how))
    keep("region-now", TASK_WORDS, how, session.region_latent, {"mask": mask})
    how = recipe(42)
    mask = golden.region("tasks-mask2.png", session.predict_region("next", TASK_WORDS, now=region, **how))
    keep("region-next", TASK_WORDS, how, session.region_latent, {"mask": mask}, regions={"now": shown_regions["now"]})
    how = recipe(43, 1.5)
    frame = golden.picture("tasks-frame3.png", session.edit(TASK_WORDS, now=region, next=moved, **how))
    keep("image", TASK_WORDS, how, session.latent, {"frame": frame}, regions=shown_regions)
    how, references = recipe(44, 1.5), (("picture", other), ("exampleBefore", start), ("exampleAfter", other))
    frame = golden.picture("tasks-frame4.png", session.edit(REFERRING_WORDS, references=references, **how))
    named = [{"role": role, "picture": START if picture is start else shown_other} for role, picture in references]
    keep("image", REFERRING_WORDS, how, session.latent, {"frame": frame}, references=named)
    session.add_text(CLIP_WORDS)
    session.add_picture(other)
    how, given = recipe(50, 1.5), {"given": [CLIP_WORDS, shown_other]}
    frames = session.between(CLIP_FRAMES, **how)
    made = [entry.content for entry in session.entries if entry.time > 0]
    for index, (pixels, latent) in enumerate(zip(frames, made, strict=True), 2):
        frame = golden.picture(f"tasks-frame{index + 3}.png", pixels)
        keep({"index": index, "count": CLIP_FRAMES}, CLIP_WORDS, how | {"seed": how["seed"] + index}, latent, {"frame": frame}, **given)
        given = {}
    return {"roles": ROLES, "start": golden.picture(START, start), "steps": steps}


def _sized_case(golden: Golden, model: OnnxModel) -> dict:
    """A session of one masked turn at a further size of the model."""
    height, width = model.shape.frame
    start, region = _inputs(height, width)
    case, _ = _session_case(golden, model, f"sized-{width}x{height}", start, region, TURNS[1:])
    return {"size": [width, height], **case}


def make_golden(model: OnnxModel) -> tuple[dict, Golden]:
    """The content of golden.json, and the tensors and pictures that it names."""
    golden = Golden()
    cases = {"tokenizer": _tokenizer_case(model), "sequence": _sequence_case(golden, model), **_flow_cases(golden, model)}
    cases |= {"qkNormRope": _qk_norm_rope_case(golden, model), "attention": _attention_case(golden, model)}
    start, region = _inputs(*model.shape.frame)
    edit, entries = _session_case(golden, model, "edit", start, region, TURNS)
    from_words, _ = _session_case(golden, model, "fromWords", None, region, FROM_WORDS)
    cases |= {"denoise": _denoise_case(golden, model, entries[:2]), "edit": edit, "fromWords": from_words}
    cases["tasks"] = _tasks_case(golden, model, start, region)
    manifest = model.manifest
    if "frames" in manifest:
        cases["sized"] = [_sized_case(golden, OnnxModel(model.folder, (size["width"], size["height"]))) for size in manifest["frames"]]
    return {"version": 1, "model": manifest["id"], "modelSha256": model_digest(manifest), "tensors": golden.tensors, "cases": cases}, golden


def read_tensor(folder: Path, index: dict, name: str) -> Array:
    """A tensor of a golden folder whose golden.json is `index`."""
    entry = index["tensors"][name]
    count = int(np.prod(entry["shape"]))
    return np.fromfile(folder / "golden.bin", np.dtype(entry["dtype"]).newbyteorder("<"), count, offset=entry["offset"]).reshape(entry["shape"])


def write_golden(model: OnnxModel, out: Path) -> None:
    index, golden = make_golden(model)
    out.mkdir(parents=True, exist_ok=True)
    (out / "golden.json").write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / "golden.bin").write_bytes(golden.blob)
    for name, pixels in golden.pictures.items():
        Image.fromarray(pixels).save(out / name, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes golden vectors of a shipped model.")
    parser.add_argument("--model", default="nano", help="a folder of public/models, or a path")
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args()
    folder = MODELS / args.model if (MODELS / args.model).exists() else Path(args.model)
    if not (folder / "manifest.json").exists():
        message = f"{folder} holds no manifest.json; export the model first"
        raise SystemExit(message)
    write_golden(OnnxModel(folder), args.out)
    written = sorted(args.out.iterdir())
    print(f"{args.out}: {sum(p.stat().st_size for p in written) / 1e6:.2f} MB in {len(written)} files")


if __name__ == "__main__":
    main()
