"""Tokens to sub-tokens: one word at a time, cached, never empty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from seqattack.errors import ModelError
from seqattack.sentence import Sentence

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as the model takes it.

    Args:
        input_ids: Sub-token ids, special tokens included.
        first: Position of each token's first sub-token.
    """

    input_ids: tuple[int, ...]
    first: tuple[int, ...]


class WordEncoder:
    """Encodes sentences word by word, exactly as ``is_split_into_words=True`` does.

    A token that the tokenizer turns into nothing becomes the unknown token, so that every token
    has a prediction; the unknown token's own string is that token, not text.

    Args:
        tokenizer: A fast tokenizer.
        max_length: Longest sequence of sub-tokens that the model takes, special tokens included.

    Raises:
        ModelError: The tokenizer is not a fast one or has no unknown token.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast, max_length: int) -> None:
        if not tokenizer.is_fast or tokenizer.unk_token_id is None:
            raise ModelError(
                f"{tokenizer.name_or_path}: its tokenizer is not a fast one with an unknown "
                "token; save the model with a tokenizer.json."
            )
        self.max_length = max_length
        self.unk_token: str = tokenizer.unk_token
        self._backend = tokenizer.backend_tokenizer
        self._backend.no_truncation()
        self._backend.no_padding()
        self._unk_id: int = tokenizer.unk_token_id
        frame = tokenizer.build_inputs_with_special_tokens([self._unk_id])
        cut = frame.index(self._unk_id)
        self._before, self._after = tuple(frame[:cut]), tuple(frame[cut + 1 :])
        self._ids = lru_cache(maxsize=200_000)(self._encode_word)

    def encode(self, tokens: Sequence[str]) -> Encoded:
        """Return the sub-tokens of a sentence and where each token begins."""
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
        frame = len(self._before) + len(self._after)
        return frame + sum(len(self._ids(token)) for token in tokens)

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
