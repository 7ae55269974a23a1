"""The text encoder."""

import math

import pytest
import torch

from palimpsest_training.model.t5 import T5Config, T5Encoder, relative_buckets


@pytest.fixture(scope="module")
def encoder() -> T5Encoder:
    torch.manual_seed(0)
    encoder = T5Encoder(T5Config(vocabulary=30, width=32, layers=2, heads=2, head_dim=16, feed_forward=48))
    torch.nn.init.normal_(encoder.relative_bias.weight)
    return encoder.eval().requires_grad_(requires_grad=False)


def bucket(offset: int, buckets: int, max_distance: int) -> int:
    """Bucket of one key minus query, step by step as the T5 paper's code does it."""
    half = buckets // 2
    side = half if offset > 0 else 0
    distance, exact = abs(offset), half // 2
    if distance < exact:
        return side + distance
    far = exact + int(math.log(distance / exact) / math.log(max_distance / exact) * (half - exact))
    return side + min(far, half - 1)


@pytest.mark.parametrize(("tokens", "buckets", "max_distance"), [(40, 32, 128), (200, 32, 128), (30, 16, 20)])
def test_buckets_equal_a_plain_loop(tokens: int, buckets: int, max_distance: int) -> None:
    table = relative_buckets(tokens, buckets, max_distance)
    assert table.tolist() == [[bucket(key - query, buckets, max_distance) for key in range(tokens)] for query in range(tokens)]


def test_padding_changes_nothing(encoder: T5Encoder) -> None:
    ids = torch.tensor([[3, 9, 4, 1]])
    alone = encoder(ids, torch.ones(1, 4))
    for filler in (0, 7):
        padded = torch.cat([ids, torch.full((1, 12), filler)], 1)
        states = encoder(padded, (torch.arange(16) < 4)[None])
        torch.testing.assert_close(states[:, :4], alone, rtol=1e-4, atol=1e-5)


def test_texts_of_a_batch_do_not_mix(encoder: T5Encoder) -> None:
    ids, mask = torch.tensor([[3, 9, 1, 0], [5, 6, 7, 1]]), torch.tensor([[1, 1, 1, 0], [1, 1, 1, 1]])
    both = encoder(ids, mask)
    torch.testing.assert_close(both[1:], encoder(ids[1:], mask[1:]), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(both[0, :3], encoder(ids[:1, :3], mask[:1, :3])[0], rtol=1e-4, atol=1e-5)


def test_word_order_matters(encoder: T5Encoder) -> None:
    forward, backward = (encoder(torch.tensor([ids]), torch.ones(1, 3)) for ids in ([3, 9, 4], [4, 9, 3]))
    assert not torch.allclose(forward, backward.flip(1), atol=1e-3)


def test_states_have_one_row_a_token_and_unit_scale(encoder: T5Encoder) -> None:
    states = encoder(torch.randint(0, 30, (2, 9)), torch.ones(2, 9))
    assert states.shape == (2, 9, 32)
    torch.testing.assert_close(states.square().mean(-1), torch.ones(2, 9), rtol=1e-3, atol=0)
