"""Instructions, their vocabulary, and whether the world does what they say."""

import random
import re
from collections import defaultdict
from dataclasses import replace

import pytest

from palimpsest_training.text import build_tokenizer, save_tokenizer
from palimpsest_training.world.backgrounds import BACKGROUNDS
from palimpsest_training.world.edits import OPERATIONS, Edit, sample_edit
from palimpsest_training.world.language import scene_words, vocabulary
from palimpsest_training.world.sampling import sample_scene
from palimpsest_training.world.scene import SIZES, STYLES, Scene, Thing
from palimpsest_training.world.sprites import OBJECTS

NAMES = "|".join(OBJECTS)
SIZE_WORDS = {"small": "small", "little": "small", "large": "large", "big": "large"}
REMOVING = ("remove", "delete", "take away", "erase", "get rid of")
GROWING, SHRINKING = {"bigger", "larger", "enlarge", "grow"}, {"smaller", "shrink", "reduce", "down"}


@pytest.fixture(scope="module")
def edits() -> list[Edit]:
    rng = random.Random(1)
    return [sample_edit(rng, sample_scene(rng, held_out=True), held_out=True) for _ in range(4000)]


def place_in(text: str) -> str:
    """The place that the words name, read by rows and columns."""
    words = set(text.split())
    row = "top" if words & {"top", "upper"} else "bottom" if words & {"bottom", "lower"} else ""
    column = "left" if "left" in words else "right" if "right" in words else ""
    return f"{row} {column}".strip() or "middle"


def obey(text: str, scene: Scene, drawn: Thing | None) -> Scene:
    """What a reader of the words would do to the scene: a second, independent meaning of the instructions."""
    words = set(text.split())
    named = re.search(rf"\bthe ({NAMES})\b", text)
    subject = scene.find(named[1] if named else drawn.name) if named or "this" in words else None
    new = re.search(rf"\ban? (?:({'|'.join(SIZE_WORDS)}) )?({NAMES})\b", text)
    style = next((s for s in STYLES if text.endswith(s)), None)
    background = next((b for b in BACKGROUNDS if re.search(rf"\b{b}y?\b", text)), None)
    if subject is None and new is None:
        if style is not None:
            return replace(scene, style=style)
        assert background is not None, text
        return replace(scene, background=background)
    if subject is None:
        thing = Thing(new[2], drawn.place if "here" in words else place_in(text), SIZE_WORDS.get(new[1], "medium"))
        return scene.plus(thing)
    if text.startswith(REMOVING):
        return scene.without(subject.name)
    if new is not None:
        changed = replace(subject, name=new[2])
    elif words & (GROWING | SHRINKING):
        sizes = list(SIZES)
        changed = replace(subject, size=sizes[sizes.index(subject.size) + (1 if words & GROWING else -1)])
    elif words & set(SIZES):
        changed = replace(subject, size=next(s for s in SIZES if s in words))
    else:
        changed = replace(subject, place=drawn.place if "here" in words else place_in(text))
    return scene.without(subject.name).plus(changed)


def test_the_scene_after_an_edit_is_what_the_words_say(edits: list[Edit]) -> None:
    for edit in edits:
        meant = obey(edit.instruction, edit.before, edit.drawn)
        assert set(meant.things) == set(edit.after.things), edit
        assert (meant.background, meant.style) == (edit.after.background, edit.after.style), edit


def test_every_operation_has_several_phrasings(edits: list[Edit]) -> None:
    openings: dict[str, set[str]] = defaultdict(set)
    for edit in edits:
        openings[edit.operation].add(" ".join(edit.instruction.split()[:2]))
    assert set(openings) == set(OPERATIONS)
    assert all(len(found) >= 4 for found in openings.values())


def test_every_word_of_every_instruction_is_in_the_vocabulary(edits: list[Edit]) -> None:
    known = set(vocabulary())
    assert {word for edit in edits for word in edit.instruction.split()} <= known


def test_an_instruction_fits_16_tokens_and_holds_no_unknown_one(edits: list[Edit]) -> None:
    tokenizer = build_tokenizer()
    unknown, end = tokenizer.token_to_id("<unk>"), tokenizer.token_to_id("</s>")
    for edit in edits:
        ids = tokenizer.encode(edit.instruction + ".").ids
        assert len(ids) <= 16
        assert unknown not in ids
        assert ids.count(end) == 1
        assert ids[-1] == end


def test_the_words_of_a_scene_say_all_of_it_in_32_known_tokens() -> None:
    rng = random.Random(6)
    tokenizer = build_tokenizer()
    unknown = tokenizer.token_to_id("<unk>")
    for _ in range(2000):
        scene = sample_scene(rng, held_out=True, most=2, styled=0.0)
        text = scene_words(rng, scene)
        where, _, things = text.partition(" with ")
        meant = Scene(next(b for b in BACKGROUNDS if re.search(rf"\b{b}y?\b", where)))
        for words in things.split(" and ") if things else []:
            meant = obey(words, meant, None)
        assert meant == scene, text
        ids = tokenizer.encode(text + ".").ids
        assert len(ids) <= 32
        assert unknown not in ids


def test_case_and_spaces_do_not_matter_and_unknown_words_become_one_token() -> None:
    tokenizer = build_tokenizer()
    assert tokenizer.encode("  Add a CAT here ").ids == tokenizer.encode("add a cat here").ids
    ids = tokenizer.encode("add a zebra here").ids
    assert [i for i, token in enumerate(ids) if token == tokenizer.token_to_id("<unk>")] == [2]


def test_padding_is_token_0() -> None:
    assert build_tokenizer().token_to_id("<pad>") == 0


def test_the_saved_tokenizer_is_the_one_that_was_built(tmp_path) -> None:  # noqa: ANN001
    save_tokenizer(tmp_path / "tokenizer.json")
    built = build_tokenizer()
    assert (tmp_path / "tokenizer.json").read_text() == built.to_str(pretty=True)


def test_a_drawn_region_goes_with_words_that_point_at_it(edits: list[Edit]) -> None:
    for edit in edits:
        if {"this", "here"} & set(edit.instruction.split()):
            assert edit.drawn is not None, edit
    assert any(edit.drawn is not None for edit in edits)
