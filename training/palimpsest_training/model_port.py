"""What a session needs of a model, wherever its graphs run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tokenizers import Tokenizer

from .paste_back import Limits
from .segments import Array


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
