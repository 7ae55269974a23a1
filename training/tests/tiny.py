"""A tiny editor and autoencoder with the real structure, for tests that need whole models."""

from __future__ import annotations

import random

from palimpsest_training.editor import Editor, scramble
from palimpsest_training.model.dit import DitConfig
from palimpsest_training.model.t5 import T5Config
from palimpsest_training.model.vae import Vae, VaeConfig, to_tensor
from palimpsest_training.text import build_tokenizer
from palimpsest_training.train_vae import sample_images
from palimpsest_training.world.tasks import LABEL_NAMES

SIZE = 64
CELLS = 2
CONFIG = DitConfig(
    width=48,
    layers=2,
    heads=2,
    feed_forward=64,
    axis_dims=(4, 4, 12, 12),
    text_width=32,
    time_features=16,
    channels=4,
    grid=SIZE // 16,
    labels=len(LABEL_NAMES),
)


def make_editor(config: DitConfig = CONFIG) -> Editor:
    vocabulary = build_tokenizer().get_vocab_size()
    return Editor(config, T5Config(vocabulary=vocabulary, width=32, layers=1, heads=2, head_dim=16, feed_forward=48, max_tokens=32))


def scrambled(editor: Editor) -> Editor:
    scramble(editor, std=0.15, gain_std=0.1)
    return editor.eval().requires_grad_(requires_grad=False)


def make_vae() -> Vae:
    """Untrained, with latents normalised over a few frames."""
    vae = Vae(VaeConfig(channels=CONFIG.channels, widths=(12, 16, 24))).eval().requires_grad_(requires_grad=False)
    raw = vae.encode_raw(to_tensor(sample_images(random.Random(0), 16, SIZE)))
    vae.mean.copy_(raw.mean((0, 2, 3)))
    vae.std.copy_(raw.std((0, 2, 3)))
    return vae
