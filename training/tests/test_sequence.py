"""The packed sequence, and that one training pass equals inference segment by segment."""

from dataclasses import dataclass, replace

import pytest
import torch
from torch import Tensor

from palimpsest_training.data import Batch, without_pictures
from palimpsest_training.layout import assemble
from palimpsest_training.model.attention import attend
from palimpsest_training.model.dit import Clean, Dit, DitConfig, Target, patchify, rms, unpatchify
from palimpsest_training.model.flow import mix, time_features
from palimpsest_training.model.packing import Segment, frame_positions, sequence_positions, text_positions, training_mask
from palimpsest_training.model.rope import rope_tables
from palimpsest_training.model.t5 import T5Config, T5Encoder
from palimpsest_training.world.tasks import Slot

CONFIG = DitConfig(
    width=32, layers=3, heads=2, feed_forward=48, axis_dims=(2, 2, 6, 6), text_width=32, time_features=16, channels=3, grid=6, patch=2, labels=5
)
TURNS, BATCH, TEXT = 3, 2, 7


@dataclass(frozen=True, slots=True)
class Sessions:
    """Frames [B, T + 1, C, h, w], the region of each turn [B, C, h, w] or None, instructions [B, T, L] and their lengths [B, T]."""

    frames: Tensor
    regions: list[Tensor | None]
    ids: Tensor
    lengths: Tensor
    with_history: bool = True

    def batch(self) -> Batch:
        pattern, pictures, ids, lengths = [Slot("image")], {0: self.frames[:, 0]}, {}, {}
        for turn, region in enumerate(self.regions):
            edited = len(pattern) - 1
            ids[len(pattern)], lengths[len(pattern)] = self.ids[:, turn], self.lengths[:, turn]
            pattern.append(Slot("text", turn))
            if region is not None:
                pictures[len(pattern)] = region
                pattern.append(Slot("mask", turn))
            pictures[len(pattern)] = self.frames[:, turn + 1]
            pattern.append(Slot("image", turn, is_target=True, edits=edited))
        shown = tuple(pattern) if self.with_history else without_pictures(tuple(pattern))
        return Batch(shown, pictures, ids, lengths, {}, {}, {}, torch.zeros(self.frames.shape[2:]))


@pytest.fixture(scope="module")
def networks() -> tuple[Dit, T5Encoder]:
    """Random weights everywhere: the zeros of a fresh network would hide faults."""
    torch.manual_seed(0)
    dit, encoder = Dit(CONFIG), T5Encoder(T5Config(vocabulary=20, width=32, layers=2, heads=2, head_dim=16, feed_forward=48))
    for p in (*dit.parameters(), *encoder.parameters()):
        torch.nn.init.normal_(p, std=0.2)
    return dit.eval().requires_grad_(requires_grad=False), encoder.eval().requires_grad_(requires_grad=False)


@pytest.fixture(scope="module")
def batch() -> Sessions:
    """Two sessions of three turns with a region in the second, and instructions of different lengths."""
    torch.manual_seed(1)
    latent = (BATCH, CONFIG.channels, CONFIG.grid, CONFIG.grid)
    return Sessions(
        frames=torch.randn(BATCH, TURNS + 1, *latent[1:]),
        regions=[None, torch.randn(latent), None],
        ids=torch.randint(0, 20, (BATCH, TURNS, TEXT)),
        lengths=torch.tensor([[7, 3, 5], [2, 6, 4]]),
    )


@pytest.fixture(scope="module")
def noise() -> Tensor:
    return torch.randn(BATCH, TURNS, CONFIG.channels, CONFIG.grid, CONFIG.grid, generator=torch.Generator().manual_seed(2))


TIME = torch.tensor([[0.0, 0.3, 0.8], [0.6, 0.0, 0.95]])


def as_latents(patches: Tensor) -> Tensor:
    return unpatchify(patches, CONFIG.patch, CONFIG.grid, CONFIG.grid)


def infer(networks: tuple[Dit, T5Encoder], batch: Sessions, noise: Tensor, row: int, *, drop_text: bool = False) -> list[Tensor]:
    """Clean latents of every turn, segment by segment with exact lengths and a cache, as the runtime does it."""
    dit, encoder = networks
    side = CONFIG.grid // CONFIG.patch
    at_clean = dit.modulate(time_features(torch.ones(1), CONFIG.time_features))
    cache = [torch.zeros(CONFIG.layers, CONFIG.heads, 0, CONFIG.head_dim)] * 2
    start, results = 0, []

    def extend(x: Tensor, positions: Tensor, past: list[Tensor]) -> list[Tensor]:
        _, k, v = dit.cached(x, at_clean, *rope_tables(positions, CONFIG.axis_dims), *past)
        return [torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)]

    def picture(latent: Tensor, past: list[Tensor]) -> list[Tensor]:
        return extend(dit.embed_frame(latent, torch.zeros_like(latent)), frame_positions(side, side, CONFIG.patch_pixels, start), past)

    if batch.with_history:
        cache = picture(batch.frames[row, 0], cache)
    start += 1
    for turn in range(TURNS):
        length = int(batch.lengths[row, turn])
        states = encoder(batch.ids[row : row + 1, turn, :length], torch.ones(1, length))[0]
        # What follows the text was computed from it, so leaving it out means leaving out its own keys only.
        before = cache[0].shape[2]
        cache = extend(dit.embed_text(states), text_positions(length, start), cache)
        start += length
        region = batch.regions[turn]
        if region is not None:
            cache = picture(region[row], cache)
            start += 1
        past = [torch.cat([c[:, :, :before], c[:, :, before + length :]], 2) for c in cache] if drop_text else cache
        t, previous = TIME[row, turn], batch.frames[row, turn]
        noisy = mix(batch.frames[row, turn + 1], noise[row, turn], t)
        m = dit.modulate(time_features(t[None], CONFIG.time_features))
        tables = rope_tables(frame_positions(side, side, CONFIG.patch_pixels, start), CONFIG.axis_dims)
        x, _, _ = dit.cached(dit.embed_frame(noisy, previous), m, *tables, *past)
        results.append(dit.read_out(x, m[0], previous))
        if batch.with_history:
            cache = picture(batch.frames[row, turn + 1], cache)
        start += 1
    return results


def train_pass(
    networks: tuple[Dit, T5Encoder], batch: Sessions, noise: Tensor, drop_text: Tensor | None = None, keep: Tensor | None = None
) -> Tensor:
    return networks[0](*assemble(*networks, batch.batch(), noise, TIME, drop_text, keep=keep))[0]


def assert_near(got: Tensor, wanted: Tensor) -> None:
    assert (got - wanted).abs().max() < 1e-4 * wanted.abs().max()


def test_a_training_pass_equals_inference_segment_by_segment(networks, batch, noise) -> None:  # noqa: ANN001
    predicted = as_latents(train_pass(networks, batch, noise))
    for row in range(BATCH):
        assert_near(predicted[row], torch.stack(infer(networks, batch, noise, row)))


def test_dropped_text_equals_skipping_its_key_range(networks, batch, noise) -> None:  # noqa: ANN001
    dropped = as_latents(train_pass(networks, batch, noise, torch.ones(BATCH, TURNS, dtype=torch.bool)))
    kept = as_latents(train_pass(networks, batch, noise, torch.zeros(BATCH, TURNS, dtype=torch.bool)))
    for row in range(BATCH):
        assert_near(dropped[row], torch.stack(infer(networks, batch, noise, row, drop_text=True)))
    assert_near(kept, as_latents(train_pass(networks, batch, noise)))
    assert (dropped - kept).abs().max() > 1e-2


def test_without_history_a_target_sees_words_and_regions_only(networks, batch, noise) -> None:  # noqa: ANN001
    direct = replace(batch, with_history=False)
    predicted = as_latents(train_pass(networks, direct, noise))
    for row in range(BATCH):
        assert_near(predicted[row], torch.stack(infer(networks, direct, noise, row)))


def test_padded_text_has_no_influence(networks, batch, noise) -> None:  # noqa: ANN001
    padded = torch.arange(TEXT) >= batch.lengths[..., None]
    other = replace(batch, ids=torch.where(padded, (batch.ids + 7) % 20, batch.ids))
    assert torch.equal(train_pass(networks, batch, noise), train_pass(networks, other, noise))
    longer = replace(batch, ids=torch.nn.functional.pad(batch.ids, (0, 5)))
    assert_near(train_pass(networks, longer, noise), train_pass(networks, batch, noise))


def test_later_turns_have_no_influence_on_earlier_ones(networks, batch, noise) -> None:  # noqa: ANN001
    frames, ids = batch.frames.clone(), batch.ids.clone()
    frames[:, 3] += 1
    ids[:, 2] = (ids[:, 2] + 1) % 20
    changed = train_pass(networks, replace(batch, frames=frames, ids=ids), noise)
    before = train_pass(networks, batch, noise)
    assert torch.equal(changed[:, :2], before[:, :2])
    assert not torch.allclose(changed[:, 2], before[:, 2], atol=1e-3)


def test_sessions_of_a_batch_do_not_mix(networks, batch, noise) -> None:  # noqa: ANN001
    regions = [r if r is None else r.flip(0) for r in batch.regions]
    swapped = Sessions(batch.frames.flip(0), regions, batch.ids.flip(0), batch.lengths.flip(0))
    predicted = networks[0](*assemble(*networks, swapped.batch(), noise.flip(0), TIME.flip(0)))[0]
    assert_near(predicted.flip(0), train_pass(networks, batch, noise))


def test_keeping_all_patches_equals_dropping_none(networks, batch, noise) -> None:  # noqa: ANN001
    everything = torch.arange(CONFIG.patches).expand(BATCH, TURNS, -1)
    assert_near(train_pass(networks, batch, noise, keep=everything), train_pass(networks, batch, noise))


def test_the_order_of_kept_patches_does_not_matter(networks, batch, noise) -> None:  # noqa: ANN001
    keep = torch.stack([torch.randperm(CONFIG.patches, generator=torch.Generator().manual_seed(i))[:5] for i in range(BATCH * TURNS)])
    keep = keep.view(BATCH, TURNS, 5)
    assert_near(train_pass(networks, batch, noise, keep=keep.flip(-1)).flip(2), train_pass(networks, batch, noise, keep=keep))


def dense_forward(dit: Dit, clean: list[Clean], targets: list[Target]) -> Tensor:
    """The training pass as one sequence under one dense mask: slow, and the rule made visible."""
    size = targets[0].noisy.shape[0]
    frames = [dit.embed_frame(t.noisy, t.previous) for t in targets]
    x = torch.cat([*(c.tokens for c in clean), *frames], 1)
    cos, sin = (
        torch.cat([part.expand(size, -1, -1) for part in parts], 1)
        for parts in ([c.cos for c in clean] + [t.cos for t in targets], [c.sin for c in clean] + [t.sin for t in targets])
    )
    lengths = [c.tokens.shape[1] for c in clean]
    allowed = training_mask(lengths, [(t.sees, CONFIG.frame_tokens) for t in targets]).expand(size, -1, -1).clone()
    start = 0
    for block, length in zip(clean, lengths, strict=True):
        if block.valid is not None:
            allowed[:, :, start : start + length] &= block.valid[:, None]
        start += length
    times = [torch.ones(size, n) for n in lengths] + [t.time[:, None].expand(-1, CONFIG.frame_tokens) for t in targets]
    # One modulation per token: [B, n, 6, W] laid out so that the network's rows broadcast.
    shared = dit.modulate(time_features(torch.cat(times, 1), CONFIG.time_features))
    for block in dit.blocks:
        m = shared + block.modulation
        q, k, v = block.qkv(rms(x, CONFIG.norm_eps) * (1 + m[..., 1, :]) + m[..., 0, :]).chunk(3, -1)
        mixed = attend(*block.prepare(q, k, v, cos, sin), allowed[:, None])
        x = x + (1 + m[..., 2, :]) * block.out(mixed.transpose(1, 2).flatten(2))
        gate, up = block.gate_up(rms(x, CONFIG.norm_eps) * (1 + m[..., 4, :]) + m[..., 3, :]).chunk(2, -1)
        x = x + (1 + m[..., 5, :]) * block.down(torch.nn.functional.silu(gate) * up)
    out = []
    for number, t in enumerate(targets):
        at = start + number * CONFIG.frame_tokens
        m = shared[:, at : at + 1]
        out.append(dit.read_patches(x[:, at : at + CONFIG.frame_tokens], m, patchify(t.previous, CONFIG.patch)))
    return torch.stack(out, 1)


def test_attention_by_blocks_equals_the_dense_mask(networks, batch, noise) -> None:  # noqa: ANN001
    clean, targets = assemble(*networks, batch.batch(), noise, TIME)
    assert_near(networks[0](clean, targets)[0], dense_forward(networks[0], clean, targets))


def test_the_dense_mask_follows_the_rule_token_by_token() -> None:
    clean, targets = [3, 2, 4], [(2, 3), (3, 3)]
    mask = training_mask(clean, targets)
    owner = [("clean", i) for i, n in enumerate(clean) for _ in range(n)] + [("target", i) for i, (_, n) in enumerate(targets) for _ in range(n)]
    for (query, i), row in zip(owner, mask.tolist(), strict=True):
        for (key, j), may in zip(owner, row, strict=True):
            wanted = (j <= i if query == "clean" else j < targets[i][0]) if key == "clean" else query == "target" and i == j
            assert may == wanted


def test_positions_count_words_and_pictures_and_place_patches_in_pixels() -> None:
    segments = [Segment("image", 6), Segment("text", 3), Segment("mask", 6), Segment("image", 6)]
    image, text, mask, target = sequence_positions(segments, (2, 2), 32)
    assert image.tolist() == [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 32], [0, 0, 32, 0], [0, 0, 32, 32], [0, 0, 0, 0]]
    assert text.tolist() == [[1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0]]
    assert set(mask[:, 0].tolist()) == {4}
    assert set(target[:, 0].tolist()) == {5}
    assert torch.equal(target[:, 1:], image[:, 1:])


def test_patches_hold_channels_before_pixels_row_by_row_and_go_back() -> None:
    latent = torch.arange(2 * 4 * 6.0).view(2, 4, 6)
    patches = patchify(latent, 2)
    assert patches.shape == (6, 8)
    assert torch.equal(patches[4], latent[:, 2:4, 2:4].flatten())
    assert torch.equal(unpatchify(patches, 2, 4, 6), latent)


def test_an_untrained_network_copies_the_frame_it_edits(batch, noise) -> None:  # noqa: ANN001
    torch.manual_seed(3)
    encoder = T5Encoder(T5Config(vocabulary=20, width=32, layers=1, heads=2, head_dim=16, feed_forward=48))
    dit = Dit(CONFIG)
    predicted, labels = dit(*assemble(dit, encoder, batch.batch(), noise, TIME))
    torch.testing.assert_close(as_latents(predicted), batch.frames[:, :-1])
    assert labels.shape == (BATCH, TURNS, CONFIG.patches, CONFIG.labels)
