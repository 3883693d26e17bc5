"""An example as a page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from seqattack.app.alignment import Column, align
from seqattack.app.index import Row, RunIndex
from seqattack.metrics.scores import ScoredExample
from seqattack.pipeline.picks import Pick
from seqattack.records import AttackRecord


@dataclass(frozen=True, slots=True)
class View:
    """An example with everything that a page shows of it.

    Args:
        run: The run's key.
        record: The record.
        scores: Its scores; None for a live attack.
        columns: Its tokens, the original above the adversarial example.
        pick: The decision about it; None if there is none.
    """

    run: str
    record: AttackRecord
    scores: ScoredExample | None
    columns: list[Column]
    pick: Pick | None = None

    @property
    def address(self) -> str:
        """The example's permalink."""
        return "/example?" + urlencode({"run": self.run, "id": self.record.id})

    @property
    def decision(self) -> str:
        """The decision about it."""
        return self.pick.decision.value if self.pick else "undecided"


def views(index: RunIndex, rows: Iterable[Row], picks: Mapping[str, Pick]) -> list[View]:
    """Read the records of examples, to show them.

    Args:
        index: The index of their run.
        rows: The examples.
        picks: The run's picks by sentence id.
    """
    found = []
    for row in rows:
        record = index.record(row)
        found.append(View(index.run.key, record, row.scores, align(record), picks.get(row.id)))
    return found
