"""An original above its adversarial example: aligned by edits, with what was predicted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seqattack.attack.goals import find_goal
from seqattack.records import AttackRecord, Prediction
from seqattack.report.text import printable
from seqattack.tags import OUTSIDE, tag_class

STATES = {
    "right": "right",
    "broken": "newly broken",
    "before": "already wrong before the attack",
    "flip": "another tag, which the goal does not count as wrong",
    "spurious": "an entity that is none",
}
"""What may be said of a token's prediction, in words."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A token with its tags.

    Args:
        token: The token, made printable.
        gold: Its true tag.
        predicted: The victim's.
        confidence: The victim's probability of the predicted tag; None where unknown.
        state: A key of `STATES`; empty for tokens outside of entities.
        label: The class that colours the token: the true one, or the predicted one of a spurious
            entity; empty outside of entities.
    """

    token: str
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
        return f"gold {self.gold}, predicted {self.predicted}{sure}{state}"


@dataclass(frozen=True, slots=True)
class Column:
    """A token of the original above the one that stands in its place.

    Args:
        edit: ``equal``, ``replace``, ``insert`` or ``delete``.
        original: None for an inserted token.
        adversarial: None for a deleted token, and for all where there is no adversarial example.
    """

    edit: str
    original: Cell | None
    adversarial: Cell | None

    @property
    def is_changed(self) -> bool:
        """Whether the attack changed this token."""
        return self.edit != "equal"


def align(record: AttackRecord) -> list[Column]:
    """Return an example's columns.

    Args:
        record: A failed or skipped attack gives columns of the original alone.
    """
    from rapidfuzz.distance import Levenshtein

    above = _cells(record.original, record.goal, frozenset(), frozenset(record.already_wrong))
    if record.adversarial is None:
        return [Column("equal", cell, None) for cell in above]
    below = _cells(record.adversarial, record.goal, frozenset(record.newly_broken), None)
    texts = list(record.original.tokens), list(record.adversarial.tokens)
    columns: list[Column] = []
    for block in Levenshtein.opcodes(*texts):
        first = above[block.src_start : block.src_end]
        second = below[block.dest_start : block.dest_end]
        for position in range(max(len(first), len(second))):
            a = first[position] if position < len(first) else None
            b = second[position] if position < len(second) else None
            columns.append(Column(block.tag, a, b))
    return columns


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
            printable(token),
            gold,
            predicted,
            text.confidence[index] if text.confidence else None,
            state,
            "" if label == OUTSIDE else tag_class(label),
        )
