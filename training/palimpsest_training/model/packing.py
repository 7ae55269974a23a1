"""The interleaved sequence: segments, their tokens and positions, and who may see whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Kind = Literal["text", "image", "mask"]
ReferenceKind = Literal["picture", "exampleBefore", "exampleAfter"]

# Texts of their own before a region, a reference or a target, which say what it is. The manifest carries them as they are.
ROLES = {
    "regionNow": "region now",
    "regionNext": "region next",
    "pictures": ["picture one", "picture two", "picture three"],
    "exampleBefore": "example before",
    "exampleAfter": "example after",
    "frame": "frame {index} of {count}",
    "numbers": ["one", "two", "three", "four", "five", "six", "seven", "eight"],
}
LEAST_FRAMES, MOST_FRAMES = 4, 8


def frame_role(index: int, count: int) -> str:
    """The role text of frame `index`, counted from 1, of a clip of `count` frames, 4 to 8."""
    if not (LEAST_FRAMES <= count <= MOST_FRAMES and 1 <= index <= count):
        message = f"frame {index} of {count}: a clip has {LEAST_FRAMES} to {MOST_FRAMES} frames, counted from 1"
        raise ValueError(message)
    return ROLES["frame"].format(index=ROLES["numbers"][index - 1], count=ROLES["numbers"][count - 1])


def reference_roles(kinds: list[ReferenceKind]) -> list[str]:
    """The role text of each reference of a turn; pictures are numbered in their order."""
    if kinds.count("picture") > len(ROLES["pictures"]):
        message = f"{kinds.count('picture')} pictures are given as references; a turn takes at most {len(ROLES['pictures'])}"
        raise ValueError(message)
    numbered = iter(ROLES["pictures"])
    return [next(numbered) if kind == "picture" else ROLES[kind] for kind in kinds]


@dataclass(frozen=True, slots=True)
class Segment:
    """One clean block of the sequence; `tokens` counts start and end tokens of a picture, `time` is its place in a clip."""

    kind: Kind
    tokens: int
    time: int = 0

    @property
    def steps(self) -> int:
        """How far it moves the sequence axis: one per text token, one per picture."""
        return self.tokens if self.kind == "text" else 1


def frame_positions(rows: int, columns: int, pixels: int, start: int, time: int = 0) -> Tensor:
    """[rows * columns + 2, 4] positions (s, t, h, w) of a picture whose patches are `pixels` wide."""
    h, w = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    grid = torch.stack([torch.full_like(h, start), torch.full_like(h, time), h * pixels, w * pixels], -1).reshape(-1, 4)
    edge = torch.tensor([[start, time, 0, 0]])
    return torch.cat([edge, grid, edge]).double()


def text_positions(tokens: int, start: int) -> Tensor:
    """[tokens, 4] positions of a text segment."""
    s = torch.arange(start, start + tokens)
    return torch.stack([s, *([torch.zeros_like(s)] * 3)], -1).double()


def sequence_positions(segments: list[Segment], grid: tuple[int, int], pixels: int) -> list[Tensor]:
    """Positions of every segment in order; the sequence axis starts at 0."""
    positions, start = [], 0
    for segment in segments:
        is_text = segment.kind == "text"
        positions.append(text_positions(segment.tokens, start) if is_text else frame_positions(*grid, pixels, start, segment.time))
        start += segment.steps
    return positions


def training_mask(clean: list[int], targets: list[tuple[int, int]]) -> Tensor:
    """Dense reference of the training rule, boolean `[n, n]`, True = may attend.

    Order is `clean blocks | noisy blocks`; `clean` holds block lengths, `targets` pairs of
    (clean blocks it sees, its length). A clean token sees clean blocks up to its own, a noisy token
    the clean blocks before it and its own block (VINCIE Fig. 11).
    """
    block = torch.repeat_interleave(torch.arange(len(clean)), torch.tensor(clean))
    sees = [seen for seen, _ in targets]
    lengths = [length for _, length in targets]
    total_clean, total = sum(clean), sum(clean) + sum(lengths)
    mask = torch.zeros(total, total, dtype=torch.bool)
    mask[:total_clean, :total_clean] = block[None, :] <= block[:, None]
    start = total_clean
    for seen, length in zip(sees, lengths, strict=True):
        mask[start : start + length, :total_clean] = block[None, :] < seen
        mask[start : start + length, start : start + length] = True
        start += length
    return mask
