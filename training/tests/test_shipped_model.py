"""The model in public/models and the golden vectors made from it; both are committed, so nothing here is skipped."""

import hashlib
import json
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from palimpsest_training.golden import MODELS, make_golden, model_digest, read_tensor
from palimpsest_training.infer import OnnxModel, to_image, to_picture
from palimpsest_training.world.sampling import sample_scene
from palimpsest_training.world.scene import render

FOLDER = MODELS / "nano"
GOLDEN = Path(__file__).parent.parent.parent / "fixtures" / "golden"
REGENERATE = "make the golden vectors anew: python -m palimpsest_training.golden --out fixtures/golden"


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, np.square(a.astype(float) - b).mean())))


@pytest.fixture(scope="module")
def model() -> OnnxModel:
    return OnnxModel(FOLDER)


@pytest.fixture(scope="module")
def index() -> dict:
    return json.loads((GOLDEN / "golden.json").read_text(encoding="utf-8"))


def test_every_file_matches_the_manifest(model: OnnxModel) -> None:
    for entry in model.manifest["files"]:
        data = (FOLDER / entry["path"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["bytes"], entry["sha256"]), entry["path"]


def test_the_golden_vectors_are_of_this_model(model: OnnxModel, index: dict) -> None:
    assert index["modelSha256"] == model_digest(model.manifest), REGENERATE


def test_the_code_still_computes_the_golden_vectors(model: OnnxModel, index: dict) -> None:
    fresh, golden = make_golden(model)
    assert json.loads(json.dumps(fresh)) == index, REGENERATE
    blob = bytes(golden.blob)
    for name, entry in index["tensors"].items():
        count, offset = int(np.prod(entry["shape"])), entry["offset"]
        computed = np.frombuffer(blob, entry["dtype"], count, offset).reshape(entry["shape"]).astype(np.float64)
        # What comes out of the network differs a little between processors, the rest by the last digit at most.
        tolerance = 5e-3 if name.startswith(("edit", "fromWords", "denoise", "tasks")) else 1e-6
        np.testing.assert_allclose(computed, read_tensor(GOLDEN, index, name), rtol=0, atol=tolerance * max(1, np.abs(computed).max()), err_msg=name)
    for name, pixels in golden.pictures.items():
        with Image.open(GOLDEN / name) as committed:
            # In a region a pixel of just mid grey may fall on either side: one in a thousand makes 30 dB.
            assert psnr(np.asarray(committed), pixels) > (30 if "mask" in name else 45), name


def test_the_autoencoder_keeps_pictures_of_the_world_better_than_the_limit_for_known_ones(model: OnnxModel) -> None:
    rng = random.Random(31)
    for _ in range(12):
        picture = render(sample_scene(rng, held_out=True), model.shape.size)
        assert psnr(to_picture(model.decode(model.encode(to_image(picture)))), picture) > model.manifest["pictureFit"]["minPsnrDb"]
