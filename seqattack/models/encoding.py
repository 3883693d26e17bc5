"""Turning tokens into sub-tokens: one word at a time, cached, and never empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Any

from seqattack.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

UNKNOWN = "\ufdd0"
"""Stands for the unknown token among words: a character that Unicode keeps for programs' own use.

A corpus word such as ``[UNK]`` or ``<unk>`` is text, and split like it."""

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
    """Encodes sentences word by word, as ``is_split_into_words=True`` does.

    A token that the tokenizer turns into nothing (a zero-width space) becomes the unknown token, so
    that every token has a prediction. `UNKNOWN` stands for the unknown token. A token that reads
    like a special one (``[SEP]``, ``</s>``, ``<unk>``) is text; where the vocabulary has it as a
    piece, that piece is unknown.

    Args:
        tokenizer: A fast tokenizer. Its own truncation and padding are switched off. Where it needs
            the space before a word to know that one begins, and does not add it, it is given.
        max_length: Most sub-tokens that the model takes, special tokens included.

    Attributes:
        tokenizer: As given.
        max_length: As given.
        pad_id: The id that fills rows up to the length of their batch.
        special_ids: The ids of special tokens, but for that of the unknown one.

    Raises:
        ModelError: The tokenizer is not a fast one or has no token that can stand for a missing
            word.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast, max_length: int) -> None:
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.pad_id: int = int(tokenizer.pad_token_id or 0)
        self._unk_id = _unknown_id(tokenizer)
        self.special_ids = frozenset(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
        self._before, self._after = self._prepare()
        self._ids = lru_cache(maxsize=CACHED_WORDS)(self._encode_word)
        self._counts = lru_cache(maxsize=CACHED_WORDS)(lambda token: len(self._ids(token)))
        self._widths = lru_cache(maxsize=CACHED_WORDS)(self._measure_word)

    @cached_property
    def largest_id(self) -> int:
        """The largest id that a sub-token may have; special tokens that are never given apart."""
        given = {self.pad_id, self._unk_id, *self._before, *self._after}
        words = set(self.tokenizer.get_vocab().values()) - self.special_ids
        return max(given | words)

    def encode(self, tokens: Sequence[str]) -> Encoded:
        """Return the sub-tokens of a sentence and the position at which each token begins."""
        words = map(self._ids, tokens)
        ids = (*self._before, *chain.from_iterable(words), *self._after)
        *first, _ = accumulate(map(self._counts, tokens), initial=len(self._before))
        return Encoded(ids, tuple(first))

    def pieces(self, token: str) -> int:
        """Return the number of sub-tokens of a token, at least 1."""
        return self._counts(token)

    def widths(self, token: str) -> tuple[int, ...]:
        """Return the number of characters of each sub-token of a token.

        A sub-token that only marks the beginning of a word has none; some other one has one.
        """
        return self._widths(token)

    def length(self, tokens: Sequence[str]) -> int:
        """Return the number of sub-tokens of a sentence, special tokens included."""
        special = len(self._before) + len(self._after)
        return special + sum(map(self._counts, tokens))

    def fits(self, tokens: Sequence[str]) -> bool:
        """Whether the model can take a sentence of these tokens."""
        return self.length(tokens) <= self.max_length

    def _encode_word(self, token: str) -> tuple[int, ...]:
        if token == UNKNOWN:
            return (self._unk_id,)
        word = self._space + token
        self._backend.encode_special_tokens = True  # a call of the tokenizer unsets it
        encoding = self._backend.encode([word], is_pretokenized=True, add_special_tokens=False)
        ids = (self._unk_id if each in self.special_ids else each for each in encoding.ids)
        return tuple(ids) or (self._unk_id,)

    def _measure_word(self, token: str) -> tuple[int, ...]:
        if token == UNKNOWN:
            return (1,)
        self._backend.encode_special_tokens = True
        word = self._space + token
        encoding = self._backend.encode([word], is_pretokenized=True, add_special_tokens=False)
        skipped = len(self._space)
        spans = ((max(start, skipped), end) for start, end in encoding.offsets)
        found = tuple(max(0, end - start) for start, end in spans)
        return found if any(found) else (1,) * max(1, len(found))

    def _prepare(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Set the tokenizer up, and return the special tokens before and after every sentence."""
        if not self.tokenizer.is_fast:
            name = self.tokenizer.name_or_path or "the model"
            raise ModelError(
                f"{name}: its tokenizer ({type(self.tokenizer).__name__}) is not a fast one; save "
                "the model with a tokenizer.json, or choose a model that has one."
            )
        self._backend = self.tokenizer.backend_tokenizer
        self._space = "" if adds_space(self.tokenizer) else " "
        encoding = self._backend.encode(["a"], is_pretokenized=True)
        inside = [i for i, word in enumerate(encoding.word_ids) if word is not None]
        return tuple(encoding.ids[: inside[0]]), tuple(encoding.ids[inside[-1] + 1 :])


class CharacterEncoder(WordEncoder):
    """Encodes sentences of which a model reads every character or byte, spaces between words too.

    A token's tag is read at its first character, and no token counts as split.

    Args:
        tokenizer: Of CANINE or ByT5.
        max_length: As for `WordEncoder`.
    """

    def encode(self, tokens: Sequence[str]) -> Encoded:
        """Return the characters of a sentence and the position at which each token begins."""
        ids = list(self._before)
        first: list[int] = []
        for token in tokens:
            ids.extend(self._gap if first else ())
            first.append(len(ids))
            ids.extend(self._ids(token))
        return Encoded((*ids, *self._after), tuple(first))

    def pieces(self, token: str) -> int:
        """Return 1: characters are no sub-tokens that a word is split into."""
        return 1

    def length(self, tokens: Sequence[str]) -> int:
        """Return the number of characters of a sentence, spaces and special tokens included."""
        gaps = max(0, len(tokens) - 1) * len(self._gap)
        return super().length(tokens) + gaps

    def _encode_word(self, token: str) -> tuple[int, ...]:
        if token == UNKNOWN:
            return (self._unk_id,)
        return self._plain(token) or (self._unk_id,)

    def _measure_word(self, token: str) -> tuple[int, ...]:
        return (1,) * len(self._ids(token))

    def _prepare(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        self._gap = self._plain(" ")
        with_ends = self.tokenizer("a", add_special_tokens=True)["input_ids"]
        at = with_ends.index(self._plain("a")[0])
        return tuple(with_ends[:at]), tuple(with_ends[at + 1 :])

    def _plain(self, text: str) -> tuple[int, ...]:
        """Return the ids of a text's characters; special tokens in it are text."""
        pieces = self.tokenizer._tokenize(text)
        return tuple(self.tokenizer._convert_token_to_id(piece) for piece in pieces)


def make_encoder(tokenizer: Any, max_length: int) -> WordEncoder:
    """Return the encoder that a tokenizer needs.

    Args:
        tokenizer: A fast one, or one of characters or bytes.
        max_length: Most sub-tokens that the model takes.

    Raises:
        ModelError: As for `WordEncoder`.
    """
    of_characters = type(tokenizer).__name__ in ("CanineTokenizer", "ByT5Tokenizer")
    return (CharacterEncoder if of_characters else WordEncoder)(tokenizer, max_length)


def adds_space(tokenizer: Any) -> bool:
    """Whether a fast tokenizer encodes a word alone as it does behind a space.

    Its own truncation and padding are switched off.
    """
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()

    def ids(text: str) -> list[int]:
        return list(backend.encode(text, add_special_tokens=False).ids)

    words = ("the", "London", "a", "won", "1")
    return all(ids(f"a {word}") == [*ids("a"), *ids(word)] for word in words)


def _unknown_id(tokenizer: Any) -> int:
    """Return the id that stands for a missing word: of the unknown token, or of what comes near."""
    for name in ("unk", "mask", "pad", "eos"):
        found = getattr(tokenizer, f"{name}_token_id", None)
        if found is not None:
            return int(found)
    raise ModelError(
        f"{tokenizer.name_or_path or 'the model'}: its tokenizer has no unknown token, "
        "and no mask, padding or end token instead, which word importance needs; set unk_token in "
        "its tokenizer_config.json, or choose another model."
    )
