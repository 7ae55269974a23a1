"""The exported folder: its files, its graphs, and that a turn over it equals a turn in PyTorch."""

import hashlib
import json
import random
import re
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import tiny
import torch
from onnx import TensorProto, numpy_helper

from palimpsest_training.editor import limited, load_editor, resized
from palimpsest_training.export import (
    CAPABILITIES,
    CHUNK_BYTES,
    EXAMPLES,
    OPSET,
    Known,
    describe_file,
    export,
    flat_quality,
    main,
    round_to_half,
    sized_graphs,
    words_of,
)
from palimpsest_training.golden import make_golden, read_tensor, write_golden
from palimpsest_training.infer import EditingSession, OnnxModel, TorchModel
from palimpsest_training.model.flow import seeded_noise, time_features
from palimpsest_training.model.packing import ROLES, frame_positions, text_positions
from palimpsest_training.model.rope import rope_tables
from palimpsest_training.restore import read_names, read_parameters
from palimpsest_training.shared_weights import INLINE_BYTES
from palimpsest_training.text import UNKNOWN, build_tokenizer, tokenizer_words
from palimpsest_training.world.edits import WEIGHTS
from palimpsest_training.world.sampling import WORLD, World, rough_mask
from palimpsest_training.world.scene import Scene, placed, render, thing_mask
from palimpsest_training.world.tasks import LABEL_NAMES

# Rows and columns of latent cells of the frame that the model can work on beside its own.
WIDE = (4, 6)
LAYERS, HEADS, DIM = tiny.CONFIG.layers, tiny.CONFIG.heads, tiny.CONFIG.head_dim
START = Scene("beach", (placed("cat", "left", "large"),))
Array = np.ndarray


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TorchModel]:
    """The folder of a random model, and the same weights (rounded as they are shipped) in PyTorch."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("models") / "tiny"
    editor, vae = tiny.scrambled(tiny.make_editor()), tiny.make_vae()
    export(editor, vae, folder, "tiny", {"psnr_db": 1.0}, (resized(editor, *WIDE),))
    return folder, TorchModel(editor, vae)


@pytest.fixture(scope="module")
def shipped(exported: tuple[Path, TorchModel]) -> OnnxModel:
    return OnnxModel(exported[0])


@pytest.fixture(scope="module")
def graphs(exported: tuple[Path, TorchModel], tmp_path_factory: pytest.TempPathFactory) -> dict[str, onnxruntime.InferenceSession]:
    """Sessions of all DiT segments, over weights widened as the runtime does it."""
    folder, wide = exported[0], tmp_path_factory.mktemp("wide")
    manifest = json.loads((folder / "manifest.json").read_text())
    for weight in manifest["weights"]:
        np.fromfile(folder / weight["file"], "<f2").astype("<f4").tofile(wide / weight["externalData"])
    sessions = {}
    for name, file in manifest["graphs"].items():
        (wide / file).write_bytes((folder / file).read_bytes())
        if name.startswith("segment"):
            sessions[name] = onnxruntime.InferenceSession(str(wide / file), providers=["CPUExecutionProvider"])
    return sessions


def tables(positions: torch.Tensor) -> tuple[Array, Array]:
    cos, sin = rope_tables(positions, tiny.CONFIG.axis_dims)
    return cos.numpy(), sin.numpy()


def features(time: float) -> Array:
    return time_features(torch.tensor([time], dtype=torch.float64), tiny.CONFIG.time_features).numpy()


def split_heads(x: Array) -> Array:
    return x.astype(np.float64).reshape(len(x), HEADS, DIM).swapaxes(0, 1)


def normed_and_turned(x: Array, weight: Array, cos: Array, sin: Array) -> Array:
    """qk-norm and RoPE as the kernels do them: [n, H D] -> [H, n, D], in float64."""
    heads = split_heads(x)
    heads = heads / np.sqrt(np.square(heads).mean(-1, keepdims=True) + tiny.CONFIG.norm_eps) * weight
    a, b = heads[..., 0::2], heads[..., 1::2]
    return np.stack([a * cos - b * sin, a * sin + b * cos], -1).reshape(heads.shape)


def attention(q: Array, k: Array, v: Array) -> Array:
    scores = q @ k.swapaxes(1, 2) / np.sqrt(DIM)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    mixed = weights / weights.sum(-1, keepdims=True) @ v
    return mixed.swapaxes(0, 1).reshape(q.shape[1], -1).astype(np.float32)


def run_segments(
    graphs: dict[str, onnxruntime.InferenceSession],
    norms: Array,
    first: str,
    inputs: dict[str, Array],
    turn: tuple[Array, Array],
    past: tuple[Array, Array],
) -> tuple[Array, Array, Array | None]:
    """All segments by hand: keys and values [L, H, n, D], and the clean latent of a vision segment."""
    residual, modulation, q, k, v = graphs[first].run(["residual", "modulation", "q", "k", "v"], inputs)
    keys, values = [], []
    for layer in range(LAYERS):
        keys.append(normed_and_turned(k, norms[layer, 1], *turn))
        values.append(split_heads(v))
        queries = normed_and_turned(q, norms[layer, 0], *turn)
        mixed = attention(queries, np.concatenate([past[0][layer], keys[-1]], 1), np.concatenate([past[1][layer], values[-1]], 1))
        body = {"attention": mixed, "residual": residual, "modulation": modulation}
        if layer + 1 < LAYERS:
            residual, q, k, v = graphs[f"segment_{layer + 1:02d}"].run(["residual_out", "q", "k", "v"], body)
    clean = None
    if "previous" in inputs:
        clean = graphs[f"segment_{LAYERS:02d}"].run(["clean"], body | {"previous": inputs["previous"]})[0]
    return np.stack(keys), np.stack(values), clean


def psnr(a: Array, b: Array) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, np.square(a.astype(float) - b).mean())))


def test_segments_chained_by_hand_equal_the_whole_graphs(
    exported: tuple[Path, TorchModel], shipped: OnnxModel, graphs: dict[str, onnxruntime.InferenceSession]
) -> None:
    norms = np.fromfile(exported[0] / "qk_norm.bin", "<f4").reshape(LAYERS, 2, DIM)
    empty = (np.zeros((LAYERS, HEADS, 0, DIM), np.float32),) * 2
    states, turn = seeded_noise(1, (5, tiny.CONFIG.text_width)), tables(text_positions(5, 1))
    wanted = shipped.text(states, features(1.0), *turn, empty)
    inputs = {"text_states": states, "time_features": features(1.0)}
    keys, values, _ = run_segments(graphs, norms, "segment_00_text", inputs, turn, empty)
    np.testing.assert_allclose(keys, wanted[0], atol=1e-4)
    np.testing.assert_allclose(values, wanted[1], atol=1e-4 * np.abs(wanted[1]).max())

    shape = (1, tiny.CONFIG.channels, tiny.CONFIG.grid, tiny.CONFIG.grid)
    latent, previous, turn = seeded_noise(2, shape), seeded_noise(3, shape), tables(frame_positions(2, 2, 32, 6))
    clean, *kv = shipped.vision(latent, previous, features(0.4), *turn, wanted)
    inputs = {"latent": latent, "previous": previous, "time_features": features(0.4)}
    keys, values, chained = run_segments(graphs, norms, "segment_00_vision", inputs, turn, wanted)
    np.testing.assert_allclose(keys, kv[0], atol=1e-4)
    np.testing.assert_allclose(values, kv[1], atol=1e-4 * np.abs(kv[1]).max())
    np.testing.assert_allclose(chained, clean, atol=1e-4 * np.abs(clean).max())


def test_turns_over_the_shipped_graphs_equal_turns_in_pytorch(exported: tuple[Path, TorchModel], shipped: OnnxModel) -> None:
    start = render(START, tiny.SIZE)
    mask = rough_mask(random.Random(0), thing_mask(START, START.things[0], tiny.SIZE))
    sessions = [EditingSession(model, start) for model in (shipped, exported[1])]
    turns = [("add a dog on the right", 1.0, None), ("turn this into a fox", 2.0, mask), ("make it sepia", 1.0, None)]
    for seed, (words, guidance, region) in enumerate(turns):
        ours, theirs = (s.edit(words, seed=seed, steps=3, guidance=guidance, shift=0.7, drawn=region) for s in sessions)
        assert psnr(ours, theirs) > 50
        np.testing.assert_allclose(sessions[0].latent, sessions[1].latent, atol=1e-3 * np.abs(sessions[1].latent).max())


def test_turns_at_a_further_size_equal_turns_of_the_resized_model_in_pytorch(exported: tuple[Path, TorchModel]) -> None:
    folder, torch_model = exported
    rows, columns = WIDE
    height, width = 16 * rows, 16 * columns
    wide = resized(torch_model.editor, rows, columns)
    # What stretching makes of the places is rounded as it is shipped.
    round_to_half(wide)
    shipped, ours = OnnxModel(folder, (width, height)), TorchModel(wide, torch_model.vae)
    assert shipped.shape == ours.shape
    start = np.concatenate([render(START, height)] * 2, 1)[:, :width]
    mask = np.zeros((height, width), bool)
    mask[10:40, 50:90] = True
    sessions = [EditingSession(model, start) for model in (shipped, ours)]
    for seed, (words, guidance, region) in enumerate([("add a dog on the right", 2.0, None), ("turn this into a fox", 1.0, mask)]):
        frames = [session.edit(words, seed=seed, steps=2, guidance=guidance, drawn=region) for session in sessions]
        assert frames[0].shape == (height, width, 3)
        assert psnr(*frames) > 50
        np.testing.assert_allclose(sessions[0].latent, sessions[1].latent, atol=1e-3 * np.abs(sessions[1].latent).max())


def test_a_further_size_costs_its_graphs_and_the_places_of_its_frame(exported: tuple[Path, TorchModel]) -> None:
    folder, model = exported
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["frames"] == [{"width": 96, "height": 64}]
    further = {name.removesuffix("_96x64") for name in manifest["graphs"] if name.endswith("_96x64")}
    assert further == sized_graphs(LAYERS)
    matrices = sum(p.numel() for name, p in model.editor.dit.named_parameters() if 4 * p.numel() >= INLINE_BYTES and "label_out" not in name)
    patches = WIDE[0] // 2 * WIDE[1] // 2
    places = patches * tiny.CONFIG.width
    assert (folder / "dit.f16.bin").stat().st_size == 2 * (matrices + (places if 4 * places >= INLINE_BYTES else 0))


def test_every_file_of_the_folder_is_in_the_manifest_with_its_size_and_hash(exported: tuple[Path, TorchModel]) -> None:
    folder = exported[0]
    manifest = json.loads((folder / "manifest.json").read_text())
    # Only training reads parameters.json, so the page must not fetch it.
    assert {entry["path"] for entry in manifest["files"]} == {p.name for p in folder.iterdir()} - {"manifest.json", "parameters.json"}
    for entry in manifest["files"]:
        data = (folder / entry["path"]).read_bytes()
        assert entry == describe_file(entry["path"], data)
    assert manifest["chunkBytes"] == CHUNK_BYTES
    named = {*manifest["graphs"].values(), *(w["file"] for w in manifest["weights"]), manifest["tokenizer"], manifest["qkNorm"]}
    assert named == {entry["path"] for entry in manifest["files"]}


@pytest.mark.parametrize("length", [1, 7, 8, 9, 16, 20])
def test_only_files_longer_than_a_chunk_name_the_hashes_of_their_chunks(length: int) -> None:
    data = random.Random(length).randbytes(length)
    entry = describe_file("w.bin", data, chunk_bytes=8)
    parts = [data[:8], data[8:16], data[16:]]
    chunks = {"chunks": [hashlib.sha256(part).hexdigest() for part in parts if part]} if length > 8 else {}
    assert entry == {"path": "w.bin", "bytes": length, "sha256": hashlib.sha256(data).hexdigest(), **chunks}


def test_the_manifest_describes_the_model(exported: tuple[Path, TorchModel], shipped: OnnxModel) -> None:
    manifest = json.loads((exported[0] / "manifest.json").read_text())
    assert shipped.shape == exported[1].shape
    assert sum(manifest["architecture"]["axisDims"]) == manifest["architecture"]["headDim"]
    assert manifest["frame"]["tokens"] == tiny.CONFIG.frame_tokens
    assert manifest["quality"] == {"psnr_db": 1.0}
    assert manifest["capabilities"] == list(CAPABILITIES)
    assert manifest["roles"] == ROLES
    world = manifest["world"]
    assert [*world["objects"], *world["backgrounds"]] == list(LABEL_NAMES)
    assert world["operations"] == list(WEIGHTS)
    for kind in ("lights", "colours", "styles", "places", "sizes", "backgrounds", "objects"):
        assert set(" ".join(world[kind]).split()) <= set(tokenizer_words()), kind


def test_every_example_of_the_manifest_is_in_words_that_the_model_knows() -> None:
    tokenizer = build_tokenizer()
    assert len(set(EXAMPLES)) == len(EXAMPLES)
    for words in EXAMPLES:
        assert UNKNOWN not in tokenizer.encode(words).tokens, words


def test_a_report_becomes_numbers_that_each_have_a_name() -> None:
    report = {
        "seed": 1,
        "turns": 2,
        "seconds": 9.5,
        "single_turn_success": 0.51234567,
        "success_by_turn": [0.5, 0.25],
        "success_by_turn_of_10": [0.75],
        "by_operation": {"add": {"success": 0.5, "count": 3}},
        "failures": {"leaked": 1},
        "drawn_region_success": None,
        "by_steps": {"1": 0.5, "32 guided": 0.75},
        "history_success": {"true": 0.5, "removed": 0.0},
    }
    assert flat_quality(report) == {
        "seed": 1,
        "single_turn_success": 0.5123,
        "turn_1_success": 0.5,
        "turn_2_success": 0.25,
        "turn_1_of_10_success": 0.75,
        "steps_1": 0.5,
        "steps_32_guided": 0.75,
        "history_true_success": 0.5,
        "history_removed_success": 0.0,
    }


def test_new_numbers_of_an_exported_model_change_nothing_else(
    exported: tuple[Path, TorchModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, report = tmp_path / "tiny", tmp_path / "report.json"
    shutil.copytree(exported[0], folder)
    report.write_text(json.dumps({"mask_iou": 0.5}))
    monkeypatch.setattr("sys.argv", ["export", "--out", str(folder), "--quality", str(report)])
    main()
    old, new = (json.loads((path / "manifest.json").read_text()) for path in (exported[0], folder))
    assert new == old | {"quality": {"mask_iou": 0.5}}
    assert all((folder / path.name).read_bytes() == path.read_bytes() for path in exported[0].iterdir() if path.name != "manifest.json")
    monkeypatch.setattr("sys.argv", ["export", "--out", str(tmp_path / "nowhere"), "--quality", str(report)])
    with pytest.raises(SystemExit, match="give --checkpoint as well"):
        main()


def test_graphs_have_opset_20_and_no_weight_that_float16_cannot_hold(exported: tuple[Path, TorchModel]) -> None:
    folder, editor = exported[0], exported[1].editor
    for path in sorted(folder.glob("*.onnx")):
        model = onnx.load(path, load_external_data=False)
        assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", OPSET)]
        assert OPSET == 20
        for tensor in model.graph.initializer:
            if tensor.data_type == TensorProto.FLOAT and tensor.data_location != TensorProto.EXTERNAL:
                assert numpy_helper.to_array(tensor).nbytes < INLINE_BYTES, (path.name, tensor.name)
    for tensor in (*editor.parameters(), *exported[1].vae.parameters()):
        assert torch.equal(tensor, tensor.half().float())


def test_the_time_that_a_session_needs_does_not_change_what_it_makes(shipped: OnnxModel) -> None:
    start = render(START, tiny.SIZE)
    session = EditingSession(shipped, start)
    first = session.edit("add a dog on the right", seed=1)
    second = session.edit("remove the cat", seed=2)
    again = EditingSession(shipped, start)
    assert np.array_equal(again.edit("add a dog on the right", seed=1), first)
    # Keys and values of the past are computed once: without them the same turn must come out the same.
    for entry in again.entries:
        entry.kv = None
    assert psnr(again.edit("remove the cat", seed=2), second) > 60
    other = EditingSession(shipped, start)
    other.edit("add a dog on the right", seed=3)
    assert not np.array_equal(other.latent, again.entries[2].content)


def test_nothing_changes_outside_a_drawn_region(shipped: OnnxModel) -> None:
    start = render(START, tiny.SIZE)
    mask = np.zeros((tiny.SIZE, tiny.SIZE), bool)
    mask[20:45, 3:30] = True
    session = EditingSession(shipped, start)
    made = session.edit("turn this into a dog", seed=4, drawn=mask)
    assert np.array_equal(made[~mask], start[~mask])
    cells = mask.reshape(4, 16, 4, 16).any((1, 3))
    assert not np.array_equal(session.latent[..., cells], session.entries[0].content[..., cells])
    assert np.array_equal(session.latent[..., ~cells], session.entries[0].content[..., ~cells])


def test_a_model_resized_to_its_own_size_is_the_same_and_another_size_makes_pictures_of_that_size() -> None:
    torch.manual_seed(3)
    editor = tiny.scrambled(tiny.make_editor())
    rows, columns = editor.dit.config.latent
    same, wide = resized(editor, rows, columns), resized(editor, rows, columns + 4)
    assert torch.equal(same.dit.place, editor.dit.place)
    assert same.dit.config.thetas == editor.dit.config.thetas == (editor.dit.config.rope_theta,) * 4
    assert wide.dit.config.thetas[:3] == editor.dit.config.thetas[:3]
    assert wide.dit.config.thetas[3] > editor.dit.config.rope_theta
    session = EditingSession(TorchModel(wide, tiny.make_vae()), None)
    assert session.edit("add a cat", seed=1, steps=1).shape == (tiny.SIZE, tiny.SIZE + 4 * 16, 3)
    with pytest.raises(ValueError, match="3 by 4 latent cells are no whole number of patches of 2 by 2"):
        resized(editor, 3, 4)


def test_too_many_words_are_refused_with_the_limit(shipped: OnnxModel) -> None:
    with pytest.raises(ValueError, match="has 41 tokens; the model takes 1 to 32: use fewer words"):
        EditingSession(shipped, render(START, tiny.SIZE)).edit("cat " * 40, seed=0)


def test_a_checkpoint_loads_with_its_averaged_weights(tmp_path: Path) -> None:
    editor = tiny.scrambled(tiny.make_editor())
    names = {"words": tokenizer_words(), "label_names": list(LABEL_NAMES)}
    saved = {"ema": editor.state_dict(), "dit": asdict(editor.dit.config), "t5": asdict(editor.t5.config), **names}
    torch.save(saved, tmp_path / "checkpoint.pt")
    for name, value in load_editor(tmp_path / "checkpoint.pt").state_dict().items():
        assert torch.equal(value, editor.state_dict()[name])


def test_golden_vectors_are_the_same_every_time_and_read_back(shipped: OnnxModel, tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_golden(shipped, tmp_path / name)
    files = sorted(p.name for p in (tmp_path / "first").iterdir())
    edit = ["edit-frame1.png", "edit-frame2.png", "edit-mask2.png", "edit-start.png"]
    tasks = [f"tasks-{name}.png" for name in ("frame3", "frame4", "frame5", "frame6", "mask1", "mask2", "next", "other")]
    sized = [f"sized-96x64-{name}.png" for name in ("frame1", "mask1", "start")]
    assert files == [*edit, "fromWords-frame1.png", "fromWords-frame2.png", "golden.bin", "golden.json", *sized, *tasks]
    assert all((tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes() for name in files)
    index, _ = make_golden(shipped)
    assert json.loads((tmp_path / "first" / "golden.json").read_text()) == json.loads(json.dumps(index))
    assert set(re.findall(r'"([\w-]+\.\w+)"', json.dumps(index["cases"]))) == {*index["tensors"], *(name for name in files if name.endswith(".png"))}
    for name, entry in index["tensors"].items():
        assert entry["offset"] % 8 == 0
        assert np.isfinite(read_tensor(tmp_path / "first", index, name)).all()


def test_a_model_of_a_part_of_the_world_says_so_and_computes_the_same(tmp_path: Path) -> None:
    torch.manual_seed(5)
    editor, vae = tiny.scrambled(tiny.make_editor()), tiny.make_vae()
    round_to_half(editor)
    part = World(("cat", "dog"), ("beach", "meadow"), WORLD.styles[:1], WORLD.lights[:1], (), is_rich=False)
    torch.save({"shard": {"ids": {1: torch.tensor(build_tokenizer().encode("remove the dog.").ids)}}}, tmp_path / "session-00000.pt")
    words = words_of(tmp_path)
    assert {"remove", "the", "dog", "region", "one", "eight"} < set(words)
    assert "cat" not in words
    known = Known(part, ("remove",), ("next-image", "drawn-region"), words)
    export(limited(editor, words, known.labels), vae, tmp_path, "part", {}, known=known)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["capabilities"] == ["next-image", "drawn-region"]
    assert {key: manifest["world"][key] for key in ("objects", "colours", "operations", "examples")} == {
        "objects": ["cat", "dog"],
        "colours": [],
        "operations": ["remove"],
        "examples": [],
    }
    model, whole = OnnxModel(tmp_path), TorchModel(editor, vae)
    assert UNKNOWN in model.tokenizer.encode("remove the cat").tokens
    states = []
    for runs in (model, whole):
        ids = runs.tokenizer.encode("remove the dog").ids
        padded, mask = np.zeros(32, np.int32), np.zeros(32, np.float32)
        padded[: len(ids)], mask[: len(ids)] = ids, 1
        states.append(runs.t5(padded, mask)[: len(ids)])
    np.testing.assert_allclose(*states, atol=2e-3)
    # So a restored one has a row for each of its names.
    parameters, names = read_parameters(tmp_path), read_names(tmp_path)
    assert names == (words, known.labels)
    assert [len(parameters[f"editor.{name}"]) for name in ("t5.embedding.weight", "dit.label_out.bias")] == [len(n) for n in names]
