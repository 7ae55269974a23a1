"""Turns a shipped model back into a checkpoint, so that training can go on from it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from .editor import Editor
from .model.dit import DitConfig
from .model.t5 import T5Config
from .model.vae import Vae, VaeConfig


def read_parameters(folder: Path) -> dict[str, Tensor]:
    """Every parameter and buffer of a shipped model by name, float32."""
    located = json.loads((folder / "parameters.json").read_text())
    files: dict[str, np.ndarray] = {}
    tensors = {}
    for name, place in located.items():
        if not isinstance(place, dict):
            tensors[name] = torch.tensor(place, dtype=torch.float32)
            continue
        file = files.setdefault(place["file"], np.fromfile(folder / place["file"], np.float16))
        shape = place["shape"][::-1] if place["transposed"] else place["shape"]
        values = file[place["offset"] : place["offset"] + int(np.prod(shape))].astype(np.float32).reshape(shape)
        tensors[name] = torch.from_numpy(np.ascontiguousarray(values.T if place["transposed"] else values))
    return tensors


def read_names(folder: Path) -> tuple[list[str], list[str]]:
    """Words of a shipped model by id, and the names of its labels in their order.

    No graph holds the head of the labels, but `parameters.json` has its values; its rows are the things and then the
    backgrounds of the manifest.
    """
    manifest = json.loads((folder / "manifest.json").read_text())
    vocabulary = Tokenizer.from_file(str(folder / manifest["tokenizer"])).get_vocab()
    return sorted(vocabulary, key=lambda word: vocabulary[word]), [*manifest["world"]["objects"], *manifest["world"]["backgrounds"]]


def restore(folder: Path) -> tuple[Editor, Vae]:
    """Editor and VAE of a shipped model, as they were exported."""
    manifest = json.loads((folder / "manifest.json").read_text())
    a, f = manifest["architecture"], manifest["frame"]
    parameters = read_parameters(folder)
    config = DitConfig(
        width=a["width"],
        layers=a["layers"],
        heads=a["heads"],
        axis_dims=tuple(a["axisDims"]),
        channels=f["latentChannels"],
        grid=f["width"] // f["latentDownsample"],
        patch=f["patch"],
        downsample=f["latentDownsample"],
        labels=len(parameters["editor.dit.label_out.bias"]),
        text_width=a["textWidth"],
    )
    t5 = T5Config(vocabulary=len(parameters["editor.t5.embedding.weight"]))
    editor, vae = Editor(config, t5), Vae(VaeConfig(channels=f["latentChannels"]))
    for prefix, module in (("editor.", editor), ("vae.", vae)):
        module.load_state_dict({name.removeprefix(prefix): tensor for name, tensor in parameters.items() if name.startswith(prefix)})
    return editor.eval(), vae.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder under public/models")
    parser.add_argument("--out", type=Path, required=True, help="folder for editor.pt and vae.pt")
    args = parser.parse_args()
    editor, vae = restore(args.model)
    args.out.mkdir(parents=True, exist_ok=True)
    state = editor.state_dict()
    words, label_names = read_names(args.model)
    names = {"words": words, "label_names": label_names}
    torch.save({"model": state, "ema": state, "dit": asdict(editor.dit.config), "t5": asdict(editor.t5.config), **names}, args.out / "editor.pt")
    torch.save({"config": asdict(vae.config), "state": vae.state_dict()}, args.out / "vae.pt")
    print(f"wrote {args.out / 'editor.pt'} and {args.out / 'vae.pt'}; go on with train --init {args.out / 'editor.pt'} --vae {args.out / 'vae.pt'}")


if __name__ == "__main__":
    main()
