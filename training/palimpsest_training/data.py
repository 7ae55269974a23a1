"""Training examples as latents: drawn, encoded once, and cut into training batches."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from .model.vae import Vae, to_tensor
from .text import build_tokenizer
from .world.sampling import WORLD, World
from .world.sprites import OBJECTS
from .world.tasks import Slot, fill_shard

TEXT_TOKENS = 32


@torch.no_grad()
def encode_frames(vae: Vae, frames: np.ndarray, batch: int = 16) -> Tensor:
    """[n, H, W, 3] uint8 -> normalised latents [n, C, h, w] float16 on the CPU."""
    device = next(vae.parameters()).device
    out = []
    for start in range(0, len(frames), batch):
        images = to_tensor(frames[start : start + batch]).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            latent = vae.encode(images.contiguous(memory_format=torch.channels_last))
        out.append(latent.half().cpu())
    return torch.cat(out)


def encode_texts(texts: list[str], rng: random.Random | None) -> tuple[Tensor, Tensor]:
    """Token ids [n, 32], padded with 0, and lengths [n]; with `rng` some texts end with a full stop."""
    tokenizer = build_tokenizer()
    ids, lengths = torch.zeros(len(texts), TEXT_TOKENS, dtype=torch.long), torch.zeros(len(texts), dtype=torch.long)
    for row, text in enumerate(texts):
        code = tokenizer.encode(text + ("." if rng is not None and rng.random() < 0.1 else "")).ids
        ids[row, : len(code)] = torch.tensor(code)
        lengths[row] = len(code)
    return ids, lengths


@dataclass(slots=True)
class Shard:
    """Encoded examples of one pattern. N rows; every field but the pattern maps a slot's index to what fills it.

    pictures [N, C, h, w] f16; ids [N, 32] and lengths [N]; for targets labels [N, P] uint8, changed [N, P] bool, reach [N].
    """

    pattern: list[Slot]
    pictures: dict[int, Tensor]
    ids: dict[int, Tensor]
    lengths: dict[int, Tensor]
    labels: dict[int, Tensor]
    changed: dict[int, Tensor]
    reach: dict[int, Tensor]

    def __len__(self) -> int:
        return len(next(iter(self.pictures.values())))

    @property
    def turns(self) -> int:
        return 1 + max(slot.turn for slot in self.pattern)


def make_shard(
    vae: Vae,
    seed: int,
    task: str,
    *,
    rows: int = 64,
    size: int = 256,
    cells: int = 8,
    turns: int = 6,
    world: World = WORLD,
    allowed: tuple[str, ...] | None = None,
) -> Shard:
    """Draws and encodes `rows` examples of a task; the same seed gives the same shard. `world` and `allowed` as in `fill_shard`."""
    rng = random.Random(f"{task} {seed}")
    filler = fill_shard(rng, task, rows, size, cells, turns, world, allowed)
    columns = [[row.contents[index] for row in filler.rows] for index in range(len(filler.pattern))]
    shard = Shard(filler.pattern, {}, {}, {}, {}, {}, {})
    for index, (slot, column) in enumerate(zip(filler.pattern, columns, strict=True)):
        if slot.kind == "text":
            # Roles are never varied: the runtime says them as they are.
            shard.ids[index], shard.lengths[index] = encode_texts(column, None if slot.is_role else rng)
            continue
        shard.pictures[index] = encode_frames(vae, np.stack(column))
        if slot.is_target:
            for mine, theirs in ((shard.labels, "labels"), (shard.changed, "changed")):
                mine[index] = torch.from_numpy(np.stack([getattr(row, theirs)[index] for row in filler.rows]))
            shard.reach[index] = torch.tensor([row.reach[index] for row in filler.rows])
    return shard


@dataclass(slots=True)
class Batch:
    """Rows of shards, or of stretches of their turns, on the training device; fields as in `Shard`, pictures float32.

    `present` tells which rows hold a slot that was dropped from some; without an entry all do. `empty` [C, h, w] is the
    latent of an all-black region: what a region that is to be made is edited from.
    """

    pattern: tuple[Slot, ...]
    pictures: dict[int, Tensor]
    ids: dict[int, Tensor]
    lengths: dict[int, Tensor]
    labels: dict[int, Tensor]
    changed: dict[int, Tensor]
    present: dict[int, Tensor]
    empty: Tensor

    @property
    def size(self) -> int:
        return len(next(iter(self.pictures.values())))

    @property
    def targets(self) -> list[int]:
        return [index for index, slot in enumerate(self.pattern) if slot.is_target]

    def asked(self, slots: list[int]) -> Tensor:
        """[B, len(slots)] bool: a row without the role text was not asked for that target."""
        everyone = torch.ones(self.size, device=self.empty.device, dtype=torch.bool)
        return torch.stack([self.present.get(slot, everyone) for slot in slots], 1)


@dataclass(frozen=True, slots=True)
class Dropout:
    """Shares of context that a row loses: regions that could be given, and frames (VINCIE 4.1).

    Instructions stay: the pass that would hide one from later turns hides it from its own.
    """

    region_now: float = 0.5
    region_next: float = 0.5
    frame: float = 0.2


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive turns of a shard, with the picture that the first of them edits; `rows` refer to nothing before it."""

    shard: Shard
    slots: tuple[int, ...]
    pattern: tuple[Slot, ...]
    rows: Tensor


def makes_thing(shard: Shard, target: int) -> Tensor:
    """[N] bool: the edit paints something new into a part of the picture, which is slower to learn than what changes all of it."""
    changed = shard.changed[target]
    is_thing = changed & (shard.labels[target] < len(OBJECTS))
    return is_thing.any(-1) & (changed.float().mean(-1) < 0.5)


def stretches(shard: Shard, turns: int, emphasis: int = 1) -> list[Stretch]:
    """All stretches of `turns` turns that some row can be cut to; those of one turn that make a thing hold their rows `emphasis` times."""
    found = []
    for first in range(shard.turns - turns + 1):
        slots = [i for i, slot in enumerate(shard.pattern) if first <= slot.turn < first + turns]
        edited = next(shard.pattern[i].edits for i in slots if shard.pattern[i].is_target)
        if edited is not None and edited not in slots:
            slots = [edited, *slots]
        rows = torch.ones(len(shard), dtype=torch.bool)
        pattern, place = [], {old: new for new, old in enumerate(slots)}
        for index in slots:
            slot = shard.pattern[index]
            is_edited = slot.turn < first
            if slot.is_target and not is_edited:
                rows &= shard.reach[index] <= slot.turn - first + 1
            pattern.append(
                replace(
                    slot,
                    edits=None if slot.edits is None or is_edited else place[slot.edits],
                    is_target=slot.is_target and not is_edited,
                    is_context=slot.is_context and index != slots[-1],
                    # As the first picture of a session, the edited one belongs to turn 0.
                    turn=max(0, slot.turn - first),
                    group=slot.group and f"{slot.group.split()[0]} {slot.turn - first}",
                )
            )
        if rows.any():
            chosen = torch.nonzero(rows)[:, 0]
            if turns == 1 and emphasis > 1 and slots[-1] in shard.changed:
                chosen = chosen.repeat_interleave(torch.where(makes_thing(shard, slots[-1])[chosen], emphasis, 1))
            found.append(Stretch(shard, tuple(slots), tuple(pattern), chosen))
    return found


def count_tokens(pattern: tuple[Slot, ...], frame_tokens: int, target_tokens: int, text_tokens: int = 9) -> int:
    """Tokens of a row in the training pass: clean and noisy."""
    clean = sum(text_tokens if s.kind == "text" else frame_tokens * s.is_context for s in pattern)
    return clean + target_tokens * sum(s.is_target for s in pattern)


def without_pictures(pattern: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """The pattern of an instruction alone: targets see no picture but the one that they edit, as `previous`."""
    return tuple(replace(slot, is_context=slot.is_context and slot.kind != "image") for slot in pattern)


def take_batch(
    alike: list[Stretch], rng: np.random.Generator, size: int, empty: Tensor, dropout: Dropout, *, device: str = "cpu", is_direct: bool = False
) -> Batch:
    """At most `size` random rows of stretches that share a pattern; `is_direct` leaves out the clean pictures."""
    share = np.array([len(stretch.rows) for stretch in alike])
    picks = rng.choice(share.sum(), size=min(size, int(share.sum())), replace=False)
    ends = share.cumsum()
    taken = []
    for stretch, start, end in zip(alike, ends - share, ends, strict=True):
        inside = picks[(picks >= start) & (picks < end)]
        if len(inside):
            taken.append((stretch, stretch.rows[torch.from_numpy(np.sort(inside) - start)]))

    def column(name: str, where: str = device) -> dict[int, Tensor]:
        parts: dict[int, list[Tensor]] = {}
        for stretch, rows in taken:
            values = getattr(stretch.shard, name)
            for place, index in enumerate(stretch.slots):
                if index in values:
                    parts.setdefault(place, []).append(values[index][rows])
        return {place: torch.cat(found).to(where) for place, found in parts.items()}

    pattern = alike[0].pattern
    batch = Batch(
        without_pictures(pattern) if is_direct else pattern,
        {place: values.float() for place, values in column("pictures").items()},
        *(column(name) for name in ("ids", "lengths", "labels", "changed")),
        present={},
        empty=empty.to(device),
    )
    drop_context(batch, column("reach", "cpu"), rng, dropout)
    return batch


def drop_context(batch: Batch, reach: dict[int, Tensor], rng: np.random.Generator, dropout: Dropout) -> None:
    """Takes regions and frames from some rows, but none that a later turn refers to.

    The frame that a turn edits may go as well: a picture that is to be made holds it as `previous`, a region does not.
    """
    is_session = batch.pattern[-1].turn > 0
    groups: dict[str, Tensor] = {}
    for index, slot in enumerate(batch.pattern):
        if slot.group is not None:
            if slot.group not in groups:
                share = dropout.region_now if slot.group.startswith("regionNow") else dropout.region_next
                groups[slot.group] = torch.from_numpy(rng.random(batch.size) < share)
            dropped = groups[slot.group]
        elif is_session and slot.is_context and slot.kind == "image":
            dropped = torch.from_numpy(rng.random(batch.size) < dropout.frame)
            # Frame k is the one that turn k edits; turn k with reach r needs frames from number k - r + 1 on.
            number = slot.turn + slot.is_target
            for later, needed in reach.items():
                if later > index:
                    target = batch.pattern[later]
                    dropped &= ~((needed > (target.kind == "image")) & (number >= target.turn - needed + 1))
        else:
            continue
        batch.present[index] = ~dropped.to(batch.pictures[min(batch.pictures)].device)
