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
    thetas: tuple[float, ...]
    channels: int
    latent: tuple[int, int]
    """Rows and columns."""
    patch: int
    downsample: int
    max_text: int
    time_features: int

    @property
    def frame(self) -> tuple[int, int]:
        """Height and width in pixels."""
        rows, columns = self.latent
        return rows * self.downsample, columns * self.downsample

    @property
    def patches(self) -> tuple[int, int]:
        """Rows and columns of patches."""
        rows, columns = self.latent
        return rows // self.patch, columns // self.patch

    @property
    def size(self) -> int:
        """Side of a square frame, in pixels."""
        height, width = self.frame
        if height != width:
            message = f"the model's frames are {width}x{height}; scenes are drawn for square frames only"
            raise ValueError(message)
        return width


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
