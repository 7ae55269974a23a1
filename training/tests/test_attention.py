"""The backends of the training attention give one result, under both rules and whatever a batch hides."""

from __future__ import annotations

import copy
import itertools

import pytest
import torch
from torch import Tensor

from palimpsest_training.model.attention import Backend, Layout, default_backend, hidden_keys
from palimpsest_training.model.dit import Clean, Dit, DitConfig, Target, compile_blocks
from palimpsest_training.model.packing import frame_positions
from palimpsest_training.model.rope import rope_tables

CONFIG = DitConfig(
    width=32, layers=2, heads=2, feed_forward=48, axis_dims=(4, 4, 4, 4), text_width=8, time_features=16, channels=3, grid=6, patch=2, labels=5
)
BATCH, TEXT = 3, 5
SIDE = CONFIG.grid // CONFIG.patch


def make_dit() -> Dit:
    """Random weights everywhere: the zeros of a fresh network would hide faults."""
    torch.manual_seed(0)
    dit = Dit(CONFIG)
    for p in dit.parameters():
        torch.nn.init.normal_(p, std=0.2)
    return dit


def make_batch(
    turns: int, *, history: bool = True, padded: bool = True, dropped: bool = False, kept: int | None = None
) -> tuple[list[Clean], list[Target]]:
    """`turns` edits: a start picture if there is history, and per turn words, a picture, and a target; the second word onwards may be padding."""
    torch.manual_seed(1)
    lengths = torch.tensor([5, 2, 3])
    clean, targets, at = [], [], 0

    def tables(start: int) -> tuple[Tensor, Tensor]:
        return rope_tables(frame_positions(SIDE, SIDE, CONFIG.patch_pixels, start), CONFIG.axis_dims)

    def picture() -> None:
        cos, sin = tables(at)
        clean.append(Clean(torch.randn(BATCH, CONFIG.frame_tokens, CONFIG.width), cos[None], sin[None]))

    if history:
        picture()
    for turn in range(turns):
        at += 1
        text = len(clean)
        cos, sin = (x[:TEXT].expand(BATCH, -1, -1) for x in tables(at))
        valid = torch.arange(TEXT) < lengths.roll(turn)[:, None] if padded else None
        clean.append(Clean(torch.randn(BATCH, TEXT, CONFIG.width), cos, sin, valid))
        at += TEXT
        drop = torch.tensor([turn == 0, True, False]) if dropped else None
        keep = torch.stack([torch.randperm(CONFIG.patches)[:kept] for _ in range(BATCH)]) if kept else None
        latents = torch.randn(2, BATCH, CONFIG.channels, CONFIG.grid, CONFIG.grid)
        targets.append(Target(*latents, torch.rand(BATCH), *tables(at), sees=len(clean), text=text, drop_text=drop, keep=keep))
        if history and turn + 1 < turns:
            picture()
    return clean, targets


BATCHES = {
    "one turn": {"turns": 1, "padded": False},
    "three turns": {"turns": 3, "padded": False},
    "padded words": {"turns": 2},
    "padded and dropped words": {"turns": 3, "dropped": True},
    "dropped words only": {"turns": 2, "padded": False, "dropped": True},
    "kept patches": {"turns": 2, "dropped": True, "kept": 4},
    "words without history": {"turns": 1, "history": False, "dropped": True},
}
each_batch = pytest.mark.parametrize("options", BATCHES.values(), ids=BATCHES)


def assert_near(got: Tensor, wanted: Tensor) -> None:
    """Equal but for the order of float32 sums."""
    assert got.shape == wanted.shape
    assert (got - wanted).abs().max() <= 2e-5 * wanted.abs().max()


def gradients(dit: Dit, options: dict, **how: str) -> list[Tensor]:
    dit.zero_grad()
    outputs = dit(*make_batch(**options), **how)
    sum((x * torch.linspace(-1, 1, x.numel()).view_as(x)).sum() for x in outputs).backward()
    return [p.grad.clone() for p in dit.parameters() if p.grad is not None]


@each_batch
def test_all_backends_give_equal_outputs(options: dict) -> None:
    dit = make_dit()
    with torch.no_grad():
        wanted, wanted_labels = dit(*make_batch(**options), backend="dense")
        for backend in ("blocks", "flex"):
            got, labels = dit(*make_batch(**options), backend=backend)
            assert_near(got, wanted)
            assert_near(labels, wanted_labels)


@each_batch
def test_blocks_and_the_dense_mask_give_equal_gradients(options: dict) -> None:
    dit = make_dit()
    blocks, dense = (gradients(dit, options, backend=backend) for backend in ("blocks", "dense"))
    assert len(blocks) == len(dense) > 20
    for got, wanted in zip(blocks, dense, strict=True):
        assert_near(got, wanted)


def single(*, dropped: bool = False) -> tuple[list[Clean], list[Target]]:
    """The last turn of three alone, with all that was before it."""
    clean, targets = make_batch(3, dropped=dropped)
    return clean, targets[-1:]


@pytest.mark.parametrize("dropped", [False, True])
def test_all_backends_are_equal_under_the_full_rule(*, dropped: bool) -> None:
    dit = make_dit()
    with torch.no_grad():
        wanted, _ = dit(*single(dropped=dropped), backend="dense", rule="full")
        for backend in ("blocks", "flex"):
            assert_near(dit(*single(dropped=dropped), backend=backend, rule="full")[0], wanted)
        assert (wanted - dit(*single(dropped=dropped))[0]).abs().max() > 1e-3


def influence(rule: str, changed: int) -> Tensor:
    """[n] whether clean tokens see a change in clean block `changed` or, for -1, in the target, after one block."""
    dit = make_dit()
    block_outputs = []
    dit.blocks[0].register_forward_hook(lambda _module, _inputs, output: block_outputs.append(output[0]))
    clean, targets = single()
    dit(clean, targets, rule=rule)
    if changed < 0:
        targets[0].noisy.add_(1.0)
    else:
        clean[changed].tokens.add_(1.0)
    dit(clean, targets, rule=rule)
    return (block_outputs[0] - block_outputs[1]).abs().amax((0, 2)) > 0


@torch.no_grad()
def test_under_the_full_rule_clean_tokens_see_later_ones_and_the_target() -> None:
    last = len(single()[0]) - 1
    assert influence("full", last).all()
    assert influence("full", -1).all()
    before = sum(block.tokens.shape[1] for block in single()[0][:last])
    assert not influence("block-causal", last)[:before].any()
    assert not influence("block-causal", -1).any()


@torch.no_grad()
def test_a_word_dropped_under_the_full_rule_reaches_nobody() -> None:
    dit = make_dit()
    clean, targets = single(dropped=True)
    before = dit(clean, targets, rule="full")[0]
    rows = targets[0].drop_text
    clean[targets[0].text].tokens.add_(1.0)
    after = dit(clean, targets, rule="full")[0]
    assert_near(after[rows], before[rows])
    assert (after[~rows] - before[~rows]).abs().max() > 1e-3


def test_the_full_rule_refuses_several_targets_and_clean_blocks_after_the_target() -> None:
    dit = make_dit()
    clean, targets = make_batch(2)
    for wrong in (targets, targets[:1]):
        with pytest.raises(ValueError, match="one target that sees all 4 clean blocks"):
            dit(clean, wrong, rule="full")


def test_nothing_hidden_needs_no_mask() -> None:
    assert hidden_keys(Layout((3, 2), (2,), 4), None, [1], [None]) is None


def test_flex_refuses_to_train_on_the_cpu_and_an_unknown_backend_is_named() -> None:
    dit = make_dit()
    assert default_backend(torch.device("cpu")) == "blocks"
    with pytest.raises(NotImplementedError, match="train with the backend 'blocks'"):
        dit(*make_batch(1), backend="flex")
    with pytest.raises(ValueError, match="unknown attention backend 'sparse'"):
        dit(*make_batch(1), backend="sparse")


@pytest.mark.parametrize("backend", ["blocks", "flex"])
def test_batches_in_any_order_do_not_disturb_each_other(backend: Backend) -> None:
    """Masks are kept by layout: one of another batch must never be taken."""
    dit = make_dit()
    with torch.no_grad():
        first = [dit(*make_batch(**options), backend=backend)[0] for options in BATCHES.values()]
        for options, wanted in reversed(list(zip(BATCHES.values(), first, strict=True))):
            assert torch.equal(dit(*make_batch(**options), backend=backend)[0], wanted)
    assert all(a.shape != b.shape or not torch.equal(a, b) for a, b in itertools.combinations(first, 2))


def test_compiled_blocks_give_the_same_outputs_and_gradients_and_a_copy_keeps_its_own_weights() -> None:
    plain, compiled = make_dit(), make_dit()
    # Traced, but not compiled to machine code, which would take a minute.
    compile_blocks(compiled, "aot_eager")
    options = BATCHES["padded and dropped words"]
    for got, wanted in zip(gradients(compiled, options), gradients(plain, options), strict=True):
        assert_near(got, wanted)
    other = copy.deepcopy(compiled)
    with torch.no_grad():
        before = compiled(*make_batch(1))[0]
        for p in other.blocks.parameters():
            p.add_(0.1)
        assert torch.equal(compiled(*make_batch(1))[0], before)
        assert (other(*make_batch(1))[0] - before).abs().max() > 1e-3
