"""The measuring program, over models whose results are known."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from PIL import Image

from palimpsest_training import benches
from palimpsest_training.benches import TASK_MEASURES, Bench, _frames_right, measure_history, measure_sessions
from palimpsest_training.evaluate import draw_sheet, evaluate, known_abilities, load_model, to_markdown
from palimpsest_training.export import CAPABILITIES, flat_quality
from palimpsest_training.golden import MODELS
from palimpsest_training.infer import OnnxModel, TorchModel
from palimpsest_training.segments import to_image
from palimpsest_training.world.edits import OPERATIONS, WEIGHTS
from palimpsest_training.world.history import Edit
from palimpsest_training.world.known import FIRST_OPERATIONS, known_world
from palimpsest_training.world.sampling import WORLD, World
from palimpsest_training.world.scene import Scene, placed, render


@pytest.fixture(scope="module")
def copier() -> TorchModel:
    """Untrained, a model copies the frame it edits."""
    torch.manual_seed(0)
    return TorchModel(tiny.make_editor().eval(), tiny.make_vae())


def test_a_model_that_copies_does_nothing_right_and_loses_nothing(copier: TorchModel, tmp_path: Path) -> None:
    report, rows = evaluate(copier, 3, 8, 2, steps=1, guidance=1.0, shift=1.0, examples=2)
    assert json.loads(json.dumps(report)) == report
    resting = {"keep", "absent"}
    assert all(entry["success"] == (name in resting) for name, entry in report["by_operation"].items())
    assert sum(entry["count"] for entry in report["by_operation"].values()) == 8
    assert set(report["by_operation"]) <= set(OPERATIONS)
    nothing = ("from_words_success", "chain_success", "direct_success", "drag_success", "concepts_success", "story_success", "demonstration_success")
    assert {name: report[name] for name in nothing} == dict.fromkeys(nothing, 0)
    assert report["text_swap_success"] == report["clip_edit_success"] == 0
    assert report["history_gap"] == 0
    assert set(report["by_steps"]) == {"1", "2", "4", "8", "32", "32 guided"}
    assert len(report["success_by_turn"]) == 2
    assert len(report["success_by_turn_of_10"]) == 10
    # The autoencoder is untrained and blurs everything; what the copy did not touch keeps its own pixels.
    assert report["psnr_outside_vae_db"] < 20
    assert report["psnr_outside_db"] > 60
    assert report["null_shown_db"] > 60
    assert abs(report["null_drift_db"]) < 1e-6
    # Every number of it has a place in a manifest, and a line in the table.
    quality = flat_quality(report)
    assert quality.keys() >= {"single_turn_success", "turn_2_success", "turn_10_of_10_success", "steps_32_guided", "history_true_success", "mask_iou"}
    assert all(isinstance(value, (int, float)) for value in quality.values())
    table = to_markdown(report).splitlines()
    assert len(table) == len(report) + 2
    assert all(line.count("|") == 3 for line in table)
    draw_sheet(tmp_path / "sheet.png", rows)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 1500


def test_equal_seeds_give_equal_reports() -> None:
    torch.manual_seed(1)
    model = TorchModel(tiny.scrambled(tiny.make_editor()), tiny.make_vae())
    bench = Bench(model, WORLD, tuple(WEIGHTS), steps=1, guidance=1.5)
    first, second = (measure_sessions(bench, 5, 3, 2)[0] for _ in range(2))
    assert first == second


class Remembering(TorchModel):
    """A model that knows the next true picture as long as earlier frames are in its context, and else copies.

    A latent is the number of a picture in a list, so nothing is lost on the way.
    """

    def __init__(self, like: TorchModel) -> None:
        super().__init__(like.editor, like.vae)
        self.paste_back = None
        self.pictures: list[np.ndarray] = []
        self.answer = np.zeros(0, np.float32)

    def encode(self, image: np.ndarray) -> np.ndarray:
        self.pictures.append(image)
        return np.full((1, self.shape.channels, *self.shape.latent), len(self.pictures) - 1, np.float32)

    def decode(self, latent: np.ndarray) -> np.ndarray:
        return self.pictures[round(float(latent.mean()))]

    def vision(self, latent: np.ndarray, previous: np.ndarray, *rest: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        _, k, v = super().vision(latent, previous, *rest)
        past = rest[-1][0].shape[2]
        # Four frames are 24 tokens and their texts at least 12; one frame and a text that looks back are at most 22.
        return (self.answer if past > 30 else previous), k, v


def test_the_history_measure_tells_a_model_that_remembers_from_one_that_does_not(copier: TorchModel, monkeypatch: pytest.MonkeyPatch) -> None:
    model, sample = Remembering(copier), benches.sample_edit

    def watched(*args: object, **kwargs: object) -> Edit | None:
        edit = sample(*args, **kwargs)
        if edit is not None:
            model.answer = model.encode(to_image(render(edit.after, tiny.SIZE)))
        return edit

    monkeypatch.setattr(benches, "sample_edit", watched)
    report = measure_history(Bench(model, WORLD, tuple(WEIGHTS), steps=1), 4, 5)
    assert report["history_success"] == {"true": 1, "shuffled": 1, "removed": 0}
    assert report["history_gap"] == 1


def test_a_frame_of_a_clip_is_right_when_it_is_nearest_to_its_own_moment() -> None:
    scenes = [Scene("beach", (placed("cat", place, key=1),)) for place in ("left", "middle", "right", "top")]
    first, second, third, fourth = (render(scene, 64) for scene in scenes)
    assert _frames_right([second, third], [second, third], [first, fourth]) == 1
    assert _frames_right([third, second], [second, third], [first, fourth]) == 0
    assert _frames_right([first, third], [second, third], [first, fourth]) == 0.5
    # Where nothing moves, every moment is the same and none is wrong.
    assert _frames_right([first, first], [first, first], [first, first]) == 1


def test_every_measured_task_is_a_capability_of_a_model_of_this_code() -> None:
    assert set(TASK_MEASURES) <= set(CAPABILITIES)


def test_a_model_is_measured_on_what_its_manifest_knows() -> None:
    manifest = json.loads((MODELS / "nano" / "manifest.json").read_text())
    world, operations = known_world(manifest)
    assert set(operations) <= set(WEIGHTS)
    assert set(world.objects) <= set(WORLD.objects)
    whole = {"objects": ["cat"], "backgrounds": ["beach"], "styles": ["sepia"], "lights": ["day"], "colours": ["red"], "operations": ["add"]}
    assert known_world({"world": whole}) == (World(("cat",), ("beach",), ("sepia",), ("day",), ("red",), is_rich=True), ("add",))
    bare = {key: whole[key] for key in ("objects", "backgrounds", "styles")}
    assert known_world({"world": bare}) == (World(("cat",), ("beach",), ("sepia",), ("day",), (), is_rich=False), FIRST_OPERATIONS)
    # Before there were roles, the drawn region went by this name.
    assert known_abilities({"capabilities": ["next-image", "region-now"]}) == ["next-image"]
    assert known_abilities({"capabilities": ["next-image", "region-now"], "roles": {}}) == ["next-image", "region-now"]


def test_the_shipped_model_is_measured_in_the_world_that_it_knows() -> None:
    model = OnnxModel(MODELS / "nano")
    world, operations = known_world(model.manifest)
    bench = Bench(model, world, operations, steps=1)
    report, rows = measure_sessions(bench, 2, 4, 1)
    assert set(report["by_operation"]) <= set(operations)
    rng = random.Random(3)
    said = [words for words, *_ in rows] + [bench.edit_of(rng, is_unseen=number % 2 == 0).instruction for number in range(60)]
    unknown = model.tokenizer.token_to_id("<unk>")
    assert not any(unknown in model.tokenizer.encode(words).ids for words in said)


def test_a_missing_model_and_a_missing_autoencoder_are_named() -> None:
    with pytest.raises(SystemExit, match="no model 'huge' in"):
        load_model("huge", None, None)
    with pytest.raises(SystemExit, match="--checkpoint needs --vae FILE"):
        load_model("nano", Path("checkpoint.pt"), None)
