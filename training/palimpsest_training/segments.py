"""The segments of a session as the network gets them, and pictures and regions as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .model.packing import Kind

Array = np.ndarray


@dataclass(slots=True)
class Entry:
    """One clean segment: its kind, content (token ids, or a latent) and, once computed, its keys and values."""

    kind: Kind
    content: Array
    time: int = 0
    is_aside: bool = False
    """A role text or a reference: neither an instruction nor a picture to edit."""
    turn: int = 0
    """0 for what a session is opened with."""
    picture: Array | None = None
    decoded: Array | None = None
    """What the decoder makes of the latent: the picture with the autoencoder's own blur."""
    kv: tuple[Array, Array] | None = None

    @property
    def steps(self) -> int:
        return len(self.content) if self.kind == "text" else 1

    @property
    def is_editable(self) -> bool:
        return self.kind == "image" and not self.is_aside

    def equals(self, other: Entry) -> bool:
        """Whether both are the same tokens, so that after equal entries they have equal keys and values."""
        mine, theirs = ((e.kind, e.time, e.is_aside) for e in (self, other))
        return mine == theirs and np.array_equal(self.content, other.content)


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


def to_mask(image: Array) -> Array:
    """[1, 3, H, W] in -1..1 -> boolean [H, W]: the mean of the channels, as bytes, is 128 or more."""
    return to_picture(image).sum(-1, dtype=np.int32) >= 3 * 128


def is_inside(region: Array) -> Array:
    """What the model sees of a region, boolean [H, W]: of a soft one, uint8, the pixels of 128 and more."""
    return region if region.dtype == bool else region >= 128


def bounding_region(drawn: Array | None, now: Array | None, next_: Array | None) -> Array | None:
    """Where a picture may change, [H, W]: in the drawn region, and there in the union of now and next, if they leave anything.

    The soft edge of a drawn region that is uint8 stays.
    """
    union = np.logical_or(*(np.zeros((1, 1), bool) if r is None else is_inside(r) for r in (now, next_)))
    inside = union if drawn is None else np.where(union, drawn, np.zeros_like(drawn))
    return inside if is_inside(inside).any() else drawn


def paste_region(edited: Array, earlier: Array, region: Array) -> Array:
    """`earlier` outside the region, `edited` inside it, and a mixture by its value, of 255, where it is uint8 and soft."""
    weights = np.where(region, 1.0, 0.0) if region.dtype == bool else region / 255
    return np.floor(earlier + (edited.astype(float) - earlier) * weights[..., None] + 0.5).astype(np.uint8)
