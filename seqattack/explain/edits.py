"""An adversarial example as a list of edits, each of which can be undone on its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from seqattack.metrics.alignment import aligned_tokens
from seqattack.records import AttackRecord, Prediction
from seqattack.tags import repair_iob2, tag_class


@dataclass(frozen=True, slots=True)
class Edit:
    """A token that was replaced, inserted or deleted.

    Args:
        original: Its index in the original; None if it was inserted.
        adversarial: Its index in the adversarial example; None if it was deleted.
    """

    original: int | None
    adversarial: int | None


@dataclass(frozen=True, slots=True)
class Variant:
    """A text with some of the edits.

    Args:
        tokens: Its tokens.
        tags: Their true tags.
        places: The index of each token in the adversarial example; None where it has none.
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    places: tuple[int | None, ...]


class EditedText:
    """An original, its adversarial example and the edits between them.

    Args:
        record: Of a successful attack.

    Attributes:
        edits: From left to right, in a minimal alignment; one a token.

    Raises:
        ValueError: The attack found no adversarial example.
    """

    def __init__(self, record: AttackRecord) -> None:
        if record.adversarial is None:
            raise ValueError(f"{record.id}: the attack found no example whose edits could be told.")
        self.original: Prediction = record.original
        self.adversarial: Prediction = record.adversarial
        self._pairs = tuple(
            (Edit(before, after), edit != "equal")
            for edit, before, after in aligned_tokens(self.original.tokens, self.adversarial.tokens)
        )
        self.edits = tuple(pair for pair, is_edit in self._pairs if is_edit)

    def variant(self, applied: Collection[Edit]) -> Variant:
        """Return the text with some of its edits.

        Args:
            applied: Of `edits`; with all of them it is the adversarial example, with none it has
                the original's tokens.
        """
        found: list[tuple[str, str, int | None]] = []
        for pair, is_edit in self._pairs:
            is_new = not is_edit or pair in applied
            if (pair.adversarial if is_new else pair.original) is not None:
                found.append((self._token(pair, is_new), self._tag(pair, is_new), pair.adversarial))
        tokens, tags, places = zip(*found, strict=True) if found else ((), (), ())
        return Variant(tokens, tuple(repair_iob2(tags)), places)

    def says(self, edit: Edit) -> str:
        """Return what an edit did, in words."""
        old = None if edit.original is None else self.original.tokens[edit.original]
        new = None if edit.adversarial is None else self.adversarial.tokens[edit.adversarial]
        if old is None:
            return f"“{new}” inserted"
        return f"“{old}” deleted" if new is None else f"“{old}” → “{new}”"

    def _token(self, pair: Edit, is_new: bool) -> str:
        text, index = self._side(pair, is_new)
        return text.tokens[index]

    def _tag(self, pair: Edit, is_new: bool) -> str:
        """Return a token's tag: the original's, unless the attack gave it another class."""
        text, index = self._side(pair, is_new)
        if pair.original is None:
            return text.tags[index]
        before = self.original.tags[pair.original]
        if tag_class(before) == tag_class(text.tags[index]):
            return before
        return text.tags[index]

    def _side(self, pair: Edit, is_new: bool) -> tuple[Prediction, int]:
        index = pair.adversarial if is_new else pair.original
        if index is None:
            raise ValueError("this side of the edit has no token.")
        return (self.adversarial if is_new else self.original), index
