"""The parts of the model as modules with the inputs and outputs of the ONNX graphs (ARCHITECTURE.md, Graphs)."""

from __future__ import annotations

from torch import Tensor, nn

from .model.dit import Dit
from .model.t5 import T5Encoder
from .model.vae import Vae


class T5Graph(nn.Module):
    def __init__(self, encoder: T5Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return self.encoder(input_ids[None], attention_mask[None])[0]


class VaeEncoderGraph(nn.Module):
    def __init__(self, vae: Vae) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, image: Tensor) -> Tensor:
        return self.vae.encode(image)


class VaeDecoderGraph(nn.Module):
    def __init__(self, vae: Vae) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, latent: Tensor) -> Tensor:
        return self.vae.decode(latent)


class _DitGraph(nn.Module):
    def __init__(self, dit: Dit) -> None:
        super().__init__()
        self.dit = dit

    def modulation(self, time_features: Tensor) -> Tensor:
        return self.dit.modulate(time_features)

    def vision(self, latent: Tensor, previous: Tensor) -> Tensor:
        return self.dit.embed_frame(latent, previous)[0]


class FirstTextSegment(_DitGraph):
    def forward(self, text_states: Tensor, time_features: Tensor) -> tuple[Tensor, ...]:
        x, m = self.dit.embed_text(text_states), self.modulation(time_features)
        return (x, m.flatten(1), *self.dit.blocks[0].front(x, m))


class FirstVisionSegment(_DitGraph):
    def forward(self, latent: Tensor, previous: Tensor, time_features: Tensor) -> tuple[Tensor, ...]:
        x, m = self.vision(latent, previous), self.modulation(time_features)
        return (x, m.flatten(1), *self.dit.blocks[0].front(x, m))


class MiddleSegment(_DitGraph):
    def __init__(self, dit: Dit, index: int) -> None:
        super().__init__(dit)
        self.index = index

    def forward(self, attention: Tensor, residual: Tensor, modulation: Tensor) -> tuple[Tensor, ...]:
        m = modulation.unflatten(1, (6, self.dit.config.width))
        x = self.dit.blocks[self.index - 1].back(residual, attention, m)
        return (x, *self.dit.blocks[self.index].front(x, m))


class LastSegment(_DitGraph):
    def forward(self, attention: Tensor, residual: Tensor, modulation: Tensor, previous: Tensor) -> Tensor:
        m = modulation.unflatten(1, (6, self.dit.config.width))
        x = self.dit.blocks[-1].back(residual, attention, m)
        return self.dit.read_out(x[None], m, previous)


class TextMonolith(_DitGraph):
    def forward(self, text_states: Tensor, time_features: Tensor, cos: Tensor, sin: Tensor, past_k: Tensor, past_v: Tensor) -> tuple[Tensor, ...]:
        m = self.modulation(time_features)
        return self.dit.cached(self.dit.embed_text(text_states), m, cos, sin, past_k, past_v)[1:]


class VisionMonolith(_DitGraph):
    def forward(
        self, latent: Tensor, previous: Tensor, time_features: Tensor, cos: Tensor, sin: Tensor, past_k: Tensor, past_v: Tensor
    ) -> tuple[Tensor, ...]:
        m = self.modulation(time_features)
        x, k, v = self.dit.cached(self.vision(latent, previous), m, cos, sin, past_k, past_v)
        return self.dit.read_out(x[None], m, previous), k, v
