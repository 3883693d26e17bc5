"""A run's metrics at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqattack.errors import RecordError
from seqattack.metrics.bootstrap import Interval
from seqattack.metrics.metric import EXAMPLE_METRICS, METRICS, Metric, Of, find_metric
from seqattack.metrics.scores import ScoredExample, mean
from seqattack.metrics.summary import AttackSummary, read_summary
from seqattack.pipeline.layout import AttackFolder
from seqattack.records import Outcome

CARD = tuple(metric for metric in METRICS if metric.direction and metric.of is not Of.NOTHING)
"""The metrics on a card: those of an attack with a better and a worse for it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The value of a metric in a run.

    Args:
        metric: The metric.
        value: None where it is not known.
        interval: Its 95 % interval: the pipeline's, or for the attack rate Wilson's.
    """

    metric: Metric
    value: float | None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """The results of a run.

    Args:
        figures: Its metrics.
        sentences: Number of all sentences.
        attacked: Number of attacked sentences: successes and failures.
        successes: Number of attacks that succeeded.
        skipped: Number of sentences that could not be attacked.
        stops: The number of searches that stopped, by reason, most frequent first.
        backends: What measured similarity and grammar; empty where neither was measured.
    """

    figures: Sequence[Figure]
    sentences: int
    attacked: int
    successes: int
    skipped: int
    stops: Mapping[str, int]
    backends: str

    @property
    def attack_rate(self) -> Figure:
        """The attack rate."""
        return next(figure for figure in self.figures if figure.metric.key == "attack_rate")


def make_card(folder: Path, scored: Sequence[ScoredExample]) -> Card:
    """Return the card of a run.

    Args:
        folder: The run's folder; its summary is used if it is of as many sentences.
        scored: The scores of all examples.
    """
    attacked = [each for each in scored if each.outcome != Outcome.SKIPPED]
    successes = [each for each in attacked if each.outcome == Outcome.SUCCESS]
    values: dict[str, float | None] = {
        metric.key: mean([each.value(metric) for each in successes]) for metric in EXAMPLE_METRICS
    }
    values["attack_rate"] = len(successes) / len(attacked) if attacked else None
    found = sum(each.found_before for each in attacked)
    values["entity_attack_rate"] = sum(each.lost for each in attacked) / found if found else None
    summary = _read_summary(AttackFolder(folder).summary, len(scored))
    intervals = summary.intervals if summary else _wilson(len(successes), len(attacked))
    return Card(
        figures=[Figure(metric, values[metric.key], intervals.get(metric.key)) for metric in CARD],
        sentences=len(scored),
        attacked=len(attacked),
        successes=len(successes),
        skipped=len(scored) - len(attacked),
        stops=dict(Counter(each.stop for each in scored).most_common()),
        backends=_backends(summary) if summary else "",
    )


def _wilson(successes: int, attacked: int) -> Mapping[str, Interval]:
    """Return Wilson's 95 % interval of the attack rate (1927)."""
    from scipy.stats import binomtest

    if not attacked:
        return {}
    low, high = binomtest(successes, attacked).proportion_ci(method="wilson")
    return {"attack_rate": (float(low), float(high))}


def _backends(summary: AttackSummary) -> str:
    similarity, grammar = find_metric("similarity"), find_metric("grammar_error_change")
    return (
        f"{similarity.heading}: {summary.similarity_backend}; "
        f"{grammar.heading}: {summary.grammar_backend}"
    )


def _read_summary(path: Path, sentences: int) -> AttackSummary | None:
    if not path.is_file():
        return None
    try:
        summary = read_summary(path)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"{path}: not the summary of an attack ({error}).") from error
    return summary if summary.sentences == sentences else None
