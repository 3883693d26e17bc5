"""Adversarial examples with no more edits than they need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from seqattack.attack.goals import find_goal
from seqattack.explain.edits import Edit, EditedText, Variant
from seqattack.explain.explanation import wrong_places
from seqattack.metrics.alignment import modification_rate
from seqattack.records import AttackRecord
from seqattack.victim.gateway import Gateway, Session
from seqattack.victim.prediction import predicted_text
from seqattack.victim.victim import Victim


@dataclass(frozen=True, slots=True)
class Reduction:
    """What was saved over several examples.

    Args:
        examples: Number of adversarial examples.
        edits_before: Their edits.
        edits_after: Those that were left.
        rate_before: Mean modification rate; None without examples.
        rate_after: The same after it.
    """

    examples: int
    edits_before: int
    edits_after: int
    rate_before: float | None
    rate_after: float | None

    def __str__(self) -> str:
        """Return it in a sentence."""
        if self.rate_before is None or self.rate_after is None:
            return "No adversarial example to reduce."
        return (
            f"{self.edits_after} of {self.edits_before} edits of {self.examples} adversarial "
            f"examples are needed; modification rate {self.rate_before:.1%} → "
            f"{self.rate_after:.1%}."
        )


def minimal(record: AttackRecord, victim: Victim) -> AttackRecord:
    """Return an adversarial example with only the edits that it needs.

    From left to right, an edit is undone if every token that the attack broke stays broken; this is
    repeated until no edit can be undone. The result need not have the fewest edits of all.

    Args:
        record: Of an attack. One without an adversarial example is returned as it is; so is one
            that the victim does not get wrong any more, and one in which only entities are
            invented.
        victim: The victim that was attacked.
    """
    if record.adversarial is None:
        return record
    session = Session(Gateway(victim))
    text = EditedText(record)
    kept = frozenset(text.edits)
    (wrong,) = wrong_places(record.goal, [text.variant(kept)], session)
    broken = wrong & set(record.newly_broken)
    edit = _idle(record.goal, text, kept, broken, session) if broken else None
    while edit is not None:
        kept -= {edit}
        edit = _idle(record.goal, text, kept, broken, session)
    if len(kept) == len(text.edits):
        return record
    return _reduced(record, text.variant(kept), broken, session)


def reduction(before: Iterable[AttackRecord], after: Iterable[AttackRecord]) -> Reduction:
    """Return what was saved over several examples.

    Args:
        before: The records of attacks.
        after: What `minimal` made of them, in the same order.
    """
    pairs = [(x, y) for x, y in zip(before, after, strict=True) if x.adversarial is not None]
    first, second = zip(*pairs, strict=True) if pairs else ((), ())
    return Reduction(
        len(pairs),
        sum(len(EditedText(each).edits) for each in first),
        sum(len(EditedText(each).edits) for each in second),
        _mean_rate(first),
        _mean_rate(second),
    )


def _mean_rate(records: tuple[AttackRecord, ...]) -> float | None:
    rates = [modification_rate(each.original.tokens, each.final.tokens) for each in records]
    return sum(rates) / len(rates) if rates else None


def _idle(
    goal: str, text: EditedText, kept: frozenset[Edit], broken: frozenset[int], victim: Session
) -> Edit | None:
    """Return the first edit without which all stays broken; one must be left."""
    if len(kept) < 2:
        return None
    edits = [edit for edit in text.edits if edit in kept]
    found = wrong_places(goal, [text.variant(kept - {edit}) for edit in edits], victim)
    each = zip(edits, found, strict=True)
    return next((edit for edit, wrong in each if broken <= wrong), None)


def _reduced(
    record: AttackRecord, variant: Variant, broken: frozenset[int], victim: Session
) -> AttackRecord:
    (probabilities,) = victim.probabilities([variant.tokens])
    text = predicted_text(variant.tokens, variant.tags, probabilities, victim.labels)
    score = find_goal(record.goal).labels_score(text, text.predicted)
    newly = tuple(k for k, place in enumerate(variant.places) if place in broken)
    return replace(
        record,
        adversarial=text,
        labels_score=round(score, 6),
        newly_broken=newly,
        queries=record.queries + victim.forward_passes,
        forward_passes=record.forward_passes + victim.forward_passes,
    )
