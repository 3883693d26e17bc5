"""The metrics of an attack: of each example, and of the whole (paper, section 4.1.1)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from seqattack.attack.records import AttackRecord, Outcome, Stop
from seqattack.metrics.attack import modification_rate
from seqattack.metrics.entities import EntityMetrics, entity_metrics
from seqattack.metrics.grammar import GrammarBackend
from seqattack.metrics.significance import bootstrap_interval
from seqattack.metrics.similarity import SimilaritySession
from seqattack.tags import entities, entity_tokens

Interval = tuple[float, float]


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


@dataclass(frozen=True, slots=True)
class AttackSummary:
    """One row of Table 1, 2 or 3.

    Precision, recall, F1 and token accuracy are those of the subset in which each success is
    replaced by its adversarial example. Modification rate, labels score, similarity and grammar
    error change are means over successes, None without any.

    Args:
        victim: The victim's name.
        recipe: The attack's recipe.
        goal: The goal function.
        sentences: Sentences of the subset.
        attacked: Those attacked: successes and failures.
        successes: Attacks that succeeded.
        skipped: Sentences that could not be attacked.
        attack_rate: Successes by sentences attacked; None if none was.
        precision: After the attack; the paper's column "Acc".
        recall: After the attack.
        f1: After the attack.
        token_accuracy: After the attack.
        modification_rate: Mean share of changed tokens.
        labels_score: Mean share of wrong entity tokens.
        similarity: Mean cosine of original and adversarial example.
        grammar_error_change: Mean of errors after minus before.
        queries: Mean goal-function evaluations a sentence attacked.
        forward_passes: Mean sequences sent through the victim a sentence attacked.
        stops: How often a search stopped for which reason.
        intervals: 95 % bootstrap intervals by metric.
        similarity_backend: What measured the similarity.
        grammar_backend: What counted the errors.
    """

    victim: str
    recipe: str
    goal: str
    sentences: int
    attacked: int
    successes: int
    skipped: int
    attack_rate: float | None
    precision: float
    recall: float
    f1: float
    token_accuracy: float
    modification_rate: float | None
    labels_score: float | None
    similarity: float | None
    grammar_error_change: float | None
    queries: float | None
    forward_passes: float | None
    stops: Mapping[str, int]
    intervals: Mapping[str, Interval]
    similarity_backend: str
    grammar_backend: str

    @property
    def timeouts(self) -> int:
        """Searches that the time limit ended."""
        return self.stops.get(Stop.TIMEOUT.value, 0)

    def to_json(self) -> dict[str, Any]:
        """Return the summary as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> AttackSummary:
        """Return the summary that `to_json` wrote."""
        intervals = {name: (low, high) for name, (low, high) in value["intervals"].items()}
        return cls(**{**value, "intervals": intervals})


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


def original_metrics(records: Sequence[AttackRecord]) -> EntityMetrics:
    """Return the entity metrics of the unattacked subset: the table's row "Original"."""
    return entity_metrics(
        [record.original.tags for record in records],
        [record.original.predicted for record in records],
    )


def summarise(
    records: Sequence[AttackRecord],
    scored: Sequence[ScoredExample],
    victim: str,
    seed: int,
    backends: tuple[str, str],
) -> AttackSummary:
    """Summarise one attack on one victim.

    Args:
        records: One a sentence of the subset.
        scored: Their scores, in the same order.
        victim: The victim's name.
        seed: Of the bootstrap.
        backends: Names of the similarity and the grammar backend.
    """
    after = entity_metrics([r.final.tags for r in records], [r.final.predicted for r in records])
    attacked = [e for e in scored if e.outcome != Outcome.SKIPPED]
    successes = [e for e in scored if e.outcome == Outcome.SUCCESS]
    return AttackSummary(
        victim=victim,
        recipe=records[0].recipe,
        goal=records[0].goal,
        sentences=len(records),
        attacked=len(attacked),
        successes=len(successes),
        skipped=len(records) - len(attacked),
        attack_rate=len(successes) / len(attacked) if attacked else None,
        precision=after.precision,
        recall=after.recall,
        f1=after.f1,
        token_accuracy=after.token_accuracy,
        stops=dict(sorted(Counter(e.stop for e in scored).items())),
        intervals=_intervals(records, scored, seed),
        similarity_backend=backends[0],
        grammar_backend=backends[1],
        **{name: mean([value(e) for e in successes]) for name, value in EXAMPLE_METRICS.items()},
        queries=mean([e.queries for e in attacked]),
        forward_passes=mean([e.forward_passes for e in attacked]),
    )


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


def entity_counts(gold: Sequence[str], predicted: Sequence[str]) -> tuple[int, int, int]:
    """Return a sentence's right entities, predicted entities and gold entities (strict IOB2)."""
    truth = set(entities(gold))
    # Strict IOB2: an I- tag without its B- begins no entity.
    answer = {e for e in entities(predicted) if predicted[e.start].startswith("B-")}
    return len(truth & answer), len(answer), len(truth)


def _intervals(
    records: Sequence[AttackRecord], scored: Sequence[ScoredExample], seed: int
) -> dict[str, Interval]:
    """Return the intervals of all metrics, resampling sentences."""
    counts = [entity_counts(r.final.tags, r.final.predicted) for r in records]
    right, answered, gold = zip(*counts, strict=True)
    entity_columns = {"right": right, "answered": answered, "gold": gold}
    attacked = [float(e.outcome != Outcome.SKIPPED) for e in scored]
    won = [float(e.outcome == Outcome.SUCCESS) for e in scored]
    found = {
        "precision": bootstrap_interval(entity_columns, lambda s: s["right"] / s["answered"], seed),
        "recall": bootstrap_interval(entity_columns, lambda s: s["right"] / s["gold"], seed),
        "f1": bootstrap_interval(
            entity_columns, lambda s: 2 * s["right"] / (s["answered"] + s["gold"]), seed
        ),
        "attack_rate": bootstrap_interval(
            {"won": won, "attacked": attacked}, lambda s: s["won"] / s["attacked"], seed
        ),
    }
    for name, value in EXAMPLE_METRICS.items():
        # A failure has a labels score too, the original's, which is no part of the mean.
        column = [w * (value(e) or 0.0) for w, e in zip(won, scored, strict=True)]
        found[name] = bootstrap_interval(
            {"value": column, "won": won}, lambda s: s["value"] / s["won"], seed
        )
    return {
        name: (round(low, 6), round(high, 6)) for name, (low, high) in found.items() if low == low
    }


def read_scored(path: str | Path) -> list[ScoredExample]:
    """Read the scores that the pipeline wrote as JSON lines."""
    with Path(path).open(encoding="utf-8") as lines:
        return [ScoredExample.from_json(json.loads(line)) for line in lines]
