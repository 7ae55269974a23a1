"""The measuring program, over a model whose results are known: untrained, it copies the frame it edits."""

import json
import random
from itertools import pairwise
from pathlib import Path

import pytest
import tiny
import torch
from PIL import Image

from palimpsest_training.evaluate import evaluate, held_out_session, load_model
from palimpsest_training.infer import TorchModel
from palimpsest_training.world.edits import OPERATIONS, touches_held_out


def test_a_model_that_copies_is_never_right_and_loses_nothing_outside_the_change(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = TorchModel(tiny.make_editor().eval(), tiny.make_vae())
    report = evaluate(model, 3, 8, 2, steps=2, guidance=1.0, shift=1.0, sheet=tmp_path / "sheet.png")
    assert json.loads(json.dumps(report)) == report
    assert report["single_turn_success"] == 0
    assert report["success_by_turn"] == [0, 0]
    assert report["from_words_success"] == 0
    assert sum(entry["count"] for entry in report["by_operation"].values()) == 8
    assert set(report["by_operation"]) <= set(OPERATIONS)
    # The autoencoder is untrained and blurs everything; what the copy did not touch keeps its own pixels.
    assert report["psnr_outside_vae_db"] < 20
    assert report["psnr_outside_db"] > 60
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 1500


def test_equal_seeds_give_equal_reports() -> None:
    torch.manual_seed(1)
    model = TorchModel(tiny.scramble(tiny.make_editor()), tiny.make_vae())
    reports = [evaluate(model, 5, 3, 1, steps=1, guidance=1.5, shift=1.0, sheet=None) for _ in range(2)]
    assert reports[0] | {"seconds": 0} == reports[1] | {"seconds": 0}


def test_a_measured_session_opens_with_what_training_never_showed_and_goes_on_from_it() -> None:
    rng = random.Random(2)
    for _ in range(50):
        session = held_out_session(rng, 3)
        assert touches_held_out(session[0]) or session[0].operation in {"remove", "resize", "style"}
        assert all(following.before == edit.after for edit, following in pairwise(session))


def test_a_missing_model_and_a_missing_autoencoder_are_named() -> None:
    with pytest.raises(SystemExit, match="no model 'huge' in"):
        load_model("huge", None, None)
    with pytest.raises(SystemExit, match="--checkpoint needs --vae FILE"):
        load_model("nano", Path("checkpoint.pt"), None)
