"""The editing turn in Python, over the shipped ONNX graphs or a training checkpoint.

It is the reference of the browser runtime: same tokens, same cache, same sampler, same paste-back.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime
import torch
from tokenizers import Tokenizer
from torch import Tensor

from .model.flow import euler_step, sampler_times, seeded_noise, time_features
from .model.packing import ROLES, ReferenceKind, frame_positions, frame_role, reference_roles, text_positions
from .model.rope import ntk_thetas, rope_tables
from .model.vae import Vae
from .model_port import Model, Shape
from .paste_back import Limits, change_weights, paste_back
from .segments import Array, Entry, bounding_region, is_inside, mask_cells, paste_region, to_image, to_mask, to_picture
from .text import build_tokenizer
from .world.sampling import mask_picture


class OnnxModel:
    """The files of public/models/<id>, run by onnxruntime on the CPU."""

    def __init__(self, folder: Path, size: tuple[int, int] | None = None) -> None:
        """`size` is a width and height of the manifest's `frames`; without it the frame is the model's own."""
        manifest = json.loads((folder / "manifest.json").read_text())
        a, f = manifest["architecture"], manifest["frame"]
        trained = f.get("trained", f)
        ending = ""
        if size is not None:
            f, ending = f | {"width": size[0], "height": size[1]}, f"_{size[0]}x{size[1]}"
        scales = (1.0, 1.0, f["height"] / trained["height"], f["width"] / trained["width"])
        self.shape = Shape(
            a["layers"],
            a["heads"],
            tuple(a["axisDims"]),
            ntk_thetas(a["ropeTheta"], tuple(a["axisDims"]), scales),
            f["latentChannels"],
            (f["height"] // f["latentDownsample"], f["width"] // f["latentDownsample"]),
            f["patch"],
            f["latentDownsample"],
            a["maxTextTokens"],
            a["timeFeatures"],
        )
        self.folder, self.manifest = folder, manifest
        limits = manifest.get("pasteBack")
        self.paste_back = limits and Limits(limits["keptBelow"], limits["takenFrom"])
        self.tokenizer = Tokenizer.from_file(str(folder / manifest["tokenizer"]))
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}
        # Graphs name float32 files; the disk holds float16, so the wide form lives in a folder of its own.
        with tempfile.TemporaryDirectory() as wide:
            for weight in manifest["weights"]:
                is_half = weight.get("storage", "float16") == "float16"
                values = np.fromfile(folder / weight["file"], np.float16 if is_half else np.uint8)
                (values.astype(np.float32) if is_half else values).tofile(Path(wide) / weight["externalData"])
            for name in ("t5", "vae_encoder", "vae_decoder", "dit_text", "dit_vision"):
                file = manifest["graphs"].get(name + ending) or manifest["graphs"][name]
                graph = Path(wide) / file
                graph.write_bytes((folder / file).read_bytes())
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
            c.layers, c.heads, c.axis_dims, c.thetas, c.channels, c.latent, c.patch, c.downsample, editor.t5.config.max_tokens, c.time_features
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


@dataclass(frozen=True, slots=True)
class Sampling:
    seed: int
    steps: int
    guidance: float
    shift: float


class EditingSession:
    """A linear session: start picture, then turns; keys and values of the past are computed once.

    Regions are boolean [H, W], or uint8 where a drawn one has a soft edge; pictures are [H, W, 3] uint8.
    References are pairs of a kind and a picture.
    """

    def __init__(self, model: Model, picture: Array | None) -> None:
        """`picture` is None when the first turn makes one from words, or when pictures are added one by one."""
        self.model = model
        self.entries: list[Entry] = []
        self.region_latent: Array | None = None
        """Of the region that was predicted last."""
        self._asked: list[Entry] = []
        if picture is not None:
            self.add_picture(picture)

    @property
    def picture(self) -> Array | None:
        """The picture to edit."""
        return None if (entry := self._previous) is None else entry.picture

    @property
    def latent(self) -> Array:
        """Of the picture to edit; zeros when there is none."""
        s = self.model.shape
        return np.zeros((1, s.channels, *s.latent), np.float32) if (entry := self._previous) is None else entry.content

    @property
    def _previous(self) -> Entry | None:
        return next((e for e in reversed(self.entries) if e.is_editable), None)

    def fork(self) -> EditingSession:
        """A session with the same past that goes on by itself."""
        other = EditingSession(self.model, None)
        other.entries = [*self.entries]
        return other

    def reorder(self, order: Sequence[int]) -> None:
        """Goes on with these entries, by index, in this order: what is not named is forgotten. The last picture is the one to edit."""
        known = next((at for at, index in enumerate(order) if at != index), len(order))
        self.entries = [self.entries[index] if at < known else replace(self.entries[index], kv=None) for at, index in enumerate(order)]

    def add_picture(self, picture: Array, *, time: int = 0) -> None:
        """Puts a given picture into the history, `time` its place in a clip from 0."""
        latent = self.model.encode(to_image(picture))
        self.entries.append(Entry("image", latent, time=time, turn=self._turn, picture=picture))

    def add_text(self, instruction: str) -> None:
        """Puts an instruction into the history without carrying it out, as between the two pictures of a clip to be made."""
        self.entries.append(self._text(instruction, turn=self._turn + 1))

    def edit(
        self,
        instruction: str,
        *,
        seed: int,
        steps: int = 4,
        guidance: float = 1.0,
        shift: float = 1.0,
        drawn: Array | None = None,
        now: Array | None = None,
        next: Array | None = None,  # noqa: A002 -- the field's own word, beside `now`
        references: Sequence[tuple[ReferenceKind, Array]] = (),
    ) -> Array:
        """Makes one turn and returns its picture; the session moves on to it."""
        turn = self._turn_entries(instruction, references, drawn, now, next)
        entries = self._extended(turn)
        said = len(self.entries) + 2 * len(references)
        region = bounding_region(drawn, now, next)
        return self._make(entries, self._previous, said, Sampling(seed, steps, guidance, shift), region=region)

    def predict_region(
        self,
        which: Literal["now", "next"],
        instruction: str,
        *,
        seed: int,
        steps: int = 4,
        guidance: float = 1.0,
        shift: float = 1.0,
        drawn: Array | None = None,
        now: Array | None = None,
        references: Sequence[tuple[ReferenceKind, Array]] = (),
    ) -> Array:
        """The region of the edit in the picture as it is (`now`) or as it will be (`next`), boolean [H, W].

        The session stays where it is: a chain gives the region on, to the next question and then to `edit`.
        """
        if which == "now" and now is not None:
            message = "region now is given already; ask for region next"
            raise ValueError(message)
        if self._previous is None:
            message = "there is no picture to find a region in"
            raise ValueError(message)
        role = self._text(ROLES["regionNow" if which == "now" else "regionNext"], turn=self._turn + 1, is_aside=True)
        entries = self._extended([*self._turn_entries(instruction, references, drawn, now, None), role])
        said = len(self.entries) + 2 * len(references)
        empty = self.model.encode(to_image(mask_picture(np.zeros(self.model.shape.frame, bool))))
        self.region_latent = self._sample(entries, empty, said, Sampling(seed, steps, guidance, shift))
        return to_mask(self.model.decode(self.region_latent))

    def between(self, count: int, *, seed: int, steps: int = 4, guidance: float = 1.0, shift: float = 1.0) -> list[Array]:
        """The frames 2 to `count` - 1 of a clip whose ends are the last two pictures; frame i has the seed `seed` + i."""
        ends = [at for at, e in enumerate(self.entries) if e.is_editable][-2:]
        if len(ends) < 2:
            message = "a clip between two pictures needs two pictures"
            raise ValueError(message)
        texts = [at for at in range(*ends) if self.entries[at].kind == "text" and not self.entries[at].is_aside]
        previous, said = self.entries[ends[0]], texts[-1] if texts else None
        return [self._frame(index, count, previous, said, Sampling(seed + index, steps, guidance, shift)) for index in range(2, count)]

    def edit_clip(self, instruction: str, count: int, *, seed: int, steps: int = 4, guidance: float = 1.0, shift: float = 1.0) -> list[Array]:
        """Edits the last `count` pictures, which are the frames of a clip, times 0 to `count` - 1; frame i, from 1, has the seed `seed` + i."""
        clip = [e for e in self.entries if e.is_editable][-count:]
        if [e.time for e in clip] != list(range(count)):
            message = f"the last {count} pictures are no clip: add its frames with times 0 to {count - 1}"
            raise ValueError(message)
        said = len(self.entries)
        self.add_text(instruction)
        return [self._frame(index, count, previous, said, Sampling(seed + index, steps, guidance, shift)) for index, previous in enumerate(clip, 1)]

    @property
    def _turn(self) -> int:
        return max((e.turn for e in self.entries), default=0)

    def _text(self, text: str, *, turn: int | None = None, is_aside: bool = False) -> Entry:
        ids = np.array(self.model.tokenizer.encode(text).ids, np.int32)
        if not 1 <= len(ids) <= self.model.shape.max_text:
            message = f"the instruction has {len(ids)} tokens; the model takes 1 to {self.model.shape.max_text}: use fewer words"
            raise ValueError(message)
        return Entry("text", ids, is_aside=is_aside, turn=self._turn if turn is None else turn)

    def _turn_entries(
        self,
        instruction: str,
        references: Sequence[tuple[ReferenceKind, Array]],
        drawn: Array | None,
        now: Array | None,
        next_: Array | None,
    ) -> list[Entry]:
        """What a turn puts into the history before the picture that it makes, each under its role."""
        turn, entries = self._turn + 1, []
        for role, (_, picture) in zip(reference_roles([kind for kind, _ in references]), references, strict=True):
            entries.append(self._text(role, turn=turn, is_aside=True))
            entries.append(Entry("image", self.model.encode(to_image(picture)), is_aside=True, turn=turn, picture=picture))
        entries.append(self._text(instruction, turn=turn))
        for role, region in ((None, drawn), (ROLES["regionNow"], now), (ROLES["regionNext"], next_)):
            if region is None:
                continue
            if self._previous is None:
                message = "a region needs a picture to keep the rest of; add one first"
                raise ValueError(message)
            if role is not None:
                entries.append(self._text(role, turn=turn, is_aside=True))
            entries.append(Entry("mask", self.model.encode(to_image(mask_picture(is_inside(region)))), turn=turn))
        return entries

    def _extended(self, new: list[Entry]) -> list[Entry]:
        """The history with `new` behind it, all with keys and values: also those that an earlier question left."""
        entries = [*self.entries, *new]
        for at, (old, entry) in enumerate(zip(self._asked, entries, strict=False)):
            if not old.equals(entry):
                break
            entries[at] = old
        self._prefill(entries)
        self._asked = entries
        return entries

    def _frame(self, index: int, count: int, previous: Entry, said: int | None, sampling: Sampling) -> Array:
        entries = self._extended([self._text(frame_role(index, count), is_aside=True)])
        return self._make(entries, previous, said, sampling, time=index - 1)

    def _make(
        self, entries: list[Entry], previous: Entry | None, said: int | None, sampling: Sampling, *, time: int = 0, region: Array | None = None
    ) -> Array:
        """The next picture after `entries`; the session moves on to it. Outside `region` it stays as `previous` is."""
        model, old = self.model, self.latent if previous is None else previous.content
        latent = self._sample(entries, old, said, sampling, time=time, region=region)
        made = shown = to_picture(model.decode(latent))
        if previous is not None and model.paste_back is not None:
            if previous.decoded is None:
                previous.decoded = to_picture(model.decode(old))
            shown = paste_back(previous.picture, made, change_weights(previous.decoded, made, model.paste_back))
        if previous is not None and region is not None:
            shown = paste_region(shown, previous.picture, region)
        self.entries = [*entries, Entry("image", latent, time=time, turn=entries[-1].turn, picture=shown, decoded=made)]
        return shown

    def _sample(
        self, entries: list[Entry], previous: Array, said: int | None, sampling: Sampling, *, time: int = 0, region: Array | None = None
    ) -> Array:
        """The clean latent of the next picture or mask; guidance leaves out the entry `said`."""
        model, shape = self.model, self.model.shape
        start = sum(e.steps for e in entries)
        tables = self._tables(frame_positions(*shape.patches, shape.patch * shape.downsample, start, time))
        with_text = self._past(entries)
        is_guided = sampling.guidance != 1 and said is not None
        without = self._past([e for i, e in enumerate(entries) if i != said]) if is_guided else None
        noise = seeded_noise(sampling.seed, previous.shape)
        cells = None if region is None else mask_cells(is_inside(region), shape.downsample)
        x = noise
        for t, u in pairwise(sampler_times(sampling.steps, sampling.shift)):
            features = self._features(t)
            clean = model.vision(x, previous, features, *tables, with_text)[0]
            if without is not None:
                other = model.vision(x, previous, features, *tables, without)[0]
                clean = other + np.float32(sampling.guidance) * (clean - other)
            x = np.asarray(euler_step(torch.from_numpy(x), torch.from_numpy(clean), t, u))
            if cells is not None:
                x = np.where(cells, x, np.float32(u) * previous + np.float32(1 - u) * noise)
        return x

    def _features(self, t: float) -> Array:
        return time_features(torch.tensor([t], dtype=torch.float64), self.model.shape.time_features).numpy()

    def _tables(self, positions: Tensor) -> tuple[Array, Array]:
        cos, sin = rope_tables(positions, self.model.shape.axis_dims, self.model.shape.thetas)
        return cos.numpy(), sin.numpy()

    def _past(self, entries: list[Entry]) -> tuple[Array, Array]:
        s = self.model.shape
        empty = np.zeros((s.layers, s.heads, 0, sum(s.axis_dims)), np.float32)
        known = [e.kv for e in entries if e.kv is not None]
        return np.concatenate([empty, *(k for k, _ in known)], 2), np.concatenate([empty, *(v for _, v in known)], 2)

    def _prefill(self, entries: list[Entry]) -> None:
        """Computes the missing keys and values, oldest first."""
        model, shape, start = self.model, self.model.shape, 0
        for index, entry in enumerate(entries):
            if entry.kv is None:
                past, features = self._past(entries[:index]), self._features(1.0)
                if entry.kind == "text":
                    padded = np.zeros(shape.max_text, np.int32)
                    padded[: len(entry.content)] = entry.content
                    states = model.t5(padded, (np.arange(shape.max_text) < len(entry.content)).astype(np.float32))
                    tables = self._tables(text_positions(len(entry.content), start))
                    entry.kv = model.text(states[: len(entry.content)], features, *tables, past)
                else:
                    tables = self._tables(frame_positions(*shape.patches, shape.patch * shape.downsample, start, entry.time))
                    _, k, v = model.vision(entry.content, np.zeros_like(entry.content), features, *tables, past)
                    entry.kv = (k, v)
            start += entry.steps
