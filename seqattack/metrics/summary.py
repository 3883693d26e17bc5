"""The metrics of an attack: of each example, and of the whole (paper, section 4.1.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from seqattack.metrics.bootstrap import bootstrap_interval
from seqattack.metrics.entities import EntityMetrics, entity_metrics
from seqattack.metrics.scores import EXAMPLE_METRICS, ScoredExample, mean
from seqattack.records import AttackRecord, Outcome, Stop
from seqattack.tags import entities

Interval = tuple[float, float]


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


def original_metrics(records: Sequence[AttackRecord]) -> EntityMetrics:
    """Return the entity metrics of the unattacked subset: the table's row "Original"."""
    return entity_metrics(
        [record.original.tags for record in records],
        [record.original.predicted for record in records],
    )


def summarize(
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
