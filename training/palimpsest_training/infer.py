"""The editing turn in Python, over the shipped ONNX graphs or a training checkpoint.

It is the reference of the browser runtime: same tokens, same cache, same sampler, same paste-back.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import onnxruntime
import torch
from tokenizers import Tokenizer
from torch import Tensor

from .model.flow import euler_step, sampler_times, seeded_noise, time_features
from .model.packing import frame_positions, text_positions
from .model.rope import rope_tables
from .model.vae import Vae
from .paste_back import Limits, change_weights, paste_back
from .text import build_tokenizer

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Shape:
    """What the packing needs to know of a model."""

    layers: int
    heads: int
    axis_dims: tuple[int, int, int, int]
    theta: float
    channels: int
    grid: int
    patch: int
    downsample: int
    max_text: int
    time_features: int

    @property
    def size(self) -> int:
        return self.grid * self.downsample


class Model(Protocol):
    """The graphs of ARCHITECTURE.md, float32 arrays in and out."""

    shape: Shape
    tokenizer: Tokenizer
    paste_back: Limits | None

    def t5(self, ids: Array, mask: Array) -> Array: ...
    def encode(self, image: Array) -> Array: ...
    def decode(self, latent: Array) -> Array: ...
    def text(self, states: Array, features: Array, cos: Array, sin: Array, past: tuple[Array, Array]) -> tuple[Array, Array]: ...
    def vision(
        self, latent: Array, previous: Array, features: Array, cos: Array, sin: Array, past: tuple[Array, Array]
    ) -> tuple[Array, Array, Array]: ...


class OnnxModel:
    """The files of public/models/<id>, run by onnxruntime on the CPU."""

    def __init__(self, folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        a, f = manifest["architecture"], manifest["frame"]
        self.shape = Shape(
            a["layers"],
            a["heads"],
            tuple(a["axisDims"]),
            a["ropeTheta"],
            f["latentChannels"],
            f["width"] // f["latentDownsample"],
            f["patch"],
            f["latentDownsample"],
            a["maxTextTokens"],
            a["timeFeatures"],
        )
        self.manifest = manifest
        limits = manifest.get("pasteBack")
        self.paste_back = limits and Limits(limits["keptBelow"], limits["takenFrom"])
        self.tokenizer = Tokenizer.from_file(str(folder / manifest["tokenizer"]))
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}
        # Graphs name float32 files; the disk holds float16, so the wide form lives in a folder of its own.
        with tempfile.TemporaryDirectory() as wide:
            for weight in manifest["weights"]:
                np.fromfile(folder / weight["file"], np.float16).astype(np.float32).tofile(Path(wide) / weight["externalData"])
            for name in ("t5", "vae_encoder", "vae_decoder", "dit_text", "dit_vision"):
                graph = Path(wide) / manifest["graphs"][name]
                graph.write_bytes((folder / manifest["graphs"][name]).read_bytes())
                options = onnxruntime.SessionOptions()
                options.log_severity_level = 3
                self._sessions[name] = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])

    def _run(self, graph: str, outputs: list[str], **inputs: Array) -> list[Array]:
        return self._sessions[graph].run(outputs, inputs)

    def t5(self, ids: Array, mask: Array) -> Array:
        return self._run("t5", ["text_states"], input_ids=ids, attention_mask=mask)[0]

    def encode(self, image: Array) -> Array:
        return self._run("vae_encoder", ["latent"], image=image)[0]

    def decode(self, latent: Array) -> Array:
        return self._run("vae_decoder", ["image"], latent=latent)[0]

    def text(self, states: Array, features: Array, cos: Array, sin: Array, past: tuple[Array, Array]) -> tuple[Array, Array]:
        k, v = self._run("dit_text", ["k", "v"], text_states=states, time_features=features, cos=cos, sin=sin, past_k=past[0], past_v=past[1])
        return k, v

    def vision(
        self, latent: Array, previous: Array, features: Array, cos: Array, sin: Array, past: tuple[Array, Array]
    ) -> tuple[Array, Array, Array]:
        clean, k, v = self._run(
            "dit_vision",
            ["clean", "k", "v"],
            latent=latent,
            previous=previous,
            time_features=features,
            cos=cos,
            sin=sin,
            past_k=past[0],
            past_v=past[1],
        )
        return clean, k, v


class TorchModel:
    """A checkpoint in PyTorch, float32."""

    def __init__(self, editor: torch.nn.Module, vae: Vae) -> None:
        self.editor, self.vae = editor, vae
        self.paste_back = Limits()
        c = editor.dit.config
        self.shape = Shape(
            c.layers, c.heads, c.axis_dims, c.rope_theta, c.channels, c.grid, c.patch, c.downsample, editor.t5.config.max_tokens, c.time_features
        )
        self.tokenizer = build_tokenizer()

    @torch.no_grad()
    def t5(self, ids: Array, mask: Array) -> Array:
        return self.editor.t5(torch.from_numpy(ids)[None], torch.from_numpy(mask)[None])[0].numpy()

    @torch.no_grad()
    def encode(self, image: Array) -> Array:
        return self.vae.encode(torch.from_numpy(image)).numpy()

    @torch.no_grad()
    def decode(self, latent: Array) -> Array:
        return self.vae.decode(torch.from_numpy(latent)).numpy()

    @torch.no_grad()
    def text(self, states: Array, features: Array, cos: Array, sin: Array, past: tuple[Array, Array]) -> tuple[Array, Array]:
        dit = self.editor.dit
        tensors = [torch.from_numpy(a) for a in (cos, sin, *past)]
        _, k, v = dit.cached(dit.embed_text(torch.from_numpy(states)), dit.modulate(torch.from_numpy(features)), *tensors)
        return k.numpy(), v.numpy()

    @torch.no_grad()
    def vision(
        self, latent: Array, previous: Array, features: Array, cos: Array, sin: Array, past: tuple[Array, Array]
    ) -> tuple[Array, Array, Array]:
        dit = self.editor.dit
        old, m = torch.from_numpy(previous), dit.modulate(torch.from_numpy(features))
        x = dit.embed_frame(torch.from_numpy(latent), old)[0]
        x, k, v = dit.cached(x, m, *[torch.from_numpy(a) for a in (cos, sin, *past)])
        return dit.read_out(x[None], m, old).numpy(), k.numpy(), v.numpy()


@dataclass(slots=True)
class Entry:
    """One clean segment: its kind, content (token ids, or a latent) and, once computed, its keys and values."""

    kind: Literal["text", "image", "mask"]
    content: Array
    kv: tuple[Array, Array] | None = None

    @property
    def steps(self) -> int:
        return len(self.content) if self.kind == "text" else 1


def to_picture(image: Array) -> Array:
    """[1, 3, H, W] in -1..1 -> [H, W, 3] uint8, halves rounded up as a canvas does."""
    return np.floor((np.clip(image[0].transpose(1, 2, 0), -1, 1) + 1) * 127.5 + 0.5).astype(np.uint8)


def to_image(picture: Array) -> Array:
    """[H, W, 3] uint8 -> [1, 3, H, W] float32 in -1..1."""
    return (picture.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(127.5)) - np.float32(1)


def mask_cells(mask: Array, downsample: int) -> Array:
    """Boolean [H, W] -> [H/d, W/d]: cells that hold any pixel of the region may change."""
    h, w = mask.shape
    return mask.reshape(h // downsample, downsample, w // downsample, downsample).any((1, 3))


class EditingSession:
    """A linear session: start picture, then turns; keys and values of the past are computed once."""

    def __init__(self, model: Model, picture: Array | None) -> None:
        """`picture` [H, W, 3] uint8, or None when the first turn makes one from words."""
        self.model = model
        self.picture = picture
        self._made: Array | None = None
        self.entries = [] if picture is None else [Entry("image", model.encode(to_image(picture)))]

    @property
    def latent(self) -> Array:
        """The picture to edit; zeros when there is none."""
        s = self.model.shape
        nothing = np.zeros((1, s.channels, s.grid, s.grid), np.float32)
        return next((e.content for e in reversed(self.entries) if e.kind == "image"), nothing)

    def edit(self, instruction: str, *, seed: int, steps: int = 4, guidance: float = 1.0, shift: float = 1.0, mask: Array | None = None) -> Array:
        """Makes one turn and returns its picture [H, W, 3] uint8; the session moves on to it."""
        model, shape = self.model, self.model.shape
        ids = np.array(model.tokenizer.encode(instruction).ids, np.int32)
        if not 1 <= len(ids) <= shape.max_text:
            message = f"the instruction has {len(ids)} tokens; the model takes 1 to {shape.max_text}: use fewer words"
            raise ValueError(message)
        previous = self.latent
        text_at = len(self.entries)
        self.entries.append(Entry("text", ids))
        if mask is not None:
            region = np.repeat((mask.astype(np.uint8) * 255)[..., None], 3, -1)
            self.entries.append(Entry("mask", model.encode(to_image(region))))
        self._prefill()
        start = sum(e.steps for e in self.entries)
        tables = self._tables(frame_positions(shape.grid // shape.patch, shape.grid // shape.patch, shape.patch * shape.downsample, start))
        with_text = self._past(self.entries)
        without = self._past([e for i, e in enumerate(self.entries) if i != text_at]) if guidance != 1 else None
        noise = seeded_noise(seed, previous.shape)
        cells = None if mask is None else mask_cells(mask, shape.downsample)
        x = noise
        times = sampler_times(steps, shift)
        for t, u in pairwise(times):
            features = self._features(t)
            clean = model.vision(x, previous, features, *tables, with_text)[0]
            if without is not None:
                other = model.vision(x, previous, features, *tables, without)[0]
                clean = other + np.float32(guidance) * (clean - other)
            x = np.asarray(euler_step(torch.from_numpy(x), torch.from_numpy(clean), t, u))
            if cells is not None:
                x = np.where(cells, x, np.float32(u) * previous + np.float32(1 - u) * noise)
        self.entries.append(Entry("image", x))
        made, earlier = to_picture(model.decode(x)), self.picture
        shown = made
        if earlier is not None and model.paste_back is not None:
            # What the decoder makes of the earlier latent: the earlier picture with the autoencoder's own blur.
            unedited = to_picture(model.decode(previous)) if self._made is None else self._made
            shown = paste_back(earlier, made, change_weights(unedited, made, model.paste_back))
        if earlier is not None and mask is not None:
            shown = np.where(mask[..., None], shown, earlier)
        self._made, self.picture = made, shown
        return shown

    def _features(self, t: float) -> Array:
        return time_features(torch.tensor([t], dtype=torch.float64), self.model.shape.time_features).numpy()

    def _tables(self, positions: Tensor) -> tuple[Array, Array]:
        cos, sin = rope_tables(positions, self.model.shape.axis_dims, self.model.shape.theta)
        return cos.numpy(), sin.numpy()

    def _past(self, entries: list[Entry]) -> tuple[Array, Array]:
        s = self.model.shape
        empty = np.zeros((s.layers, s.heads, 0, sum(s.axis_dims)), np.float32)
        known = [e.kv for e in entries if e.kv is not None]
        return np.concatenate([empty, *(k for k, _ in known)], 2), np.concatenate([empty, *(v for _, v in known)], 2)

    def _prefill(self) -> None:
        """Computes the missing keys and values, oldest first."""
        model, shape, start = self.model, self.model.shape, 0
        side = shape.grid // shape.patch
        for index, entry in enumerate(self.entries):
            if entry.kv is None:
                past, features = self._past(self.entries[:index]), self._features(1.0)
                if entry.kind == "text":
                    padded = np.zeros(shape.max_text, np.int32)
                    padded[: len(entry.content)] = entry.content
                    states = model.t5(padded, (np.arange(shape.max_text) < len(entry.content)).astype(np.float32))
                    tables = self._tables(text_positions(len(entry.content), start))
                    entry.kv = model.text(states[: len(entry.content)], features, *tables, past)
                else:
                    tables = self._tables(frame_positions(side, side, shape.patch * shape.downsample, start))
                    _, k, v = model.vision(entry.content, np.zeros_like(entry.content), features, *tables, past)
                    entry.kv = (k, v)
            start += entry.steps
