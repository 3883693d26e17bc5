"""The metrics of an attack as a whole (paper, section 4.1.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from seqattack.io import read_json
from seqattack.metrics.bootstrap import Floats, Interval, percentile_interval, resampled
from seqattack.metrics.entities import (
    EntityMetrics,
    answered_entities,
    entity_metrics,
    exact_entities,
)
from seqattack.metrics.metric import EXAMPLE_METRICS, METRICS, Metric, Of, show, show_interval
from seqattack.metrics.scores import ScoredExample, mean, score_record
from seqattack.records import AttackRecord, Outcome, Prediction, Stop, check_one_victim
from seqattack.tags import entities

NOT_MEASURED = "not measured"
"""The name of a sentence encoder or a grammar checker that was not asked."""


@dataclass(frozen=True, slots=True)
class AttackSummary:
    """One row of Table 1, 2 or 3.

    Precision, recall, F1 and token accuracy are those of the subset in which each success is
    replaced by its adversarial example. Modification rate, labels score, similarity and grammar
    error change are means over successes; None without any success.

    Args:
        victim: The victim's name.
        victim_id: What the victim was; see `AttackRecord`.
        recipe: The attack's recipe.
        goal: The goal function.
        sentences: Sentences of the subset.
        attacked: Attacked sentences: successes and failures.
        successes: Attacks that found an adversarial example.
        skipped: Sentences that could not be attacked.
        attack_rate: Successes / attacked sentences; None if no sentence was attacked.
        entity_attack_rate: Entities of attacked sentences that were found exactly before the
            attack and are no more after it / those found exactly before; None without any.
        found_before: Their number; see `seqattack.metrics.entity_outcomes.found_and_lost`.
        precision: After the attack; the paper's column "Acc".
        recall: After the attack.
        f1: After the attack.
        token_accuracy: After the attack.
        modification_rate: Mean of changed tokens / original tokens, in a minimal alignment.
        positional_modification_rate: Mean of places with different tokens / original tokens.
        labels_score: Mean of wrong entity tokens / entity tokens.
        similarity: Mean cosine of the sentence embeddings before and after the attack.
        grammar_error_change: Mean of grammar errors after the attack − before it.
        queries: Mean number of goal-function evaluations of an attacked sentence.
        forward_passes: Mean number of sequences sent through the victim for an attacked sentence.
        stops: The number of searches that stopped, by reason.
        intervals: 95 % bootstrap intervals by metric.
        similarity_backend: Name of the sentence encoder.
        grammar_backend: Name of the grammar checker.
    """

    victim: str
    victim_id: str | None
    recipe: str
    goal: str
    sentences: int
    attacked: int
    successes: int
    skipped: int
    attack_rate: float | None
    entity_attack_rate: float | None
    found_before: int
    precision: float
    recall: float
    f1: float
    token_accuracy: float
    modification_rate: float | None
    positional_modification_rate: float | None
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

    def sample_size(self, metric: Metric) -> int | None:
        """Return the number of sentences or examples that a metric is of; None for a count."""
        counts = {
            Of.SUBSET: self.sentences,
            Of.ATTACKED: self.attacked,
            Of.SUCCESSES: self.successes,
            Of.FOUND: self.found_before,
        }
        return counts.get(metric.of)

    def __str__(self) -> str:
        """Return the attack and its metrics, one a line, with 95 % intervals in brackets."""
        known = [metric for metric in METRICS if hasattr(self, metric.key)]
        width = max(len(metric.name) for metric in known)
        lines = [f"{self.recipe} on {self.victim}, goal {self.goal}"]
        for metric in known:
            value = show(getattr(self, metric.key), metric.kind)
            bounds = self.intervals.get(metric.key)
            interval = show_interval(bounds, metric.kind) if bounds else ""
            lines.append(
                f"{metric.name:<{width}}  {value:>5}  {interval:<12}  {metric.explanation}"
            )
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return the summary as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> AttackSummary:
        """Return the summary that `to_json` wrote."""
        intervals = {name: (low, high) for name, (low, high) in value["intervals"].items()}
        return cls(**{**value, "intervals": intervals})


def read_summary(path: str | Path) -> AttackSummary:
    """Read the summary of an attack that the pipeline wrote."""
    return AttackSummary.from_json(read_json(path))


def check_victims(summaries: Mapping[Path, AttackSummary]) -> None:
    """Check that attacks on a victim of one name were attacks on one victim.

    Args:
        summaries: By file.

    Raises:
        RecordError: A name stands for several victims; the message names a file of each.
    """
    found: dict[str, dict[str | None, str]] = {}
    for path, summary in summaries.items():
        found.setdefault(summary.victim, {}).setdefault(summary.victim_id, str(path))
    for files in found.values():
        check_one_victim(files)


def original_metrics(records: Sequence[AttackRecord]) -> EntityMetrics:
    """Return the entity metrics of the unattacked subset: the table's row "Original"."""
    return entity_metrics(
        [record.original.tags for record in records],
        [record.original.predicted for record in records],
    )


def final_metrics(records: Sequence[AttackRecord]) -> EntityMetrics:
    """Return the entity metrics of the subset with each success's adversarial example."""
    return entity_metrics(
        [record.final.tags for record in records],
        [record.final.predicted for record in records],
    )


def summarize(
    records: Sequence[AttackRecord],
    scored: Sequence[ScoredExample],
    victim: str,
    seed: int,
    backends: tuple[str, str],
) -> AttackSummary:
    """Summarize one attack on one victim.

    Args:
        records: One for each sentence of the subset.
        scored: Their scores, in the same order.
        victim: The victim's name.
        seed: Seed of the bootstrap.
        backends: Names of the similarity and the grammar backend, or `NOT_MEASURED`.

    Raises:
        RecordError: The records are of different victims.
    """
    check_one_victim({record.victim_id: f"sentence {record.id}" for record in records})
    after = final_metrics(records)
    attacked = [e for e in scored if e.outcome != Outcome.SKIPPED]
    successes = [e for e in scored if e.outcome == Outcome.SUCCESS]
    found = sum(e.found_before for e in attacked)
    return AttackSummary(
        victim=victim,
        victim_id=records[0].victim_id,
        recipe=records[0].recipe,
        goal=records[0].goal,
        sentences=len(records),
        attacked=len(attacked),
        successes=len(successes),
        skipped=len(records) - len(attacked),
        attack_rate=len(successes) / len(attacked) if attacked else None,
        entity_attack_rate=sum(e.lost for e in attacked) / found if found else None,
        found_before=found,
        precision=after.precision,
        recall=after.recall,
        f1=after.f1,
        token_accuracy=after.token_accuracy,
        stops=dict(sorted(Counter(e.stop for e in scored).items())),
        intervals=_intervals(records, scored, seed),
        similarity_backend=backends[0],
        grammar_backend=backends[1],
        **{m.key: mean([e.value(m) for e in successes]) for m in EXAMPLE_METRICS},
        queries=mean([e.queries for e in attacked]),
        forward_passes=mean([e.forward_passes for e in attacked]),
    )


def quick_summary(records: Sequence[AttackRecord], victim: str, seed: int) -> AttackSummary:
    """Summarize one attack without similarity and grammar errors, which need models.

    Args:
        records: One for each sentence.
        victim: The victim's name.
        seed: Seed of the bootstrap.

    Raises:
        RecordError: The records are of different victims.
    """
    scored = [score_record(record) for record in records]
    return summarize(records, scored, victim, seed, (NOT_MEASURED, NOT_MEASURED))


def entity_counts(gold: Sequence[str], predicted: Sequence[str]) -> tuple[int, int, int]:
    """Return how many entities of a sentence are correct, predicted and true (strict IOB2)."""
    answered = len(answered_entities(predicted))
    return len(exact_entities(gold, predicted)), answered, len(entities(gold))


def resampled_entity_metrics(texts: Sequence[Prediction], seed: int) -> dict[str, Floats]:
    """Return precision, recall and F1 of texts on each resample of their sentences.

    Args:
        texts: With true and predicted tags.
        seed: Seed of the resamples.
    """
    return resampled_entity_counts([entity_counts(t.tags, t.predicted) for t in texts], seed)


def resampled_entity_counts(counts: Sequence[tuple[int, int, int]], seed: int) -> dict[str, Floats]:
    """Return precision, recall and F1 on each resample of sentences.

    Args:
        counts: What `entity_counts` returns for each sentence.
        seed: Seed of the resamples.
    """
    right, answered, gold = zip(*counts, strict=True)
    columns = {"right": right, "answered": answered, "gold": gold}
    return {
        "precision": resampled(columns, lambda s: s["right"] / s["answered"], seed),
        "recall": resampled(columns, lambda s: s["right"] / s["gold"], seed),
        "f1": resampled(columns, lambda s: 2 * s["right"] / (s["answered"] + s["gold"]), seed),
    }


def resampled_metrics(
    records: Sequence[AttackRecord], scored: Sequence[ScoredExample], seed: int
) -> dict[str, Floats]:
    """Return the metrics of an attack on each resample of its sentences; NaN if not measured.

    Args:
        records: One for each sentence of the subset.
        scored: Their scores, in the same order.
        seed: Seed of the resamples.
    """
    found = resampled_entity_metrics([record.final for record in records], seed)
    attacked = [float(e.outcome != Outcome.SKIPPED) for e in scored]
    won = [float(e.outcome == Outcome.SUCCESS) for e in scored]
    found["attack_rate"] = resampled(
        {"won": won, "attacked": attacked}, lambda s: s["won"] / s["attacked"], seed
    )
    found["entity_attack_rate"] = resampled(
        {
            "lost": [a * e.lost for a, e in zip(attacked, scored, strict=True)],
            "found": [a * e.found_before for a, e in zip(attacked, scored, strict=True)],
        },
        lambda s: s["lost"] / s["found"],
        seed,
    )
    for metric in EXAMPLE_METRICS:
        # A failure has a labels score too, the original's, which does not count.
        values = [e.value(metric) for e in scored]
        known = [w * (value is not None) for w, value in zip(won, values, strict=True)]
        column = [w * (value or 0.0) for w, value in zip(won, values, strict=True)]
        found[metric.key] = resampled(
            {"value": column, "known": known}, lambda s: s["value"] / s["known"], seed
        )
    return found


def _intervals(
    records: Sequence[AttackRecord], scored: Sequence[ScoredExample], seed: int
) -> dict[str, Interval]:
    """Return the intervals of all metrics, resampling sentences."""
    found = {
        name: percentile_interval(values)
        for name, values in resampled_metrics(records, scored, seed).items()
    }
    return {
        name: (round(low, 6), round(high, 6)) for name, (low, high) in found.items() if low == low
    }
