"""An original above its adversarial example: tokens aligned by edits, with their predictions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from seqattack.attack.goals import find_goal
from seqattack.explain.edits import Edit
from seqattack.explain.marks import Marked, marked_texts
from seqattack.metrics.alignment import aligned_tokens
from seqattack.records import AttackRecord, Prediction
from seqattack.tags import OUTSIDE, tag_class
from seqattack.text import displayed, invisibles

STATES = {
    "right": "right",
    "broken": "newly broken",
    "before": "already wrong before the attack",
    "flip": "another tag that the goal does not count as wrong",
    "spurious": "predicted as an entity, but not one",
}
"""What a token's prediction may be, in words."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A token with its tags.

    Args:
        token: The token, safe to show.
        parts: The same, letter by letter, where the attack changed it; else empty.
        invisible: Names of the characters in it that nobody sees.
        gold: Its true tag.
        predicted: The victim's tag.
        confidence: The victim's probability of the predicted tag; None where unknown.
        state: A key of `STATES`; empty for tokens outside of entities.
        label: The class that colours the token: the true one, or for a spurious entity the
            predicted one; empty outside of entities.
    """

    token: str
    parts: Marked
    invisible: tuple[str, ...]
    gold: str
    predicted: str
    confidence: float | None
    state: str
    label: str

    @property
    def title(self) -> str:
        """Everything about the cell in one line."""
        sure = "" if self.confidence is None else f", confidence {self.confidence:.2f}"
        state = f", {STATES[self.state]}" if self.state else ""
        hidden = "".join(f"; has a {name} in it" for name in self.invisible)
        return f"gold {self.gold}, predicted {self.predicted}{sure}{state}{hidden}"


@dataclass(frozen=True, slots=True)
class Column:
    """A token of the original above the token that took its place.

    Args:
        edit: ``equal``, ``replace``, ``insert`` or ``delete``.
        original: None for an inserted token.
        adversarial: None for a deleted token, and everywhere without an adversarial example.
        is_idle: Whether the edit is known to be unnecessary.
    """

    edit: str
    original: Cell | None
    adversarial: Cell | None
    is_idle: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether the attack changed this token."""
        return self.edit != "equal"


def align(record: AttackRecord, idle: Collection[Edit] = ()) -> list[Column]:
    """Return an example's columns.

    Args:
        record: A failed or skipped attack gives columns of the original alone.
        idle: Edits that are known to be unnecessary.
    """
    above = _cells(record.original, record.goal, frozenset(), frozenset(record.already_wrong))
    if record.adversarial is None:
        return [Column("equal", cell, None) for cell in above]
    below = _cells(record.adversarial, record.goal, frozenset(record.newly_broken), None)
    old, new = marked_texts(record.original.tokens, record.adversarial.tokens)
    above = [_marked(cell, parts) for cell, parts in zip(above, old, strict=True)]
    below = [_marked(cell, parts) for cell, parts in zip(below, new, strict=True)]
    return [
        Column(
            edit,
            None if first is None else above[first],
            None if second is None else below[second],
            Edit(first, second) in idle,
        )
        for edit, first, second in aligned_tokens(record.original.tokens, record.adversarial.tokens)
    ]


def _marked(cell: Cell, parts: Marked) -> Cell:
    if not any(part.changed for part in parts):
        return cell
    return replace(cell, parts=tuple(replace(part, text=displayed(part.text)) for part in parts))


def _cells(
    text: Prediction, goal: str, broken: frozenset[int], before: frozenset[int] | None
) -> list[Cell]:
    wrong = frozenset(find_goal(goal).wrong(text.tags, text.predicted))
    known = wrong - broken if before is None else before
    return list(_each(text, broken, known))


def _each(text: Prediction, broken: frozenset[int], before: frozenset[int]) -> Iterator[Cell]:
    for index, token in enumerate(text.tokens):
        gold, predicted = text.tags[index], text.predicted[index]
        state = ""
        if index in broken:
            state = "broken"
        elif index in before:
            state = "before"
        elif gold == OUTSIDE:
            state = "spurious" if predicted != OUTSIDE else ""
        else:
            state = "right" if predicted == gold else "flip"
        label = gold if gold != OUTSIDE else predicted
        yield Cell(
            displayed(token),
            (),
            invisibles(token),
            gold,
            predicted,
            text.confidence[index] if text.confidence else None,
            state,
            "" if label == OUTSIDE else tag_class(label),
        )
