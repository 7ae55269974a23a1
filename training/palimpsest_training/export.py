"""Exports a checkpoint to the ONNX graphs, float16 weights and manifest that the runtime reads.

Every graph is checked against PyTorch in onnxruntime before anything is written.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from .editor import Editor, limited, load_editor, load_vae, resized, scramble
from .graph_modules import (
    FirstTextSegment,
    FirstVisionSegment,
    LastSegment,
    MiddleSegment,
    T5Graph,
    TextMonolith,
    VaeDecoderGraph,
    VaeEncoderGraph,
    VisionMonolith,
)
from .model.dit import DitConfig
from .model.packing import ROLES
from .model.t5 import T5Config
from .model.vae import Vae, VaeConfig
from .paste_back import Limits
from .shared_weights import SharedWeights, locate_parameters
from .text import build_tokenizer, save_tokenizer, tokenizer_words
from .world.edits import WEIGHTS
from .world.known import add_world_arguments, chosen_world
from .world.sampling import WORLD, World
from .world.scene import PLACES, SIZES

OPSET = 20
PARITY = 2e-4
CHUNK_BYTES = 4 * 2**20
# What a model learns that is trained on all tasks of world/tasks.py.
CAPABILITIES = (
    "next-image",
    "drawn-region",
    "region-now",
    "region-next",
    "dragged-region",
    "chain",
    "text-to-image",
    "multi-concept",
    "story",
    "clip-between",
    "clip-edit",
    "demonstration",
)
# Parts of a report of evaluate that are no measures of the model, or too many for a page.
_NO_QUALITY = frozenset({"turns", "guidance", "seconds", "by_operation", "failures"})
# Each with the operation that a model must know for it.
EXAMPLES = {
    "add a cat on the left": "add",
    "put a large balloon in the top right": "add",
    "add a small red car on the left": "recolour",
    "replace the dog with a fox": "replace",
    "move the cat to the bottom right": "move",
    "paint the house blue": "recolour",
    "put a duck to the right of the tree": "beside",
    "turn the robot upside down": "rotate",
    "make the tree bigger": "resize",
    "remove the left balloon": "among",
    "undo that": "back",
    "change the background to a beach": "background",
    "make it night": "light",
    "make the picture pixel art": "style",
    "make the picture sepia": "style",
    "zoom in": "camera",
}


def _export(module: nn.Module, inputs: dict[str, Tensor], outputs: list[str], dynamic: dict[str, dict[int, str]]) -> onnx.ModelProto:
    dims = {name: torch.export.Dim(name, min=1, max=8192) for axes in dynamic.values() for name in axes.values()}
    shapes = {name: {axis: dims[dim] for axis, dim in dynamic.get(name, {}).items()} for name in inputs}
    program = torch.onnx.export(
        module.eval(),
        tuple(inputs.values()),
        dynamo=True,
        opset_version=OPSET,
        verbose=False,
        input_names=list(inputs),
        output_names=outputs,
        dynamic_shapes=shapes if dynamic else None,
    )
    model = program.model_proto
    for tensor in model.graph.initializer:
        if tensor.HasField("doc_string"):
            tensor.ClearField("doc_string")
    del model.metadata_props[:]
    for node in model.graph.node:
        node.ClearField("doc_string")
        del node.metadata_props[:]
    for info in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del info.metadata_props[:]
    del model.graph.value_info[:]
    return model


def _check(name: str, model: onnx.ModelProto, module: nn.Module, inputs: dict[str, Tensor], outputs: list[str]) -> float:
    """Largest relative difference between PyTorch and onnxruntime over all outputs."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    got = session.run(outputs, {key: value.numpy() for key, value in inputs.items()})
    with torch.no_grad():
        wanted = module(*inputs.values())
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    worst = max(float(np.abs(g - w.numpy()).max() / max(1e-3, float(w.abs().max()))) for g, w in zip(got, wanted, strict=True))
    if not worst < PARITY:
        message = f"{name}: onnxruntime differs from PyTorch by {worst:.2e}, more than {PARITY:.0e}"
        raise ValueError(message)
    return worst


def _graphs(editor: Editor, vae: Vae, tokens: int) -> list[tuple[str, str, nn.Module, dict[str, Tensor], list[str], dict[str, dict[int, str]]]]:
    """Name, weight file, module, example inputs, output names, dynamic axes of every graph."""
    c = editor.dit.config
    random = torch.Generator().manual_seed(0)

    def r(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random)

    frame, inner = c.frame_tokens, c.heads * c.head_dim
    rows, columns = c.latent
    image = r(1, 3, rows * c.downsample, columns * c.downsample).tanh()
    latent, previous, features = r(1, c.channels, rows, columns), r(1, c.channels, rows, columns), r(1, c.time_features)
    ids = torch.randint(0, editor.t5.config.vocabulary, (tokens,), generator=random, dtype=torch.int32)
    states, n = r(11, c.text_width), {0: "n"}
    qkv = ["q", "k", "v"]
    past = {"past_k": r(c.layers, c.heads, 77, c.head_dim), "past_v": r(c.layers, c.heads, 77, c.head_dim)}
    past_axes = {"past_k": {2: "c"}, "past_v": {2: "c"}}

    def tables(count: int) -> dict[str, Tensor]:
        return {"cos": r(count, c.head_dim // 2), "sin": r(count, c.head_dim // 2)}

    body = {"attention": r(frame, inner), "residual": r(frame, c.width), "modulation": r(1, 6 * c.width)}
    out: list[tuple[str, str, nn.Module, dict[str, Tensor], list[str], dict[str, dict[int, str]]]] = [
        ("t5", "t5", T5Graph(editor.t5), {"input_ids": ids, "attention_mask": (torch.arange(tokens) < 9).float()}, ["text_states"], {}),
        ("vae_encoder", "vae", VaeEncoderGraph(vae), {"image": image}, ["latent"], {}),
        ("vae_decoder", "vae", VaeDecoderGraph(vae), {"latent": latent}, ["image"], {}),
        (
            "segment_00_text",
            "dit",
            FirstTextSegment(editor.dit),
            {"text_states": states, "time_features": features},
            ["residual", "modulation", *qkv],
            {"text_states": n},
        ),
        (
            "segment_00_vision",
            "dit",
            FirstVisionSegment(editor.dit),
            {"latent": latent, "previous": previous, "time_features": features},
            ["residual", "modulation", *qkv],
            {},
        ),
    ]
    out += [
        (f"segment_{i:02d}", "dit", MiddleSegment(editor.dit, i), body, ["residual_out", *qkv], {"attention": n, "residual": n})
        for i in range(1, c.layers)
    ]
    out += [
        (f"segment_{c.layers:02d}", "dit", LastSegment(editor.dit), {**body, "previous": previous}, ["clean"], {}),
        (
            "dit_text",
            "dit",
            TextMonolith(editor.dit),
            {"text_states": states, "time_features": features, **tables(11), **past},
            ["k", "v"],
            {"text_states": n, "cos": n, "sin": n, **past_axes},
        ),
        (
            "dit_vision",
            "dit",
            VisionMonolith(editor.dit),
            {"latent": latent, "previous": previous, "time_features": features, **tables(frame), **past},
            ["clean", "k", "v"],
            past_axes,
        ),
    ]
    return out


def sized_graphs(layers: int) -> frozenset[str]:
    """The graphs in which the size of the frame is fixed; all others serve every size."""
    return frozenset({"vae_encoder", "vae_decoder", "segment_00_vision", f"segment_{layers:02d}", "dit_vision"})


def _size_of(config: DitConfig) -> dict[str, int]:
    return {"width": config.grid * config.downsample, "height": config.latent[0] * config.downsample}


def round_to_half(module: nn.Module) -> None:
    """Rounds weights to what float16 can hold, so that PyTorch and the shipped file agree exactly."""
    with torch.no_grad():
        for tensor in (*module.parameters(), *module.buffers()):
            if tensor.is_floating_point():
                tensor.copy_(tensor.half().float())


def commit_of(folder: Path) -> str:
    result = subprocess.run(["git", "-C", str(folder), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


def describe_file(path: str, data: bytes, chunk_bytes: int = CHUNK_BYTES) -> dict[str, str | int | list[str]]:
    """The manifest's entry of a file; a file longer than a chunk also has the SHA-256 of each of its chunks."""
    entry: dict[str, str | int | list[str]] = {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    if len(data) > chunk_bytes:
        starts = range(0, len(data), chunk_bytes)
        entry["chunks"] = [hashlib.sha256(data[start : start + chunk_bytes]).hexdigest() for start in starts]
    return entry


def flat_quality(report: dict[str, object]) -> dict[str, float]:
    """The measures in a report of evaluate, each a number with a name of its own: turn_3_success, steps_4, history_true_success."""
    numbers: dict[str, float] = {}
    for name, value in report.items():
        if name in _NO_QUALITY:
            continue
        if name.startswith("success_by_turn"):
            rest = name.removeprefix("success_by_turn")
            numbers |= {f"turn_{turn}{rest}_success": share for turn, share in enumerate(value, 1)}
        elif isinstance(value, dict):
            first, _, last = name.removeprefix("by_").partition("_")
            numbers |= {"_".join(filter(None, (first, *key.split(), last))): number for key, number in value.items()}
        else:
            numbers[name] = value
    return {name: round(value, 4) for name, value in numbers.items() if value is not None}


def write_quality(folder: Path, quality: dict[str, float]) -> None:
    """Puts new measures into the manifest of an exported model and leaves everything else of it."""
    path = folder / "manifest.json"
    if not path.exists():
        message = f"{path} does not exist; name an exported model with --out, or give --checkpoint as well to export one"
        raise SystemExit(message)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"quality": quality}, indent=1) + "\n")


@dataclass(frozen=True, slots=True)
class Known:
    """What a model was trained on; `words` are its tokens by id, None = those of `tokenizer_words`."""

    world: World = WORLD
    operations: tuple[str, ...] = tuple(WEIGHTS)
    capabilities: tuple[str, ...] = CAPABILITIES
    words: list[str] | None = None

    @property
    def labels(self) -> list[str]:
        return [*self.world.objects, *self.world.backgrounds]

    @property
    def examples(self) -> list[str]:
        words = set(self.words or tokenizer_words())
        return [example for example, operation in EXAMPLES.items() if operation in self.operations and words.issuperset(example.split())]


def words_of(shards: Path) -> list[str]:
    """Tokens that the texts of drawn shards use, with the marks and all roles, in the order of `tokenizer_words`."""
    words = tokenizer_words()
    used = set(range(words.index(",") + 1))
    for path in shards.glob("*.pt"):
        for ids in torch.load(path, weights_only=False)["shard"]["ids"].values():
            used |= set(ids.unique().tolist())
    roles = build_tokenizer().encode(" ".join(" ".join([role] if isinstance(role, str) else role) for role in ROLES.values()))
    return [words[i] for i in sorted(used | set(roles.ids))]


def export(
    editor: Editor,
    vae: Vae,
    out: Path,
    model_id: str,
    quality: dict[str, float],
    sizes: tuple[Editor, ...] = (),
    known: Known = Known(),
) -> None:
    """Writes graphs, weights, tokenizer and manifest into `out`; the rows of `editor` are for the words and labels of `known`.

    `sizes` are the same model `resized` for frames that it can work on beside its own: each has graphs of its own where the
    size is fixed in them, named with it, over the same weights.
    """
    for module in (editor, vae, *sizes):
        round_to_half(module)
    c, t5 = editor.dit.config, editor.t5.config
    stores = {name: SharedWeights(f"{name}.data") for name in ("t5", "vae", "dit")}
    written: dict[str, bytes] = {}
    graphs: dict[str, str] = {}
    users: dict[str, list[str]] = {name: [] for name in stores}
    whole = _graphs(editor, vae, t5.max_tokens)
    for other in sizes:
        size, sized = _size_of(other.dit.config), sized_graphs(c.layers)
        ending = f"_{size['width']}x{size['height']}"
        whole += [(graph[0] + ending, *graph[1:]) for graph in _graphs(other, vae, t5.max_tokens) if graph[0] in sized]
    for name, store, module, inputs, outputs, dynamic in whole:
        model = _export(module, inputs, outputs, dynamic)
        worst = _check(name, model, module, inputs, outputs)
        stores[store].place(model)
        graphs[name] = f"{name}.onnx"
        users[store].append(name)
        written[f"{name}.onnx"] = model.SerializeToString()
        print(f"{name:18s} {len(model.graph.node):4d} nodes, {len(written[f'{name}.onnx']) / 1024:7.1f} KiB, parity {worst:.1e}")
    written |= {f"{name}.f16.bin": store.half() for name, store in stores.items()}
    norms = torch.stack([torch.stack([b.q_norm, b.k_norm]) for b in editor.dit.blocks])
    written["qk_norm.bin"] = norms.detach().numpy().astype("<f4").tobytes()
    out.mkdir(parents=True, exist_ok=True)
    save_tokenizer(out / "tokenizer.json", known.words)
    written["tokenizer.json"] = (out / "tokenizer.json").read_bytes()
    manifest = {
        "version": 1,
        "id": model_id,
        "title": f"Palimpsest {model_id}",
        "license": "Apache-2.0",
        "trainingCommit": commit_of(Path(__file__).parent),
        "architecture": {
            "width": c.width,
            "layers": c.layers,
            "heads": c.heads,
            "headDim": c.head_dim,
            "axisDims": list(c.axis_dims),
            "ropeTheta": c.rope_theta,
            "normEps": c.norm_eps,
            "textWidth": c.text_width,
            "maxTextTokens": t5.max_tokens,
            "timeFeatures": c.time_features,
        },
        "frame": {
            **_size_of(c),
            "latentChannels": c.channels,
            "latentDownsample": c.downsample,
            "patch": c.patch,
            "tokens": c.frame_tokens,
            **({"trained": {"width": c.trained[1] * c.downsample, "height": c.trained[0] * c.downsample}} if c.trained else {}),
        },
        **({"frames": [_size_of(other.dit.config) for other in sizes]} if sizes else {}),
        "sampler": {"steps": 4, "guidance": 1.0, "shift": 1.0},
        "capabilities": list(known.capabilities),
        "roles": ROLES,
        "graphs": graphs,
        "tokenizer": "tokenizer.json",
        "weights": [{"file": f"{name}.f16.bin", "externalData": f"{name}.data", "storage": "float16", "graphs": users[name]} for name in stores],
        "qkNorm": "qk_norm.bin",
        "chunkBytes": CHUNK_BYTES,
        "files": [describe_file(path, data) for path, data in written.items()],
        "pictureFit": {"minPsnrDb": 24.0},
        "pasteBack": {"keptBelow": Limits().kept_below, "takenFrom": Limits().taken_from},
        "world": {
            "objects": list(known.world.objects),
            "places": list(PLACES),
            "backgrounds": list(known.world.backgrounds),
            "sizes": list(SIZES),
            "styles": list(known.world.styles),
            "lights": list(known.world.lights),
            "colours": list(known.world.colours),
            "operations": list(known.operations),
            "examples": known.examples,
        },
        "quality": quality,
    }
    for path, data in written.items():
        (out / path).write_bytes(data)
    (out / "parameters.json").write_text(json.dumps(locate_parameters({"editor": editor, "vae": vae}, stores), separators=(",", ":")) + "\n")
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    print(f"{out}: {sum(map(len, written.values())) / 1e6:.1f} MB in {len(written)} files")


def _for_frame(editor: Editor, width: int, height: int) -> Editor:
    config = editor.dit.config
    if _size_of(config) == {"width": width, "height": height}:
        return editor
    if width % config.downsample or height % config.downsample:
        message = f"a frame of {width}x{height} is no whole number of cells of {config.downsample} pixels"
        raise SystemExit(message)
    return resized(editor, height // config.downsample, width // config.downsample)


def read_capabilities(text: str) -> tuple[str, ...]:
    """'next-image,chain' -> names of capabilities."""
    capabilities = tuple(text.split(","))
    unknown = sorted(set(capabilities) - set(CAPABILITIES))
    if unknown:
        message = f"no capability {unknown[0]!r}; the capabilities are {', '.join(CAPABILITIES)}"
        raise argparse.ArgumentTypeError(message)
    return capabilities


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vae", type=Path, help="vae.pt; untrained when left out")
    parser.add_argument("--checkpoint", type=Path, help="checkpoint.pt; untrained when left out")
    parser.add_argument(
        "--quality", type=Path, help="JSON of evaluate, whose numbers go into the manifest; without --checkpoint nothing else changes"
    )
    parser.add_argument("--id", default="nano")
    parser.add_argument(
        "--frame",
        type=int,
        nargs=2,
        action="append",
        default=[],
        metavar=("WIDTH", "HEIGHT"),
        help="pixels of a frame, if not those of training; given again, a further size of the same model",
    )
    add_world_arguments(parser)
    parser.add_argument("--capabilities", type=read_capabilities, default=CAPABILITIES, help="what it was trained for, for example next-image,chain")
    parser.add_argument("--words-of", type=Path, metavar="SHARDS", help="know only the words in the texts of these shards")
    args = parser.parse_args()
    quality = flat_quality(json.loads(args.quality.read_text())) if args.quality else {}
    if args.quality and not args.checkpoint:
        write_quality(args.out, quality)
        return
    torch.manual_seed(0)
    vae = load_vae(args.vae) if args.vae else Vae(VaeConfig()).eval()
    if args.checkpoint:
        editor = load_editor(args.checkpoint)
    else:
        config = DitConfig(channels=vae.config.channels, grid=256 // vae.config.downsample, downsample=vae.config.downsample)
        editor = Editor(config, T5Config(vocabulary=build_tokenizer().get_vocab_size())).eval()
        scramble(editor, std=0.05)
    known = Known(*chosen_world(args), args.capabilities, words_of(args.words_of) if args.words_of else None)
    if editor.dit.label_out is not None and (known.words is not None or known.world != WORLD):
        editor = limited(editor, known.words or tokenizer_words(), known.labels)
    editor, *sizes = [_for_frame(editor, *frame) for frame in args.frame] or [editor]
    export(editor, vae, args.out, args.id, quality, tuple(sizes), known)


if __name__ == "__main__":
    main()
