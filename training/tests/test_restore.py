"""Training goes on from what is shipped: parameters read back give the shipped model again."""

from pathlib import Path

import numpy as np
import pytest
import torch

from palimpsest_training.editor import load_editor, load_vae
from palimpsest_training.golden import MODELS
from palimpsest_training.infer import EditingSession, OnnxModel, TorchModel
from palimpsest_training.restore import main
from palimpsest_training.world.scene import Scene, placed, render


def test_a_restored_checkpoint_edits_like_the_shipped_graphs_though_words_have_new_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["restore", "--model", str(MODELS / "nano"), "--out", str(tmp_path)])
    main()
    shipped, restored = OnnxModel(MODELS / "nano"), TorchModel(load_editor(tmp_path / "editor.pt"), load_vae(tmp_path / "vae.pt"))
    picture = render(Scene("meadow", (placed("tree", "right", "large"),)), 256)
    made = []
    for model in (shipped, restored):
        session = EditingSession(model, picture)
        session.edit("add a cat on the left", seed=3, steps=2)
        made.append(session.latent)
    assert np.abs(made[0] - made[1]).max() < 1e-3 * np.abs(made[0]).max()
    saved = torch.load(tmp_path / "editor.pt", weights_only=False)
    manifest = shipped.manifest
    assert saved["words"] == sorted(shipped.tokenizer.get_vocab(), key=shipped.tokenizer.token_to_id)
    assert saved["label_names"] == [*manifest["world"]["objects"], *manifest["world"]["backgrounds"]]
