"""Training goes on from what is shipped: parameters read back give the shipped model again."""

import numpy as np

from palimpsest_training.golden import MODELS
from palimpsest_training.infer import EditingSession, OnnxModel, TorchModel
from palimpsest_training.restore import restore
from palimpsest_training.world.scene import Scene, Thing, render


def test_the_restored_model_edits_like_the_shipped_graphs() -> None:
    picture = render(Scene("meadow", (Thing("tree", "right", "large"),)), 256)
    made = []
    for model in (OnnxModel(MODELS / "nano"), TorchModel(*restore(MODELS / "nano"))):
        session = EditingSession(model, picture)
        session.edit("add a cat on the left", seed=3, steps=2)
        made.append(session.latent)
    assert np.abs(made[0] - made[1]).max() < 1e-3 * np.abs(made[0]).max()
