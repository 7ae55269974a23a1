"""The measures of `evaluate`: each task on newly drawn examples, decided by program."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .infer import EditingSession, Model, to_image, to_picture
from .success import MOST_LEFT, Verdict, is_scene, judge, mask_iou, place_error, psnr, psnr_outside, share_left
from .text import UNKNOWN
from .world.edits import OPERATIONS, Way, sample_edit, sample_held_out_session, sample_session
from .world.history import Edit, History
from .world.language import Speaker
from .world.sampling import World, sample_scene
from .world.scene import render, render_between
from .world.tasks import edited_ends, sample_clip_edit, sample_concepts, sample_demonstration, sample_description, sample_glide

STEPS = (1, 2, 4, 8, 32)
CLIP_FRAMES = 4
Row = tuple[str, np.ndarray, np.ndarray, np.ndarray, bool]
"""Words, picture before, truth, result, whether it is right: for the sheet."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured and how: the model, the world that it knows, and the sampler's settings."""

    model: Model
    world: World
    operations: tuple[str, ...]
    steps: int = 4
    guidance: float = 1.0
    shift: float = 1.0

    @property
    def size(self) -> int:
        return self.model.shape.size

    def how(self, rng: random.Random) -> dict[str, float]:
        return {"seed": rng.getrandbits(31), "steps": self.steps, "guidance": self.guidance, "shift": self.shift}

    def shown(self, truth: np.ndarray) -> np.ndarray:
        """What the autoencoder makes of the picture."""
        return to_picture(self.model.decode(self.model.encode(to_image(truth))))

    def verdict(self, edit: Edit, picture: np.ndarray) -> Verdict:
        return judge(edit, picture, self.shown(render(edit.after, self.size)))

    def knows(self, texts: list[str]) -> bool:
        """Whether the model has every word: one that was trained on less may lack some phrasings."""
        unknown = self.model.tokenizer.token_to_id(UNKNOWN)
        return not any(unknown in self.model.tokenizer.encode(text).ids for text in texts)

    def told(self, edits: list[Edit]) -> EditingSession:
        """A session whose turns are given with their true pictures, not made."""
        session = EditingSession(self.model, render(edits[0].before, self.size))
        for edit in edits:
            session.add_text(edit.instruction)
            session.add_picture(render(edit.after, self.size))
        return session

    def edit_of(self, rng: random.Random, *, way: Way = "words", allowed: tuple[str, ...] | None = None, is_unseen: bool = False) -> Edit:
        """A single edit that needs no history, of combinations that may be held out."""
        while True:
            h = History(rng, Speaker(rng, is_unseen=is_unseen), sample_scene(rng, held_out=True, world=self.world), self.world)
            edit = sample_edit(h, way=way, held_out=True, farthest=1, tries=20, allowed=allowed or self.operations)
            if edit is not None and self.knows([edit.instruction]):
                return edit


def measure_sessions(bench: Bench, seed: int, sessions: int, turns: int) -> tuple[dict[str, object], list[Row]]:
    """Success by turn, where a turn counts only when all before it were right, by operation, and what happens outside the change."""
    rng = random.Random(seed)
    model, size = bench.model, bench.size
    right_until = np.zeros(turns)
    operations: dict[str, list[bool]] = defaultdict(list)
    reasons = {"change_unfinished": 0, "leaked": 0, "not_nearest": 0}
    outside, ceiling, leaked, first, drawn, rows = [], [], [], [], [], []
    for _ in range(sessions):
        # One turn in eight comes with a drawn region.
        ways: list[Way] = ["drawn" if rng.random() < 0.125 else "words" for _ in range(turns)]
        while True:
            edits = sample_held_out_session(rng, ways, world=bench.world, allowed=bench.operations)
            if bench.knows([edit.instruction for edit in edits]):
                break
        session = EditingSession(model, render(edits[0].before, size))
        is_right = True
        for turn, edit in enumerate(edits):
            earlier = session.picture
            region = edit.drawn_mask(rng, size)
            picture = session.edit(edit.instruction, drawn=region, **bench.how(rng))
            truth = render(edit.after, size)
            shown = bench.shown(truth)
            verdict = judge(edit, picture, shown)
            is_right = is_right and verdict.is_right
            right_until[turn] += is_right
            if len(rows) < 20 and earlier is not None:
                rows.append((edit.instruction, earlier, truth, picture, verdict.is_right))
            if turn:
                continue
            first.append(verdict.is_right)
            operations[edit.operation].append(verdict.is_right)
            leaked.append(verdict.leaked)
            if region is not None:
                drawn.append(verdict.is_right)
            if not verdict.is_right:
                reason = "change_unfinished" if verdict.left > MOST_LEFT else "leaked" if verdict.leaked > verdict.most_leaked else "not_nearest"
                reasons[reason] += 1
            here = psnr_outside(edit, picture)
            if here is not None:
                best = psnr_outside(edit, shown)
                outside.append(here)
                ceiling.append(here if best is None else best)
    return {
        "single_turn_success": float(np.mean(first)),
        "success_by_turn": [float(n / sessions) for n in right_until],
        "by_operation": {
            name: {"success": float(np.mean(operations[name])), "count": len(operations[name])} for name in OPERATIONS if operations[name]
        },
        "drawn_region_success": mean_or_none(drawn),
        "failures": reasons,
        "psnr_outside_db": float(np.mean(outside)),
        "psnr_outside_vae_db": float(np.mean(ceiling)),
        "leaked_area": float(np.mean(leaked)),
    }, rows


def mean_or_none(values: list[bool] | list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def measure_by_steps(bench: Bench, seed: int, count: int) -> dict[str, float]:
    """Share of right single edits by the number of sampling steps; the same edits and seeds for all, `32 guided` with guidance 2."""
    ways = {str(steps): replace(bench, steps=steps) for steps in STEPS} | {"32 guided": replace(bench, steps=32, guidance=2.0)}
    found = {}
    for name, way in ways.items():
        rng = random.Random(seed)
        found[name] = float(np.mean([_is_edit_right(way, rng, way.edit_of(rng)) for _ in range(count)]))
    return found


def _is_edit_right(bench: Bench, rng: random.Random, edit: Edit, instruction: str | None = None) -> bool:
    session = EditingSession(bench.model, render(edit.before, bench.size))
    region = edit.drawn_mask(rng, bench.size)
    return bench.verdict(edit, session.edit(instruction or edit.instruction, drawn=region, **bench.how(rng))).is_right


def measure_phrasing(bench: Bench, seed: int, count: int) -> float:
    """Share of right edits said in phrasings that training never used."""
    rng = random.Random(seed)
    return float(np.mean([_is_edit_right(bench, rng, bench.edit_of(rng, is_unseen=True)) for _ in range(count)]))


def measure_text_swap(bench: Bench, seed: int, count: int) -> float:
    """Share of edits that look right under the instruction of another edit: near 0, unless words do not matter."""
    rng = random.Random(seed)
    visible = tuple(name for name in bench.operations if name not in {"keep", "absent"})
    edits = [bench.edit_of(rng, allowed=visible) for _ in range(count)]
    right = []
    for edit, other in zip(edits, edits[1:] + edits[:1], strict=True):
        if edit.instruction != other.instruction:
            right.append(_is_edit_right(bench, rng, edit, other.instruction))
    return float(np.mean(right))


_REGIONAL = ("add", "remove", "replace", "move", "resize", "rotate", "recolour", "beside", "among", "count")


def measure_regions(bench: Bench, seed: int, count: int) -> dict[str, object]:
    """Regions from words (now, next, next where now is given), and the same edits made directly and through predicted regions."""
    rng = random.Random(seed)
    now, later, given, chain, direct = [], [], [], [], []
    for _ in range(count):
        edit = bench.edit_of(rng, allowed=_REGIONAL)
        truth = edit.regions(bench.size)
        session, how = EditingSession(bench.model, render(edit.before, bench.size)), bench.how(rng)
        found = session.predict_region("now", edit.instruction, **how)
        now.append(mask_iou(found, truth[0]))
        later.append(mask_iou(session.predict_region("next", edit.instruction, **how), truth[1]))
        given.append(mask_iou(session.predict_region("next", edit.instruction, now=truth[0], **how), truth[1]))
        then = session.predict_region("next", edit.instruction, now=found, **how)
        direct.append(bench.verdict(edit, session.fork().edit(edit.instruction, **how)).is_right)
        chain.append(bench.verdict(edit, session.edit(edit.instruction, now=found, next=then, **how)).is_right)
    return {
        "mask_iou": float(np.mean(now + later)),
        "mask_iou_now": float(np.mean(now)),
        "mask_iou_next": float(np.mean(later)),
        "mask_iou_next_given_now": float(np.mean(given)),
        "chain_success": float(np.mean(chain)),
        "direct_success": float(np.mean(direct)),
    }


def measure_drags(bench: Bench, seed: int, count: int) -> dict[str, object]:
    """Things dragged by their region: success, and how far from the given place they land, in pixels of 128."""
    rng = random.Random(seed)
    errors, right = [], []
    while len(right) < count:
        edit = bench.edit_of(rng, way="dragged")
        now, later = edit.regions(bench.size)
        session = EditingSession(bench.model, render(edit.before, bench.size))
        picture = session.edit(edit.instruction, now=now, next=later, **bench.how(rng))
        errors.append(place_error(edit, picture))
        right.append(bench.verdict(edit, picture).is_right)
    return {"drag_error_px": float(np.mean(errors)), "drag_error_px_median": float(np.median(errors)), "drag_success": float(np.mean(right))}


def measure_drift(bench: Bench, seed: int, count: int, turns: int = 10) -> dict[str, float]:
    """What `turns` instructions that change nothing do to a picture.

    `null_drift_db`: PSNR against the start after the first minus after the last, of what the decoder makes of the latents;
    `null_shown_db` is the PSNR of the shown picture after the last, where untouched pixels stay as they are.
    """
    rng = random.Random(seed)
    lost, shown = [], []
    for _ in range(count):
        start = render(sample_scene(rng, held_out=True, world=bench.world), bench.size)
        session = EditingSession(bench.model, start)
        made = []
        for _ in range(turns):
            picture = session.edit(Speaker(rng).phrase("keep"), **bench.how(rng))
            made.append(to_picture(bench.model.decode(session.latent)))
        lost.append(psnr(made[0], start) - psnr(made[-1], start))
        shown.append(psnr(picture, start))
    return {"null_drift_db": float(np.mean(lost)), "null_shown_db": float(np.mean(shown))}


def measure_history(bench: Bench, seed: int, count: int) -> dict[str, object]:
    """Edits that refer to earlier turns, with the true history, with its turns in a wrong order, and with none.

    The history is given, not made, so that only the last turn is measured.
    """
    rng = random.Random(seed)
    right: dict[str, list[bool]] = {"true": [], "shuffled": [], "removed": []}
    while len(right["true"]) < count:
        edits = sample_session(rng, ["words"] * 3, held_out=True, world=bench.world, allowed=bench.operations)
        h = History(rng, Speaker(rng), edits[0].before, bench.world, edits)
        operation = rng.choice([name for name in ("it", "back") if name in bench.operations])
        last = sample_edit(h, operation=operation, held_out=True, tries=20, allowed=bench.operations)
        if last is None or last.reach < 2:
            continue
        how = bench.how(rng)
        past = bench.told(edits)
        order = [*range(len(past.entries) - 1)]
        rng.shuffle(order)
        current = len(past.entries) - 1
        for name, kept in (("true", None), ("shuffled", [*order, current]), ("removed", [current])):
            session = past.fork()
            if kept is not None:
                session.reorder(kept)
            right[name].append(bench.verdict(last, session.edit(last.instruction, **how)).is_right)
    shares = {name: float(np.mean(values)) for name, values in right.items()}
    return {"history_gap": shares["true"] - shares["removed"], "history_success": shares}


def measure_words(bench: Bench, seed: int, count: int) -> float:
    """Share of scenes of 0 to 2 things, made from words alone, that show what was asked for."""
    rng = random.Random(seed)
    right = 0
    for _ in range(count):
        while True:
            scene, words = sample_description(rng, held_out=True, world=bench.world)
            if bench.knows([words]):
                break
        right += is_scene(scene, EditingSession(bench.model, None).edit(words, **bench.how(rng)))
    return right / count


def measure_concepts(bench: Bench, seed: int, count: int) -> float:
    """Share of pictures put together from one to three reference pictures that are right."""
    rng = random.Random(seed)
    right = []
    for number in range(count):
        sources, base, words, result = sample_concepts(rng, 1 + number % 3, has_picture=number % 2 == 0, held_out=True)
        session = EditingSession(bench.model, None if base is None else render(base, bench.size))
        references = [("picture", render(source, bench.size)) for source in sources]
        picture = session.edit(words, references=references, **bench.how(rng))
        right.append(is_scene(result, picture) if base is None else bench.verdict(Edit("concepts", words, base, result), picture).is_right)
    return float(np.mean(right))


def measure_demonstrations(bench: Bench, seed: int, count: int) -> float:
    """Share of changes shown on one pair of pictures that are right on another picture."""
    rng = random.Random(seed)
    right = []
    for _ in range(count):
        example, edit = sample_demonstration(rng, held_out=True)
        references = [("exampleBefore", render(example.before, bench.size)), ("exampleAfter", render(example.after, bench.size))]
        session = EditingSession(bench.model, render(edit.before, bench.size))
        right.append(bench.verdict(edit, session.edit(edit.instruction, references=references, **bench.how(rng))).is_right)
    return float(np.mean(right))


def measure_stories(bench: Bench, seed: int, count: int) -> float:
    """Share of next scenes with the cast of the history (given, three turns) that are right."""
    rng = random.Random(seed)
    right = []
    while len(right) < count:
        edits = sample_session(rng, ["words"] * 2, held_out=True, world=bench.world, allowed=bench.operations)
        h = History(rng, Speaker(rng), edits[0].before, bench.world, edits)
        last = sample_edit(h, held_out=True, tries=20, operation="story")
        if last is None:
            continue
        right.append(bench.verdict(last, bench.told(edits).edit(last.instruction, **bench.how(rng))).is_right)
    return float(np.mean(right))


def _frames_right(made: list[np.ndarray], truth: list[np.ndarray], ends: list[np.ndarray]) -> float:
    """Share of frames nearer to their own truth than to every other frame of the true clip and to its ends."""

    def error(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.square(a.astype(np.float64) - b).mean())

    nearest = []
    for index, (picture, own) in enumerate(zip(made, truth, strict=True)):
        others = [t for i, t in enumerate([*truth, *ends]) if i != index and error(t, own) > 1.0]
        nearest.append(all(error(picture, own) < error(picture, other) for other in others))
    return float(np.mean(nearest))


def measure_clips_between(bench: Bench, seed: int, count: int) -> dict[str, float]:
    """Clips between two given pictures: frames nearest to their true moment, and their PSNR against it."""
    rng = random.Random(seed)
    right, quality = [], []
    for _ in range(count):
        edit = sample_glide(rng, held_out=True)
        clip = [render_between(edit.before, edit.after, i / (CLIP_FRAMES - 1), bench.size) for i in range(CLIP_FRAMES)]
        session = EditingSession(bench.model, clip[0])
        session.add_text(edit.instruction)
        session.add_picture(clip[-1])
        made = session.between(CLIP_FRAMES, **bench.how(rng))
        right.append(_frames_right(made, clip[1:-1], [clip[0], clip[-1]]))
        quality += [psnr(a, b) for a, b in zip(made, clip[1:-1], strict=True)]
    return {"clip_between_success": float(np.mean(right)), "clip_between_psnr_db": float(np.mean(quality))}


def measure_clip_edits(bench: Bench, seed: int, count: int) -> float:
    """Share of clips of four frames whose every frame is edited right."""
    rng = random.Random(seed)
    right = []
    for _ in range(count):
        motion, edit = sample_clip_edit(rng, held_out=True)
        ends = edited_ends(motion, edit)
        shares = [i / (CLIP_FRAMES - 1) for i in range(CLIP_FRAMES)]
        sources = [render_between(motion.before, motion.after, share, bench.size) for share in shares]
        truth = [render_between(*ends, share, bench.size) for share in shares]
        session = EditingSession(bench.model, None)
        for time, source in enumerate(sources):
            session.add_picture(source, time=time)
        made = session.edit_clip(edit.instruction, CLIP_FRAMES, **bench.how(rng))
        done = [share_left(m, s, t, bench.shown(t)) <= MOST_LEFT for m, t, s in zip(made, truth, sources, strict=True)]
        right.append(all(done))
    return float(np.mean(right))


TASK_MEASURES: dict[str, tuple[str, Callable[[Bench, int, int], object]]] = {
    "text-to-image": ("from_words_success", measure_words),
    "region-now": ("", measure_regions),
    "dragged-region": ("", measure_drags),
    "multi-concept": ("concepts_success", measure_concepts),
    "story": ("story_success", measure_stories),
    "clip-between": ("", measure_clips_between),
    "clip-edit": ("clip_edit_success", measure_clip_edits),
    "demonstration": ("demonstration_success", measure_demonstrations),
}
"""Capability -> key of the report (empty: the measure names its own), and its measure."""
