"""Turns, regions, references and clips of the reference, on the untrained model of fixtures/tiny."""

from pathlib import Path

import numpy as np
import pytest

from palimpsest_training.infer import EditingSession, OnnxModel
from palimpsest_training.model.packing import ROLES
from palimpsest_training.segments import Array, bounding_region, to_mask

FOLDER = Path(__file__).parent.parent.parent / "fixtures" / "tiny"
SIZE = 64
START, OTHER, THIRD = (np.random.default_rng(seed).integers(0, 256, (SIZE, SIZE, 3), np.uint8) for seed in (1, 2, 3))
NOW, NEXT = np.zeros((2, SIZE, SIZE), bool)
NOW[:32, :16], NEXT[16:40, 30:50] = True, True


@pytest.fixture(scope="module")
def model() -> OnnxModel:
    return OnnxModel(FOLDER)


def layout(session: EditingSession) -> list[tuple[str, list[int] | int]]:
    """Texts with their ids, pictures and masks with their times."""
    return [(e.kind, e.content.tolist() if e.kind == "text" else e.time) for e in session.entries]


def said(model: OnnxModel, text: str) -> tuple[str, list[int]]:
    return ("text", model.tokenizer.encode(text).ids)


def test_a_turn_keeps_its_references_words_and_regions_each_after_its_role(model: OnnxModel) -> None:
    session = EditingSession(model, START)
    session.edit("add a cat", seed=1, steps=1, drawn=NOW, now=NOW, next=NEXT, references=[("exampleBefore", OTHER), ("picture", THIRD)])
    assert layout(session) == [
        ("image", 0),
        said(model, ROLES["exampleBefore"]),
        ("image", 0),
        said(model, "picture one"),
        ("image", 0),
        said(model, "add a cat"),
        ("mask", 0),
        said(model, ROLES["regionNow"]),
        ("mask", 0),
        said(model, ROLES["regionNext"]),
        ("mask", 0),
        ("image", 0),
    ]
    assert [e.turn for e in session.entries] == [0] + [1] * 11
    assert sum(e.is_editable for e in session.entries) == 2


def test_a_reference_is_never_the_picture_being_edited(model: OnnxModel) -> None:
    session = EditingSession(model, None)
    session.edit("add a cat", seed=1, steps=1, references=[("picture", OTHER)])
    assert np.array_equal(session.entries[-1].content, session.latent)
    session.reorder([0, 1, 2])
    assert session.picture is None
    assert not session.latent.any()


def test_a_predicted_region_leaves_the_session_and_a_chain_of_them_changes_no_number(model: OnnxModel) -> None:
    session = EditingSession(model, START)
    session.edit("make it night", seed=1, steps=1)
    before, chained = layout(session), session.fork()
    now = chained.predict_region("now", "add a cat", seed=2, steps=1)
    after = chained.predict_region("next", "add a cat", now=now, seed=3, steps=1)
    assert (now.shape, now.dtype) == ((SIZE, SIZE), np.bool_)
    assert layout(chained) == before
    made = chained.edit("add a cat", now=now, next=after, seed=4, steps=2)
    assert np.array_equal(made, session.edit("add a cat", now=now, next=after, seed=4, steps=2))
    assert np.array_equal(chained.latent, session.latent)


def test_the_next_region_follows_from_the_one_now(model: OnnxModel) -> None:
    session = EditingSession(model, START)
    latents = []
    for region in (NOW, NEXT):
        session.predict_region("next", "add a cat", now=region, seed=3, steps=1)
        latents.append(session.region_latent)
    assert not np.array_equal(*latents)


def test_nothing_changes_outside_the_union_of_the_regions(model: OnnxModel) -> None:
    session = EditingSession(model, START)
    made = session.edit("add a cat", now=NOW, next=NEXT, seed=4, steps=2)
    assert np.array_equal(made[~(NOW | NEXT)], START[~(NOW | NEXT)])
    changed = (made != START).any(-1)
    assert changed[NOW].any()
    assert changed[NEXT].any()


def test_empty_regions_bound_nothing_and_drawn_ones_always_do() -> None:
    nothing = np.zeros_like(NOW)
    assert bounding_region(None, None, None) is None
    assert bounding_region(None, nothing, None) is None
    # The last one leaves nothing of the drawn region.
    for now, after in ((None, None), (nothing, nothing), (NEXT, None)):
        assert np.array_equal(bounding_region(NOW, now, after), NOW)
    wide = np.ones_like(NOW)
    assert np.array_equal(bounding_region(wide, NOW, NEXT), NOW | NEXT)


def test_a_region_is_where_the_mean_of_the_channels_is_128_or_more() -> None:
    bytes_ = np.array([[[128, 128, 128], [255, 0, 128], [255, 0, 129], [127, 128, 128]]], np.float32)
    assert to_mask(bytes_.transpose(2, 0, 1)[None] / np.float32(127.5) - 1).tolist() == [[True, False, True, False]]


def test_a_session_without_its_past_goes_on_as_one_that_never_had_it(model: OnnxModel) -> None:
    session, fresh = EditingSession(model, START), EditingSession(model, START)
    session.edit("make it night", seed=1, steps=1)
    session.reorder([0])
    assert np.array_equal(session.edit("add a cat", seed=2, steps=1), fresh.edit("add a cat", seed=2, steps=1))


def test_an_order_changes_what_is_made_and_the_old_order_brings_it_back(model: OnnxModel) -> None:
    session = EditingSession(model, START)
    session.edit("make it night", seed=1, steps=1)
    session.edit("add a dog", seed=2, steps=1)

    def goes_on(order: list[int]) -> Array:
        other = session.fork()
        other.reorder(order)
        other.edit("add a cat", seed=3, steps=1)
        return other.latent

    straight = goes_on([0, 1, 2, 3, 4])
    assert not np.array_equal(goes_on([2, 1, 0, 3, 4]), straight)
    shuffled = session.fork()
    shuffled.reorder([2, 1, 0, 3, 4])
    shuffled.reorder([2, 1, 0, 3, 4])
    shuffled.edit("add a cat", seed=3, steps=1)
    assert np.array_equal(shuffled.latent, straight)


class Watched(OnnxModel):
    """Notes from which latent each pass of a target starts; clean segments have none."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.edited: list[Array] = []

    def vision(self, latent: Array, previous: Array, *rest: object) -> tuple[Array, Array, Array]:
        if previous.any():
            self.edited.append(previous)
        return super().vision(latent, previous, *rest)


def test_frames_between_come_from_the_first_picture_and_frames_of_a_clip_from_their_own() -> None:
    model = Watched(FOLDER)
    between, clip = EditingSession(model, START), EditingSession(model, None)
    between.add_picture(OTHER)
    between.between(4, seed=10, steps=1)
    assert [e.tolist() for e in model.edited] == [between.entries[0].content.tolist()] * 2
    model.edited.clear()
    for time, picture in enumerate((START, OTHER, THIRD, START)):
        clip.add_picture(picture, time=time)
    clip.edit_clip("make it night", 4, seed=10, steps=1)
    assert [e.tolist() for e in model.edited] == [e.content.tolist() for e in clip.entries[:4]]


def test_a_clip_between_two_pictures_keeps_its_frames_at_their_times(model: OnnxModel) -> None:
    session = EditingSession(model, START)
    session.add_text("add a cat")
    session.add_picture(OTHER)
    frames = session.between(5, seed=10, steps=1)
    assert [f.shape for f in frames] == [START.shape] * 3
    roles = [said(model, f"frame {i} of five") for i in ("two", "three", "four")]
    assert layout(session)[3:] == [roles[0], ("image", 1), roles[1], ("image", 2), roles[2], ("image", 3)]


def test_guidance_of_a_clip_leaves_out_the_words_between_its_ends(model: OnnxModel) -> None:
    for words, is_guided in (("add a cat", True), (None, False)):
        sessions = [EditingSession(model, START) for _ in range(2)]
        for session, guidance in zip(sessions, (1.0, 3.0), strict=True):
            if words is not None:
                session.add_text(words)
            session.add_picture(OTHER)
            session.between(4, seed=10, steps=1, guidance=guidance)
        assert np.array_equal(sessions[0].latent, sessions[1].latent) != is_guided


def test_an_edited_clip_has_a_frame_for_each_of_its_own(model: OnnxModel) -> None:
    session = EditingSession(model, None)
    for time in range(4):
        session.add_picture(START, time=time)
    frames = session.edit_clip("make it night", 4, seed=10, steps=1)
    assert len(frames) == 4
    assert layout(session)[4] == said(model, "make it night")
    assert [time for kind, time in layout(session) if kind == "image"] == [0, 1, 2, 3] * 2
    assert len(session.edit_clip("add a cat", 4, seed=20, steps=1)) == 4


def test_what_cannot_be_asked_is_refused_and_changes_nothing(model: OnnxModel) -> None:
    session, blank = EditingSession(model, START), EditingSession(model, None)
    for refused in (
        lambda: session.between(4, seed=1),
        lambda: session.edit_clip("make it night", 4, seed=1),
        lambda: session.predict_region("now", "add a cat", now=NOW, seed=1),
        lambda: session.edit("cat " * 40, seed=1),
        lambda: blank.predict_region("now", "add a cat", seed=1),
        lambda: blank.edit("add a cat", drawn=NOW, seed=1),
    ):
        with pytest.raises(ValueError, match=r"picture|clip|given|words"):
            refused()
    assert (layout(session), layout(blank)) == ([("image", 0)], [])


def test_a_soft_edge_blends_by_its_value_and_the_model_sees_where_it_is_half_or_more(model: OnnxModel) -> None:
    soft = np.zeros((SIZE, SIZE), np.uint8)
    soft[:32, :16], soft[:32, 16:20], soft[:32, 20:24] = 255, 200, 51
    hard, softened = (EditingSession(model, START).edit("add a cat", drawn=drawn, seed=4, steps=2) for drawn in (soft >= 128, soft))
    assert np.array_equal(softened[soft == 0], START[soft == 0])
    assert np.array_equal(softened[soft == 255], hard[soft == 255])
    mixed = np.floor(START + (hard.astype(float) - START) * (200 / 255) + 0.5).astype(np.uint8)
    assert np.array_equal(softened[soft == 200], mixed[soft == 200])
    assert (softened != START).any(-1)[soft == 51].any()
