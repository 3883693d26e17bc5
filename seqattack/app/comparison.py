"""Two runs on the same sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from seqattack.app.density import Panel, panel
from seqattack.app.index import Row
from seqattack.attack.records import Outcome
from seqattack.metrics.significance import PairedTest, paired_test

RELATIONS = {
    "both": "both attacks succeeded",
    "first": "only the first succeeded",
    "second": "only the second succeeded",
    "neither": "neither succeeded",
}


@dataclass(frozen=True, slots=True)
class Match:
    """One sentence in both runs.

    Args:
        first: The first run's example.
        second: The second run's.
    """

    first: Row
    second: Row

    @property
    def relation(self) -> str:
        """Which of the attacks succeeded: a key of `RELATIONS`."""
        won = [row.scores.outcome == Outcome.SUCCESS for row in (self.first, self.second)]
        return {(True, True): "both", (True, False): "first", (False, True): "second"}.get(
            (won[0], won[1]), "neither"
        )


def match(first: Sequence[Row], second: Sequence[Row]) -> list[Match]:
    """Return the sentences that are in both runs, in the first one's order.

    Sentences are the same when their texts are: ids differ between corpora and imported files. The
    nth time that a text occurs belongs to its nth time in the other run.
    """
    known = dict(zip(_keys(second), second, strict=True))
    pairs = ((row, known.get(key)) for key, row in zip(_keys(first), first, strict=True))
    return [Match(row, other) for row, other in pairs if other is not None]


def _keys(rows: Sequence[Row]) -> list[tuple[str, int]]:
    seen: Counter[str] = Counter()
    keys = []
    for row in rows:
        keys.append((row.original, seen[row.original]))
        seen[row.original] += 1
    return keys


def panels(matches: Sequence[Match]) -> tuple[Panel, Panel]:
    """Return the densities of Figure 4: labels score of all, modification rate of successes."""
    sides = [[m.first for m in matches], [m.second for m in matches]]
    scores = [[row.scores.labels_score for row in rows] for rows in sides]
    rates = [
        [r for row in rows if (r := row.scores.modification_rate) is not None] for rows in sides
    ]
    return (
        panel("labels score (share of entity tokens wrong)", scores, 1.0),
        panel("modification rate (changed by original tokens)", rates),
    )


def tests(matches: Sequence[Match]) -> tuple[PairedTest, PairedTest]:
    """Return the paired tests of section 5.2 of the paper.

    The modification rate over sentences where both attacks succeeded, the labels score over all.
    """
    both = [
        (a, b)
        for m in matches
        if (a := m.first.scores.modification_rate) is not None
        and (b := m.second.scores.modification_rate) is not None
    ]
    scores = [(m.first.scores.labels_score, m.second.scores.labels_score) for m in matches]
    return (
        paired_test("modification rate", [a for a, _ in both], [b for _, b in both]),
        paired_test("labels score", [a for a, _ in scores], [b for _, b in scores]),
    )
