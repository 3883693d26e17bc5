"""What is counted over examples, in one pass over their rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from seqattack.app.row import NEWLY_BROKEN, Row
from seqattack.metrics.metric import find_metric
from seqattack.records import Outcome

MEASURED = tuple(
    find_metric(key) for key in ("labels_score", "modification_rate", "similarity", "queries")
)
"""The metrics whose values are kept, for histograms."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of examples.

    Args:
        values: The known values of each metric, by key.
        attacked: Attacked sentences.
        queries: Queries of the successes.
        most_queries: The most queries of an attacked sentence.
        whole: By class, attacked sentences with a true entity of it.
        broken: By class, attacked sentences in which one was newly broken.
        confused: By true and predicted class, examples with such a token.
        telling: Successes that newly broke something.
        edited: By token, those of them in which the attack changed it.
        became: By token, what it became, and in how many of them.
    """

    values: Mapping[str, Sequence[float]]
    attacked: int
    queries: Sequence[int]
    most_queries: int
    whole: Counter[str]
    broken: Counter[str]
    confused: Counter[tuple[str, str]]
    telling: int
    edited: Counter[str]
    became: Mapping[str, Counter[str]]


def tally(rows: Iterable[Row]) -> Tally:
    """Return the counts of some rows."""
    rows = list(rows)
    attacked = [row for row in rows if row.scores.outcome != Outcome.SKIPPED]
    telling = [row for row in rows if row.edits and row.scores.newly_broken]
    became: defaultdict[str, Counter[str]] = defaultdict(Counter)
    edited: Counter[str] = Counter()
    for row in telling:
        edited.update({old for old, _ in row.edits})
        for old, new in row.edits:
            became[old][new] += 1
    return Tally(
        values={metric.key: _known(rows, metric.key) for metric in MEASURED},
        attacked=len(attacked),
        queries=[r.scores.queries for r in attacked if r.scores.outcome == Outcome.SUCCESS],
        most_queries=max((row.scores.queries for row in attacked), default=0),
        whole=Counter(name for row in attacked for name in row.gold),
        broken=Counter(
            name for row in attacked for kind, name in row.errors if kind == NEWLY_BROKEN
        ),
        confused=Counter(pair for row in rows for pair in row.confused),
        telling=len(telling),
        edited=edited,
        became=became,
    )


def _known(rows: Iterable[Row], key: str) -> list[float]:
    found = (getattr(row.scores, key) for row in rows)
    return [value for value in found if value is not None]
