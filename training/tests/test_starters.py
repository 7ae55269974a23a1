"""The start scenes of the page: every prompt fits its scene and is in known words."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reader import Reader, readings

from palimpsest_training.starters import DRAGGED, REFERENCES, STARTERS, draw_parts, main
from palimpsest_training.text import UNKNOWN, build_tokenizer
from palimpsest_training.world.scene import render


def test_every_prompt_changes_its_scene_in_known_words() -> None:
    tokenizer = build_tokenizer()
    for scene, prompts in STARTERS.values():
        for prompt in prompts:
            assert UNKNOWN not in tokenizer.encode(prompt).tokens, prompt
            meant = [Reader([scene], None).obey(kind, words) for kind, _, words in readings(prompt)]
            assert meant, prompt
            assert all(not np.array_equal(render(after, 64), render(scene, 64)) for after in meant), prompt


def test_the_command_writes_a_picture_for_every_scene_and_their_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["starters", "--out", str(tmp_path), "--size", "64"])
    main()
    index = json.loads((tmp_path / "index.json").read_text())
    assert [entry["title"] for entry in index] == list(STARTERS)
    assert {entry["file"] for entry in index} == {path.name for path in tmp_path.glob("*.png")}
    for entry, (scene, prompts) in zip(index, STARTERS.values(), strict=True):
        assert entry["prompts"] == list(prompts)
        with Image.open(tmp_path / entry["file"]) as picture:
            assert np.array_equal(np.asarray(picture), render(scene, 64))


def test_the_examples_take_from_pictures_of_one_thing_and_drag_what_their_scene_shows(tmp_path: Path) -> None:
    draw_parts(tmp_path, 64)
    assert {path.name for path in tmp_path.iterdir()} == {*(f"{name}.png" for name in REFERENCES), *(f"{name}-region.png" for name in DRAGGED)}
    assert all([thing.name for thing in scene.things] == [name] for name, scene in REFERENCES.items())
    for name, title in DRAGGED.items():
        scene = STARTERS[title][0]
        (thing,) = scene.named(name)
        # The rim of its shadow is fainter than anyone sees.
        seen = np.abs(render(scene, 64).astype(int) - render(scene.without(thing), 64)).max(-1) > 4
        with Image.open(tmp_path / f"{name}-region.png") as picture:
            region = np.asarray(picture)[..., 0] > 0
        assert seen[region].mean() > 0.8
        assert not seen[~region].any()
