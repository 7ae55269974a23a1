"""Instructions, their vocabulary, and whether the world does what they say."""

import random
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from reader import Reader, readings, scene_of

from palimpsest_training.data import TEXT_TOKENS
from palimpsest_training.model.packing import LEAST_FRAMES, MOST_FRAMES, ROLES, frame_role
from palimpsest_training.text import UNKNOWN, build_tokenizer, save_tokenizer
from palimpsest_training.world.edits import WEIGHTS, sample_edit, sample_session
from palimpsest_training.world.history import Edit, History, distinguishing_words
from palimpsest_training.world.language import TEMPLATES, Speaker, fits
from palimpsest_training.world.sampling import sample_scene
from palimpsest_training.world.scene import Scene, placed, render
from palimpsest_training.world.tasks import sample_concepts, sample_demonstration, sample_description

SIZE = 64
Told = tuple[list[Scene], Edit]
"""The scenes so far, and what is asked for next."""


@pytest.fixture(scope="module")
def told() -> list[Told]:
    """Edits by words after up to five turns, each operation and those that look back often enough."""
    rng = random.Random(1)
    found: list[Told] = []
    for number in range(250):
        edits = sample_session(rng, ["words"] * 5, held_out=True)
        scenes = [edits[0].before, *(e.after for e in edits)]
        found += [(scenes[: turn + 1], edit) for turn, edit in enumerate(edits)]
        h = History(rng, Speaker(rng, is_unseen=number % 3 == 0), edits[0].before, edits=edits)
        for operation in ("back", "story", "it", "layer", "camera", "style"):
            extra = sample_edit(h, operation=operation, held_out=True, tries=3)
            found += [] if extra is None else [(scenes, extra)]
    return found


def look_equal(one: Scene, other: Scene) -> bool:
    """Whether two scenes are one picture, up to the last digits of places."""
    difference = np.abs(render(one, SIZE).astype(int) - render(other, SIZE)).max(-1)
    return bool((difference > 16).mean() < 0.002)


def test_the_next_frame_is_what_the_words_say_of_the_frames_within_reach(told: list[Told]) -> None:
    assert {edit.operation for _, edit in told} == set(WEIGHTS)
    assert {edit.reach for _, edit in told} >= {1, 2, 3, 4}
    for scenes, edit in told:
        found = readings(edit.instruction)
        assert found, edit.instruction
        for kind, _, words in found:
            meant = Reader(scenes[-edit.reach :], None).obey(kind, words)
            assert look_equal(meant, edit.after), (edit, kind)


def test_edits_within_a_drawn_region_follow_from_words_and_region() -> None:
    rng = random.Random(2)
    seen = set()
    for _ in range(150):
        edit = sample_session(rng, ["drawn"], held_out=True)[0]
        gone, new = edit.changed_things()
        seen.add(edit.operation)
        for kind, _, words in readings(edit.instruction):
            meant = Reader([edit.before], (gone or new)[0]).obey(kind, words)
            assert look_equal(meant, edit.after), edit
    assert len(seen) == 7


def test_words_point_at_a_region_only_where_one_is_given(told: list[Told]) -> None:
    rng = random.Random(3)
    pointing = {"this", "here"}
    assert not any(pointing & set(edit.instruction.split()) for _, edit in told)
    for way in ("drawn", "dragged"):
        edits = [sample_session(rng, [way])[0] for _ in range(60)]
        assert any(pointing & set(edit.instruction.split()) for edit in edits)
        assert all(edit.is_drawn == (way == "drawn") and edit.is_dragged == (way == "dragged") for edit in edits)


def test_distinguishing_words_fit_one_thing_only() -> None:
    rng = random.Random(4)
    named = 0
    for _ in range(400):
        scene = sample_scene(rng, held_out=True, least=2, styled=0.5)
        for thing in scene.things:
            others = [t for t in scene.named(thing.name) if t != thing]
            words = distinguishing_words(rng, Speaker(rng), scene, thing) if others else None
            if words is not None:
                named += 1
                assert Reader([scene], None).subject(words) == thing, words
    assert named > 100


def test_two_that_look_alike_at_one_height_and_width_cannot_be_told_apart() -> None:
    scene = Scene("beach", (placed("cat", "left", key=1), placed("cat", "left", key=2)))
    assert distinguishing_words(random.Random(0), Speaker(random.Random(0)), scene, scene.things[0]) is None


def test_a_colour_tells_things_apart_only_where_it_can_be_seen() -> None:
    rng = random.Random(5)
    things = (placed("cat", "left", colour="red", key=1), placed("cat", "right", colour="blue", key=2))
    for style, is_said in (("full colour", True), ("black and white", False)):
        scene = Scene("beach", things, style)
        assert any("red" in (distinguishing_words(rng, Speaker(rng), scene, things[0]) or "") for _ in range(60)) == is_said


def test_every_kind_has_several_phrasings_and_no_two_kinds_share_one() -> None:
    owners = defaultdict(set)
    for kind, known in TEMPLATES.items():
        assert len(known) >= 6
        for template in known:
            owners[template].add(kind)
    # "{where}" alone is a scene; places after "add", "put" and the like belong to many kinds with other words in them.
    shared = {template: kinds for template, kinds in owners.items() if len(kinds) > 1}
    assert shared == {}


def test_a_speaker_uses_the_last_phrasing_when_it_is_to_be_unseen_and_never_otherwise() -> None:
    for is_unseen in (False, True):
        speaker = Speaker(random.Random(6), is_unseen=is_unseen)
        for known in ("zoom in", "undo", "keep", "zoom out", "same"):
            said = {speaker.phrase(known) for _ in range(100)}
            assert said == ({TEMPLATES[known][-1]} if is_unseen else set(TEMPLATES[known][:-1]))


def test_every_instruction_has_known_words_only_and_fits_the_tokens_of_the_model(told: list[Told]) -> None:
    rng = random.Random(7)
    tokenizer = build_tokenizer()
    texts = [edit.instruction for _, edit in told]
    texts += [sample_description(rng, held_out=True)[1] for _ in range(500)]
    texts += [sample_concepts(rng, 1 + n % 3, has_picture=n % 2 == 0, held_out=True)[2] for n in range(300)]
    texts += [sample_demonstration(rng)[1].instruction for _ in range(10)]
    texts += [sample_session(rng, ["dragged"])[0].instruction for _ in range(30)]
    for text in texts:
        code = tokenizer.encode(text + ".")
        assert UNKNOWN not in code.tokens, text
        assert len(code.ids) <= TEXT_TOKENS, text
        assert code.tokens.count("</s>") == 1
        assert code.tokens[-1] == "</s>"


def test_every_role_has_known_words_only() -> None:
    tokenizer = build_tokenizer()
    frames = [frame_role(i, n) for n in range(LEAST_FRAMES, MOST_FRAMES + 1) for i in range(1, n + 1)]
    plain = [ROLES[key] for key in ("regionNow", "regionNext", "exampleBefore", "exampleAfter")]
    roles = [*plain, *ROLES["pictures"], *frames]
    assert len(set(roles)) == len(roles)
    assert not any(UNKNOWN in tokenizer.encode(role).tokens for role in roles)


def test_a_text_that_leaves_no_room_for_its_end_does_not_fit() -> None:
    tokenizer = build_tokenizer()
    longest = "cat, " * 15
    assert fits(longest)
    assert len(tokenizer.encode(longest + ".").ids) == TEXT_TOKENS
    assert not fits(longest + "cat")


def test_the_words_of_a_scene_say_all_of_it() -> None:
    rng = random.Random(8)
    for _ in range(600):
        scene, words = sample_description(rng, held_out=True)
        (where,) = {found["where"] for kind, _, found in readings(words) if kind == "scene" and not found["where"].startswith("draw")}
        meant = scene_of(where)
        assert meant.background == scene.background
        assert [(t.name, t.x, t.y, t.side, t.colour) for t in meant.things] == [(t.name, t.x, t.y, t.side, t.colour) for t in scene.things], words


def test_things_of_reference_pictures_go_where_the_words_put_them() -> None:
    rng = random.Random(9)
    for number in range(200):
        sources, base, words, result = sample_concepts(rng, 1 + number % 3, has_picture=number % 2 == 0, held_out=True)
        numbers = {f"of picture {word}": source.things[0] for word, source in zip(("one", "two", "three"), sources, strict=False)}
        parts = [part for part in words.split(" and ") if "of picture" in part]
        assert len(parts) == len(sources)
        for part in parts:
            source = next(thing for key, thing in numbers.items() if key in part)
            where = scene_of(f"a beach with a cat {part.partition(' picture ')[2].partition(' ')[2]}").things[0]
            added = [t for t in result.things if base is None or t not in base.things]
            assert [(t.name, t.side, t.colour) for t in added if (t.x, t.y) == (where.x, where.y)] == [(source.name, source.side, source.colour)], (
                words
            )


def test_case_and_spaces_do_not_matter_and_unknown_words_become_one_token() -> None:
    tokenizer = build_tokenizer()
    assert tokenizer.encode("  Add a CAT here ").ids == tokenizer.encode("add a cat here").ids
    ids = tokenizer.encode("add a zebra here").ids
    assert [i for i, token in enumerate(ids) if token == tokenizer.token_to_id("<unk>")] == [2]


def test_padding_is_token_0() -> None:
    assert build_tokenizer().token_to_id("<pad>") == 0


def test_the_saved_tokenizer_is_the_one_that_was_built(tmp_path) -> None:  # noqa: ANN001
    save_tokenizer(tmp_path / "tokenizer.json")
    assert (tmp_path / "tokenizer.json").read_text() == build_tokenizer().to_str(pretty=True)


def test_turns_of_a_session_follow_each_other() -> None:
    for edit, following in pairwise(sample_session(random.Random(10), ["words"] * 6)):
        assert following.before == edit.after
