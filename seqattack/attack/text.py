"""`TaggedText`: TextAttack's text, with the corpus's own tokens and their tags beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from seqattack.attack.textattack import AttackedText
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE, Entity, repair_iob2, tag_class


class TaggedText(AttackedText):  # type: ignore[misc]  # TextAttack is untyped
    """A text under attack: tokens, one IOB2 tag a token, and where each token came from.

    TextAttack's transformations see `words`, which are exactly the tokens; whatever they change,
    the tags follow: a swapped token keeps its tag, an inserted token gets ``O``, a deleted token
    takes its tag along, and an entity that is split or loses its first token gets its ``B-``
    repaired.

    Args:
        tokens: The tokens, without white space in them.
        tags: Valid IOB2, as many as tokens.
        origins: For each token its index in the original sentence, None for an inserted one;
            left out for an original.
        attack_attrs: TextAttack's bookkeeping, passed on between its own calls.

    Attributes:
        tokens: The tokens.
        tags: The tags.
        origins: Where each token came from.
        is_candidate: Whether the text passed the attack's constraints; set by the attack. A text
            made only to measure a word's importance is never an adversarial example.
    """

    def __init__(
        self,
        tokens: Sequence[str],
        tags: Sequence[str],
        origins: Sequence[int | None] | None = None,
        attack_attrs: dict[str, Any] | None = None,
    ) -> None:
        self.tokens = tuple(tokens)
        self.tags = tuple(tags)
        if len(self.tokens) != len(self.tags):
            raise ValueError(f"{len(self.tokens)} tokens but {len(self.tags)} tags")
        self.origins = tuple(range(len(self.tokens)) if origins is None else origins)
        self.is_candidate = False
        super().__init__(" ".join(self.tokens), attack_attrs)

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

    @property
    def modified(self) -> frozenset[int]:
        """Indices of the tokens that were changed or inserted since the original."""
        return frozenset(self.attack_attrs["modified_indices"])

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
        for index, (old, slot) in enumerate(zip(self.tokens, new_words, strict=True)):
            parts = slot.split()
            kept = _kept_position(old, parts)
            for position, part in enumerate(parts):
                is_old = position == kept
                changed = not is_old or part != old
                if changed:
                    newly.add(len(tokens))
                if changed or index in self.attack_attrs["modified_indices"]:
                    modified.add(len(tokens))
                tokens.append(part)
                tags.append(_tag_of_part(self.tags[index], old, parts, position, kept))
                origins.append(self.origins[index] if is_old else None)
        if not tokens:
            raise ValueError("an attack may not delete every token of a text")
        attrs = {
            "newly_modified_indices": newly,
            "modified_indices": modified,
            "previous_attacked_text": self,
            "original_index_map": _index_map(origins, len(self.attack_attrs["original_index_map"])),
        }
        return TaggedText(tokens, repair_iob2(tags), origins, attrs)

    def replace_entity(self, entity: Entity, new: Sequence[str]) -> TaggedText:
        """Return the text in which an entity is another one of its class.

        Args:
            entity: One of the text's entities.
            new: The other's tokens; the first of them stand for the old one's.
        """
        start, end = entity.start, entity.end
        longer = len(new) - (end - start)
        tags = [f"B-{entity.label}", *[f"I-{entity.label}"] * (len(new) - 1)]
        stand_ins = [*self.origins[start:end], *[None] * longer][: len(new)]
        origins = (*self.origins[:start], *stand_ins, *self.origins[end:])
        span = set(range(start, start + len(new)))
        kept = {i if i < start else i + longer for i in self.modified if not start <= i < end}
        attrs = {
            "newly_modified_indices": span,
            "modified_indices": kept | span,
            "previous_attacked_text": self,
            "original_index_map": _index_map(origins, len(self.attack_attrs["original_index_map"])),
        }
        return TaggedText(
            (*self.tokens[:start], *new, *self.tokens[end:]),
            repair_iob2([*self.tags[:start], *tags, *self.tags[end:]]),
            origins,
            attrs,
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
        new = {index for index, origin in enumerate(origins) if origin is None}
        attrs = {
            "newly_modified_indices": new,
            "modified_indices": new,
            "previous_attacked_text": self,
            "original_index_map": _index_map(origins, len(self.attack_attrs["original_index_map"])),
        }
        return TaggedText(tokens, tags, origins, attrs)


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
    return tag if tag == OUTSIDE else f"I-{tag_class(tag)}"


def _index_map(origins: Sequence[int | None], originals: int) -> np.ndarray[Any, Any]:
    """Return, for each original token, its index in the text; -1 where it was deleted."""
    mapping = np.full(originals, -1)
    for index, origin in enumerate(origins):
        if origin is not None:
            mapping[origin] = index
    return mapping
