"""The scores of each example (paper, section 4.1.1)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from seqattack.metrics.alignment import modification_rate
from seqattack.metrics.grammar.checker import GrammarBackend
from seqattack.records import AttackRecord
from seqattack.sentence_encoder.session import SimilaritySession
from seqattack.tags import entity_tokens


@dataclass(frozen=True, slots=True)
class ScoredExample:
    """The scores of one record; those of an adversarial example are None without one.

    Args:
        id: The sentence's id.
        outcome: How the attack ended.
        stop: Why the search stopped.
        modification_rate: Changed tokens by original tokens.
        labels_score_before: Share of entity tokens wrong before the attack, in [0, 1].
        labels_score: The same after it.
        similarity: Cosine of the sentence embeddings, in [-1, 1].
        grammar_errors_before: Errors of the original.
        grammar_errors_after: Errors of the adversarial example.
        newly_broken: Entity tokens that the attack broke.
        already_wrong: Entity tokens that were wrong before.
        entity_tokens: Entity tokens of the original.
        queries: Goal-function evaluations.
        forward_passes: Sequences sent through the victim.
    """

    id: str
    outcome: str
    stop: str
    modification_rate: float | None
    labels_score_before: float
    labels_score: float
    similarity: float | None
    grammar_errors_before: int | None
    grammar_errors_after: int | None
    newly_broken: int
    already_wrong: int
    entity_tokens: int
    queries: int
    forward_passes: int

    @property
    def grammar_error_change(self) -> int | None:
        """Errors after minus errors before."""
        if self.grammar_errors_before is None or self.grammar_errors_after is None:
            return None
        return self.grammar_errors_after - self.grammar_errors_before

    def to_json(self) -> dict[str, Any]:
        """Return the scores as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ScoredExample:
        """Return the scores that `to_json` wrote."""
        return cls(**value)


def score_records(
    records: Sequence[AttackRecord], similarity: SimilaritySession, grammar: GrammarBackend
) -> list[ScoredExample]:
    """Score every record.

    Args:
        records: Of one attack.
        similarity: Compares adversarial example and original.
        grammar: Counts the errors of both.
    """
    pairs = {
        r.id: (" ".join(r.original.tokens), " ".join(r.adversarial.tokens))
        for r in records
        if r.adversarial is not None
    }
    alike = dict(zip(pairs, similarity.similarities(list(pairs.values())), strict=True))
    before = dict(zip(pairs, grammar.errors([a for a, _ in pairs.values()]), strict=True))
    after = dict(zip(pairs, grammar.errors([b for _, b in pairs.values()]), strict=True))
    return [
        ScoredExample(
            id=r.id,
            outcome=r.outcome.value,
            stop=r.stop.value,
            modification_rate=round(modification_rate(r.original.tokens, r.adversarial.tokens), 6)
            if r.adversarial
            else None,
            labels_score_before=r.labels_score_before,
            labels_score=r.labels_score,
            similarity=alike.get(r.id),
            grammar_errors_before=before.get(r.id),
            grammar_errors_after=after.get(r.id),
            newly_broken=len(r.newly_broken),
            already_wrong=len(r.already_wrong),
            entity_tokens=len(entity_tokens(r.original.tags)),
            queries=r.queries,
            forward_passes=r.forward_passes,
        )
        for r in records
    ]


EXAMPLE_METRICS: Mapping[str, Callable[[ScoredExample], float | None]] = {
    "modification_rate": lambda e: e.modification_rate,
    "labels_score": lambda e: e.labels_score,
    "similarity": lambda e: e.similarity,
    "grammar_error_change": lambda e: e.grammar_error_change,
}
"""The metrics that are means over successes."""


def mean(values: Sequence[float | None]) -> float | None:
    """Return the mean of the values that are known; None without any.

    >>> mean([1.0, None, 2.0]), mean([None])
    (1.5, None)
    """
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def read_scored(path: str | Path) -> list[ScoredExample]:
    """Read the scores that the pipeline wrote as JSON lines."""
    with Path(path).open(encoding="utf-8") as lines:
        return [ScoredExample.from_json(json.loads(line)) for line in lines]
