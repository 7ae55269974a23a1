"""T5 encoder and DiT as one model, and the weights of its checkpoints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .model.dit import Dit, DitConfig
from .model.t5 import T5Config, T5Encoder
from .model.vae import Vae, VaeConfig
from .text import tokenizer_words
from .world.tasks import LABEL_NAMES


class Editor(nn.Module):
    """T5 encoder and DiT, trained as one."""

    def __init__(self, dit: DitConfig, t5: T5Config) -> None:
        super().__init__()
        self.dit = Dit(dit)
        self.t5 = T5Encoder(t5)


def scramble(module: nn.Module, std: float = 0.2, gain_std: float = 0.05) -> None:
    """Random weights everywhere, of vectors about 1: the zeros of a fresh network would hide faults in what only computes with it."""
    for parameter in module.parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=std)
        else:
            nn.init.normal_(parameter, mean=1.0, std=gain_std)


def resized(editor: Editor, rows: int, columns: int) -> Editor:
    """The same model for frames of `rows` by `columns` latent cells, which it was not trained on.

    The places of the frame are stretched, because they are named relative to it ("top left"); the rotary positions stay in
    pixels and turn more slowly where the frame reaches farther (`ntk_thetas`). Raises ValueError for half a patch.
    """
    old = editor.dit.config
    patch, (was_rows, was_columns) = old.patch, old.latent
    if rows % patch or columns % patch or min(rows, columns) < patch:
        message = f"{rows} by {columns} latent cells are no whole number of patches of {patch} by {patch}"
        raise ValueError(message)
    config = replace(old, rows=rows, grid=columns, trained=old.trained or old.latent)
    state = editor.state_dict()
    places = state["dit.place"].T.reshape(1, old.width, was_rows // patch, was_columns // patch)
    stretched = F.interpolate(places, (rows // patch, columns // patch), mode="bilinear", align_corners=False)
    other = Editor(config, editor.t5.config)
    other.load_state_dict(state | {"dit.place": stretched.reshape(old.width, -1).T.contiguous()})
    return other.train(editor.training)


def limited(editor: Editor, words: list[str], labels: list[str]) -> Editor:
    """The same model with the rows of some words and labels only, in this order: of what it was trained on."""
    state = editor.state_dict()
    for key, all_names, names in (
        ("t5.embedding.weight", tokenizer_words(), words),
        ("dit.label_out.weight", LABEL_NAMES, labels),
        ("dit.label_out.bias", LABEL_NAMES, labels),
    ):
        state[key] = state[key][[all_names.index(name) for name in names]]
    other = Editor(replace(editor.dit.config, labels=len(labels)), replace(editor.t5.config, vocabulary=len(words)))
    other.load_state_dict(state)
    return other.train(editor.training)


def load_vae(path: Path, device: str = "cpu") -> Vae:
    saved = torch.load(path, map_location=device, weights_only=False)
    vae = Vae(VaeConfig(**saved["config"])).to(device)
    vae.load_state_dict(saved["state"])
    return vae.eval().requires_grad_(requires_grad=False)


def remap_rows(rows: Tensor, old: list[str], new: list[str], fresh: Tensor) -> Tensor:
    """Rows that belong to names, for another list of names; names without a row keep that of `fresh`."""
    index = {name: i for i, name in enumerate(old)}
    return torch.stack([rows[index[name]] if name in index else fresh[i] for i, name in enumerate(new)])


def grown(state: dict[str, Tensor], fresh: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights of a DiT for one with wider feed-forward layers that computes the same (Net2Net, Chen et al. 2016, section 2).

    What is new in them reads as in `fresh` and writes nothing yet. Narrower layers are left as they are, for the loader to refuse.
    """
    out = dict(state)
    for key, wide in fresh.items():
        if not key.startswith("dit.blocks.") or key not in state or state[key].shape == wide.shape:
            continue
        narrow = state[key]
        if key.endswith("gate_up.weight") and len(narrow) < len(wide):
            halves = zip(narrow.chunk(2), wide.chunk(2), strict=True)
            out[key] = torch.cat([torch.cat([old, new[len(old) :]]) for old, new in halves])
        elif key.endswith("down.weight") and narrow.shape[1] < wide.shape[1]:
            out[key] = F.pad(narrow, (0, wide.shape[1] - narrow.shape[1]))
    return out


def load_weights(editor: Editor, state: dict[str, Tensor], saved: dict) -> None:
    """Weights of a checkpoint whose words and label names may be others, and whose feed-forward layers may be narrower."""
    own = editor.state_dict()
    state = grown(state, own)
    for key, old, new in (
        ("t5.embedding.weight", saved["words"], tokenizer_words()),
        ("dit.label_out.weight", saved["label_names"], LABEL_NAMES),
        ("dit.label_out.bias", saved["label_names"], LABEL_NAMES),
    ):
        state = state | {key: remap_rows(state[key], old, list(new), own[key])}
    editor.load_state_dict(state)


def load_editor(checkpoint: Path) -> Editor:
    """The averaged weights of a training checkpoint, in evaluation mode on the CPU, for the words and labels of this code."""
    saved = torch.load(checkpoint, map_location="cpu", weights_only=False)
    dit, t5 = saved["dit"] | {"labels": len(LABEL_NAMES)}, saved["t5"] | {"vocabulary": len(tokenizer_words())}
    editor = Editor(DitConfig(**dit), T5Config(**t5))
    load_weights(editor, saved["ema"], saved)
    return editor.eval().requires_grad_(requires_grad=False)
