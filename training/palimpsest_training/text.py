"""Word-level tokenizer over the world's instructions, saved as tokenizer.json."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from .world.language import vocabulary

PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"


def tokenizer_words() -> list[str]:
    """All tokens in the order of their ids."""
    return [PAD, END, UNKNOWN, ".", ",", *vocabulary()]


def build_tokenizer(words: list[str] | None = None) -> Tokenizer:
    """Lower-cased words and full stops; unknown words become one token, the end is marked.

    `words` are all tokens in the order of their ids, those of `tokenizer_words` or a part of them in their order.
    """
    known = words or tokenizer_words()
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(known)}, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single=f"$A {END}", special_tokens=[(END, 1)])
    return tokenizer


def save_tokenizer(path: Path, words: list[str] | None = None) -> None:
    build_tokenizer(words).save(str(path))
