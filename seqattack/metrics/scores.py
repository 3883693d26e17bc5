"""The scores of each example (paper, section 4.1.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from seqattack.errors import RecordError
from seqattack.integrity import check
from seqattack.io import json_value
from seqattack.metrics.alignment import modification_rate, positional_modification_rate
from seqattack.metrics.entity_outcomes import found_and_lost
from seqattack.metrics.grammar.checker import GrammarBackend
from seqattack.metrics.metric import Metric
from seqattack.records import AttackRecord
from seqattack.sentence_encoder.session import SimilaritySession
from seqattack.tags import entity_tokens


@dataclass(frozen=True, slots=True)
class ScoredExample:
    """The scores of one record; without an adversarial example, those that need one are None.

    Args:
        id: The sentence's id.
        outcome: How the attack ended.
        stop: Why the search stopped.
        modification_rate: Changed tokens / original tokens, in a minimal alignment.
        positional_modification_rate: Places with different tokens / original tokens.
        labels_score_before: Wrong entity tokens / entity tokens before the attack, in [0, 1].
        labels_score: The same after the attack.
        similarity: Cosine of the sentence embeddings, in [-1, 1].
        grammar_errors_before: Grammar errors in the original.
        grammar_errors_after: Grammar errors in the adversarial example.
        newly_broken: Entity tokens that are wrong after the attack and were right before.
        already_wrong: Entity tokens that were wrong before the attack.
        entity_tokens: Entity tokens of the original.
        found_before: Entities that were found exactly before the attack and are still in the text.
        lost: Those of them that are not found exactly any more.
        queries: Goal-function evaluations.
        forward_passes: Sequences sent through the victim.
    """

    id: str
    outcome: str
    stop: str
    modification_rate: float | None
    positional_modification_rate: float | None
    labels_score_before: float
    labels_score: float
    similarity: float | None
    grammar_errors_before: int | None
    grammar_errors_after: int | None
    newly_broken: int
    already_wrong: int
    entity_tokens: int
    found_before: int
    lost: int
    queries: int
    forward_passes: int

    @property
    def grammar_error_change(self) -> int | None:
        """Grammar errors after the attack − before it; None where they were not counted."""
        if self.grammar_errors_before is None or self.grammar_errors_after is None:
            return None
        return self.grammar_errors_after - self.grammar_errors_before

    def value(self, metric: Metric) -> float | None:
        """Return a metric of the example; None where it has none."""
        found: float | None = getattr(self, metric.key)
        return found

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
        records: The records of one attack.
        similarity: Compares adversarial examples with their originals.
        grammar: Counts the grammar errors in both.
    """
    pairs = {
        r.id: (" ".join(r.original.tokens), " ".join(r.adversarial.tokens))
        for r in records
        if r.adversarial is not None
    }
    alike = dict(zip(pairs, similarity.similarities(list(pairs.values())), strict=True))
    before = dict(zip(pairs, grammar.errors([a for a, _ in pairs.values()]), strict=True))
    after = dict(zip(pairs, grammar.errors([b for _, b in pairs.values()]), strict=True))
    return [score_record(r, alike.get(r.id), (before.get(r.id), after.get(r.id))) for r in records]


def score_record(
    record: AttackRecord,
    similarity: float | None = None,
    grammar_errors: tuple[int | None, int | None] = (None, None),
) -> ScoredExample:
    """Return the scores of one record.

    Args:
        record: Its modification rate and counts are computed here.
        similarity: Cosine of the sentence embeddings; None where it was not measured.
        grammar_errors: Before and after the attack; None where they were not counted.
    """
    texts = (record.original.tokens, record.final.tokens)
    changed = record.adversarial is not None
    found_before, lost = found_and_lost(record)
    return ScoredExample(
        id=record.id,
        outcome=record.outcome.value,
        stop=record.stop.value,
        modification_rate=round(modification_rate(*texts), 6) if changed else None,
        positional_modification_rate=(
            round(positional_modification_rate(*texts), 6) if changed else None
        ),
        labels_score_before=record.labels_score_before,
        labels_score=record.labels_score,
        similarity=similarity,
        grammar_errors_before=grammar_errors[0],
        grammar_errors_after=grammar_errors[1],
        newly_broken=len(record.newly_broken),
        already_wrong=len(record.already_wrong),
        entity_tokens=len(entity_tokens(record.original.tags)),
        found_before=found_before,
        lost=lost,
        queries=record.queries,
        forward_passes=record.forward_passes,
    )


def mean(values: Sequence[float | None]) -> float | None:
    """Return the mean of the values that are known; None without any.

    >>> mean([1.0, None, 2.0]), mean([None])
    (1.5, None)
    """
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def read_scored(path: str | Path) -> list[ScoredExample]:
    """Read the scores that the pipeline wrote as JSON lines.

    Raises:
        RecordError: The file can't be read, or a line of it is something else.
        IntegrityError: It is a run's and changed since it was made.
    """
    check(path)
    found = []
    try:
        with Path(path).open("rb") as lines:
            for line in lines:
                found.append(ScoredExample.from_json(json_value(line)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordError(
            f"{path}:{len(found) + 1}: no scores of an example ({error}); delete the file and run "
            "again."
        ) from error
    return found
