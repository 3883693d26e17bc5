"""Turning tokens into sub-tokens: one word at a time, cached, and never empty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from seqattack.errors import ModelError
from seqattack.sentence import Sentence

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

CACHED_WORDS = 200_000
"""Words whose sub-tokens are kept; the least recently used is dropped first."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as the model takes it.

    Args:
        input_ids: Sub-token ids, special tokens included.
        first: Position of each token's first sub-token in `input_ids`.
    """

    input_ids: tuple[int, ...]
    first: tuple[int, ...]


class WordEncoder:
    """Encodes sentences word by word, exactly as ``is_split_into_words=True`` does.

    A token that the tokenizer turns into nothing (a zero-width space) becomes the unknown token, so
    that every token has a prediction. The string of the unknown token stands for the unknown token
    and is not split like text.

    Args:
        tokenizer: A fast tokenizer; one of byte-level BPE must be loaded with
            ``add_prefix_space=True``. Its own truncation and padding are switched off.
        max_length: Most sub-tokens that the model takes, special tokens included.

    Attributes:
        tokenizer: As given.
        max_length: As given.
        unk_token: The unknown token's string, such as ``[UNK]`` or ``<unk>``.
        pad_id: The id that fills rows up to the length of their batch.

    Raises:
        ModelError: The tokenizer is not a fast one or has no unknown token.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast, max_length: int) -> None:
        _check_tokenizer(tokenizer)
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.unk_token: str = str(tokenizer.unk_token)
        self.pad_id: int = int(tokenizer.pad_token_id or 0)
        self._unk_id: int = int(tokenizer.unk_token_id)
        self._backend = tokenizer.backend_tokenizer
        self._backend.no_truncation()
        self._backend.no_padding()
        self._before, self._after = self._special_ids()
        self._ids = lru_cache(maxsize=CACHED_WORDS)(self._encode_word)

    def encode(self, tokens: Sequence[str]) -> Encoded:
        """Return the sub-tokens of a sentence and the position at which each token begins."""
        ids = list(self._before)
        first = []
        for token in tokens:
            first.append(len(ids))
            ids.extend(self._ids(token))
        return Encoded((*ids, *self._after), tuple(first))

    def pieces(self, token: str) -> int:
        """Return the number of sub-tokens of a token, at least 1."""
        return len(self._ids(token))

    def length(self, tokens: Sequence[str]) -> int:
        """Return the number of sub-tokens of a sentence, special tokens included."""
        special = len(self._before) + len(self._after)
        return special + sum(len(self._ids(token)) for token in tokens)

    def fits(self, tokens: Sequence[str]) -> bool:
        """Whether the model can take a sentence of these tokens."""
        return self.length(tokens) <= self.max_length

    def check_fits(self, sentences: Iterable[Sentence]) -> None:
        """Check that the model can take all sentences.

        Raises:
            ModelError: One is too long; the message names it.
        """
        for sentence in sentences:
            length = self.length(sentence.tokens)
            if length > self.max_length:
                raise ModelError(
                    f"sentence {sentence.id} has {length} sub-tokens, but the model takes at most "
                    f"{self.max_length}; split the sentence or remove it."
                )

    def _encode_word(self, token: str) -> tuple[int, ...]:
        if token == self.unk_token:
            return (self._unk_id,)
        encoding = self._backend.encode([token], is_pretokenized=True, add_special_tokens=False)
        return tuple(encoding.ids) or (self._unk_id,)

    def _special_ids(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the special tokens before and after every sentence."""
        encoding = self._backend.encode([self.unk_token], is_pretokenized=True)
        inside = [i for i, word in enumerate(encoding.word_ids) if word is not None]
        return tuple(encoding.ids[: inside[0]]), tuple(encoding.ids[inside[-1] + 1 :])


def _check_tokenizer(tokenizer: PreTrainedTokenizerFast) -> None:
    name = tokenizer.name_or_path or "the model"
    if not tokenizer.is_fast:
        raise ModelError(
            f"{name}: its tokenizer ({type(tokenizer).__name__}) is not a fast one; save the model "
            "with a tokenizer.json, or choose a model that has one."
        )
    if tokenizer.unk_token_id is None:
        raise ModelError(
            f"{name}: its tokenizer has no unknown token, which word importance needs; set "
            "unk_token in its tokenizer_config.json, or choose another model."
        )
