"""The role texts and the positions of frames in a clip."""

import pytest
import torch

from palimpsest_training.model.packing import ROLES, Segment, frame_positions, frame_role, reference_roles, sequence_positions


def test_every_token_of_a_frame_stands_at_its_time_in_the_clip() -> None:
    now, later = frame_positions(2, 2, 32, 7), frame_positions(2, 2, 32, 7, time=3)
    assert set(now[:, 1].tolist()) == {0}
    assert set(later[:, 1].tolist()) == {3}
    assert torch.equal(now[:, [0, 2, 3]], later[:, [0, 2, 3]])


def test_a_sequence_keeps_the_times_of_its_frames_and_gives_words_none() -> None:
    segments = [Segment("image", 6), Segment("text", 3), Segment("image", 6, time=2)]
    positions = sequence_positions(segments, (2, 2), 32)
    assert [sorted(set(p[:, 1].tolist())) for p in positions] == [[0], [0], [2]]
    assert set(positions[2][:, 0].tolist()) == {4}


def test_a_frame_is_named_by_number_words() -> None:
    assert frame_role(2, 5) == "frame two of five"
    assert len({frame_role(i, n) for n in range(4, 9) for i in range(1, n + 1)}) == 4 + 5 + 6 + 7 + 8


@pytest.mark.parametrize(("index", "count"), [(0, 4), (5, 4), (1, 3), (1, 9)])
def test_a_frame_that_no_clip_has_is_refused(index: int, count: int) -> None:
    with pytest.raises(ValueError, match=f"frame {index} of {count}"):
        frame_role(index, count)


def test_pictures_are_numbered_in_their_order_and_examples_named() -> None:
    assert reference_roles(["exampleBefore", "picture", "exampleAfter", "picture"]) == [
        ROLES["exampleBefore"],
        "picture one",
        ROLES["exampleAfter"],
        "picture two",
    ]
    with pytest.raises(ValueError, match="at most 3"):
        reference_roles(["picture"] * 4)
