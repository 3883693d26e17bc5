"""Two runs on the same sentences."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from seqattack.app.density import Panel, drawn
from seqattack.app.row import Row
from seqattack.metrics.density import density_panels
from seqattack.metrics.significance import PairedTest, compare_pairs
from seqattack.records import Outcome

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

    Sentences with the same id and the same text are the same. The others are matched by text alone,
    in order, since ids differ between corpora and imported files.

    Args:
        first: The first run's examples.
        second: The second run's.
    """
    by_id = {(row.id, row.original): row for row in second}
    exact = {row.id: by_id.pop((row.id, row.original), None) for row in first}
    by_text: dict[str, deque[Row]] = {}
    for row in by_id.values():
        by_text.setdefault(row.original, deque()).append(row)
    found = []
    for row in first:
        others = by_text.get(row.original)
        other = exact[row.id] or (others.popleft() if others else None)
        if other is not None:
            found.append(Match(row, other))
    return found


def panels(matches: Sequence[Match]) -> tuple[Panel, ...]:
    """Return the densities of Figure 4: labels score of all, modification rate of successes."""
    sides = [[m.first.scores for m in matches], [m.second.scores for m in matches]]
    return tuple(map(drawn, density_panels(sides)))


def tests(matches: Sequence[Match]) -> tuple[PairedTest, ...]:
    """Return the paired tests of the paper's section 5.2; see `compare_pairs`."""
    return compare_pairs([(m.first.scores, m.second.scores) for m in matches])
