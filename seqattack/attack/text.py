"""`TaggedText`: TextAttack's text, with the corpus's own tokens and their tags beside it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from seqattack.attack.textattack import AttackedText
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE, Entity, continuation, entity_tags, repair_iob2, tag_class


class TaggedText(AttackedText):  # type: ignore[misc]  # TextAttack is untyped
    """A text under attack: tokens, one IOB2 tag a token, and where each token came from.

    TextAttack's transformations see `words`, which are exactly the tokens; whatever they change,
    the tags follow: a swapped token keeps its tag, an inserted token gets ``O``, a deleted token
    takes its tag along, and an entity that is split or loses its first token gets its ``B-``
    repaired.

    A search makes thousands of texts, so one is light: what TextAttack keeps of a text (the joined
    text, `attack_attrs`) is made when it is asked for.

    Args:
        tokens: The tokens, without white space in them.
        tags: Valid IOB2, as many as tokens.
        origins: For each token its index in the original sentence, None for an inserted one;
            left out for an original.
        edit: How the text was made of another one; None for an original.

    Attributes:
        tokens: The tokens.
        tags: The tags.
        origins: Where each token came from.
        maker: The transformation that made the text, if one did.
        is_candidate: Whether the text passed the attack's constraints; set by the attack. A text
            made only to measure a word's importance is never an adversarial example.
    """

    _words = _words_per_input = _pos_tags = _ner_tags = None  # TextAttack fills them when asked

    def __init__(
        self,
        tokens: Sequence[str],
        tags: Sequence[str],
        origins: Sequence[int | None] | None = None,
        edit: Edit | None = None,
    ) -> None:
        self.tokens = tuple(tokens)
        self.tags = tuple(tags)
        if len(self.tokens) != len(self.tags):
            raise ValueError(f"{len(self.tokens)} tokens but {len(self.tags)} tags")
        self.origins = tuple(range(len(self.tokens)) if origins is None else origins)
        self.maker: Any = None
        self.is_candidate = False
        self._edit = edit

    @classmethod
    def from_sentence(cls, sentence: Sentence) -> TaggedText:
        """Return the text of an unattacked sentence."""
        return cls(sentence.tokens, sentence.tags)

    @property
    def words(self) -> list[str]:
        """The tokens, as TextAttack calls them."""
        return list(self.tokens)

    @property
    def num_words(self) -> int:
        """The number of tokens."""
        return len(self.tokens)

    @cached_property
    def text(self) -> str:
        """The tokens, joined by spaces."""
        return " ".join(self.tokens)

    @cached_property
    def attack_attrs(self) -> dict[str, Any]:
        """TextAttack's bookkeeping: what changed, what the text was made of, and by what."""
        edit = self._edit
        attrs: dict[str, Any] = {
            "original_index_map": _index_map(self.origins, self._originals),
            "modified_indices": set(edit.modified if edit else ()),
        }
        if edit is not None:
            attrs["newly_modified_indices"] = set(edit.newly)
            attrs["previous_attacked_text"] = edit.parent
        if self.maker is not None:
            attrs["last_transformation"] = self.maker
        return attrs

    @property
    def modified(self) -> frozenset[int]:
        """Indices of the tokens that were changed or inserted since the original."""
        if "attack_attrs" in self.__dict__:  # TextAttack's searches may write there
            return frozenset(self.attack_attrs["modified_indices"])
        return self._edit.modified if self._edit else frozenset()

    @cached_property
    def _text_input(self) -> OrderedDict[str, str]:
        return OrderedDict(text=self.text)

    @property
    def _originals(self) -> int:
        """The number of tokens of the original."""
        text = self
        while text._edit is not None:
            text = text._edit.parent
        return len(text.tokens)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, TaggedText)
            and self.tokens == other.tokens
            and self.tags == other.tags
        )

    def __hash__(self) -> int:
        return hash(self.tokens)

    def __repr__(self) -> str:
        pairs = (f"{token}/{tag}" for token, tag in zip(self.tokens, self.tags, strict=True))
        return f"TaggedText({' '.join(pairs)})"

    def replace_word_at_index(self, index: int, new_word: str) -> TaggedText:
        """Return the text in which a token is replaced by zero or more new ones.

        Args:
            index: The token's.
            new_word: As an entry of `generate_new_attacked_text`.
        """
        if isinstance(new_word, str) and [new_word] == new_word.split():
            return self.replace_token(index, new_word)
        made: TaggedText = super().replace_word_at_index(index, new_word)
        return made

    def replace_token(self, index: int, new: str) -> TaggedText:
        """Return the text with another token at a place; its tag and its origin stay.

        Args:
            index: The place.
            new: One token.
        """
        old = self.tokens
        place = frozenset(() if new == old[index] else (index,))
        tokens = (*old[:index], new, *old[index + 1 :])
        edit = Edit(self, place, self.modified | place)
        return TaggedText(tokens, self.tags, self.origins, edit)

    def insert_token(self, index: int, new: str) -> TaggedText:
        """Return the text with one more token, which is outside entities.

        Args:
            index: Of the token that it is put before, or the number of tokens. Before a token like
                itself it goes behind that.
            new: One token.
        """
        if index < len(self.tokens) and self.tokens[index] == new:
            index += 1
        tags = [*self.tags[:index], OUTSIDE, *self.tags[index:]]
        if tags[index + 1 : index + 2] and tags[index + 1].startswith("I-"):
            tags[index + 1] = f"B-{tag_class(tags[index + 1])}"
        shifted = (i if i < index else i + 1 for i in self.modified)
        return TaggedText(
            (*self.tokens[:index], new, *self.tokens[index:]),
            tags,
            (*self.origins[:index], None, *self.origins[index:]),
            Edit(self, frozenset({index}), frozenset((index, *shifted))),
        )

    def join_tokens(self, index: int) -> TaggedText:
        """Return the text in which a token and the next are one, as if no space were between them.

        It has the tag and the origin of the first, or of the second where only that is part of an
        entity.

        Args:
            index: The first one's.

        Raises:
            ValueError: The two are of different entities.
        """
        first, second = self.tags[index : index + 2]
        if first != OUTSIDE and second.startswith("B-"):
            raise ValueError("tokens of different entities cannot be joined")
        kept = index + (first == OUTSIDE and second != OUTSIDE)
        joined = self.tokens[index] + self.tokens[index + 1]
        others = (i if i < index else i - 1 for i in self.modified - {index, index + 1})
        return TaggedText(
            (*self.tokens[:index], joined, *self.tokens[index + 2 :]),
            (*self.tags[:index], self.tags[kept], *self.tags[index + 2 :]),
            (*self.origins[:index], self.origins[kept], *self.origins[index + 2 :]),
            Edit(self, frozenset({index}), frozenset((index, *others))),
        )

    def generate_new_attacked_text(self, new_words: Iterable[str]) -> TaggedText:
        """Return the text in which each token is replaced by zero or more new ones.

        Args:
            new_words: One entry a token: the same token, another one, ``""`` to delete it, or
                several separated by spaces. Where the token itself is the first or the last of
                several, the others are insertions around it; otherwise the first of several takes
                the token's tag and the rest continue its entity.

        Raises:
            ValueError: The number of entries differs from the number of tokens, or nothing is
                left of the text.
        """
        tokens: list[str] = []
        tags: list[str] = []
        origins: list[int | None] = []
        newly: set[int] = set()
        modified: set[int] = set()
        before = self.modified
        for index, (old, slot) in enumerate(zip(self.tokens, new_words, strict=True)):
            parts = slot.split()
            kept = _kept_position(old, parts)
            for position, part in enumerate(parts):
                is_old = position == kept
                changed = not is_old or part != old
                if changed:
                    newly.add(len(tokens))
                if changed or index in before:
                    modified.add(len(tokens))
                tokens.append(part)
                tags.append(_tag_of_part(self.tags[index], old, parts, position, kept))
                origins.append(self.origins[index] if is_old else None)
        if not tokens:
            raise ValueError("an attack may not delete every token of a text")
        edit = Edit(self, frozenset(newly), frozenset(modified))
        return TaggedText(tokens, repair_iob2(tags), origins, edit)

    def append_tokens(self, new: Sequence[str]) -> TaggedText:
        """Return the text with more tokens behind it, which are outside entities.

        Args:
            new: The tokens.
        """
        added = frozenset(range(len(self.tokens), len(self.tokens) + len(new)))
        return TaggedText(
            (*self.tokens, *new),
            (*self.tags, *[OUTSIDE] * len(new)),
            (*self.origins, *[None] * len(new)),
            Edit(self, added, self.modified | added),
        )

    def replace_entity(
        self, entity: Entity, new: Sequence[str], label: str | None = None
    ) -> TaggedText:
        """Return the text in which another entity stands in the place of one.

        Args:
            entity: One of the text's entities.
            new: The other's tokens; the first of them stand for the old one's.
            label: The other's class; None for the same one.
        """
        start, end = entity.start, entity.end
        longer = len(new) - (end - start)
        tags = entity_tags(label or entity.label, len(new))
        stand_ins = [*self.origins[start:end], *[None] * longer][: len(new)]
        origins = (*self.origins[:start], *stand_ins, *self.origins[end:])
        span = frozenset(range(start, start + len(new)))
        others = (i for i in self.modified if not start <= i < end)
        kept = frozenset(i if i < start else i + longer for i in others)
        return TaggedText(
            (*self.tokens[:start], *new, *self.tokens[end:]),
            repair_iob2([*self.tags[:start], *tags, *self.tags[end:]]),
            origins,
            Edit(self, span, kept | span),
        )

    def paraphrase(
        self, tokens: Sequence[str], tags: Sequence[str], origins: Sequence[int | None]
    ) -> TaggedText:
        """Return a paraphrase of the text, as a candidate made of it.

        Args:
            tokens: The paraphrase's tokens.
            tags: Valid IOB2, as many as tokens.
            origins: For each token its index in the original sentence, None for a new one.
        """
        new = frozenset(index for index, origin in enumerate(origins) if origin is None)
        return TaggedText(tokens, tags, origins, Edit(self, new, new))


@dataclass(frozen=True, slots=True)
class Edit:
    """How a text was made of another one.

    Args:
        parent: The other one.
        newly: Indices of the tokens that the edit changed or inserted.
        modified: Indices of the tokens that were changed or inserted since the original.
    """

    parent: TaggedText
    newly: frozenset[int]
    modified: frozenset[int]


def _kept_position(old: str, parts: Sequence[str]) -> int:
    """Return which of the new tokens is the old one, or replaces it."""
    if len(parts) > 1 and parts[0] != old and parts[-1] == old:
        return len(parts) - 1
    return 0


def _tag_of_part(tag: str, old: str, parts: Sequence[str], position: int, kept: int) -> str:
    if position == kept:
        return tag
    if parts[kept] == old:
        return OUTSIDE
    return continuation(tag)


def _index_map(origins: Sequence[int | None], originals: int) -> np.ndarray[Any, Any]:
    """Return, for each original token, its index in the text; -1 where it was deleted."""
    mapping = np.full(originals, -1)
    for index, origin in enumerate(origins):
        if origin is not None:
            mapping[origin] = index
    return mapping
