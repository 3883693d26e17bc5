"""An example as a page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from seqattack.app.alignment import Column, align
from seqattack.app.index import RunIndex
from seqattack.app.row import Row
from seqattack.metrics.scores import ScoredExample
from seqattack.pipeline.picks import Pick
from seqattack.records import AttackRecord
from seqattack.text import direction


@dataclass(frozen=True, slots=True)
class View:
    """An example with everything that a page shows of it.

    Args:
        run: The run's key.
        record: The record.
        scores: Its scores; None for a live attack.
        columns: Its tokens, the original above the adversarial example.
        pick: The decision about it; None if there is none.
        filters: What the permalink keeps of the filters that led to it.
    """

    run: str
    record: AttackRecord
    scores: ScoredExample | None
    columns: list[Column]
    pick: Pick | None = None
    filters: str = ""

    @property
    def address(self) -> str:
        """The example's permalink."""
        own = urlencode({"run": self.run, "id": self.record.id})
        return f"/example?{own}&{self.filters}" if self.filters else f"/example?{own}"

    @property
    def direction(self) -> str:
        """Whether the sentence runs ``ltr`` or ``rtl``."""
        return direction(" ".join(self.record.original.tokens))

    @property
    def decision(self) -> str:
        """The decision about it."""
        return self.pick.decision.value if self.pick else "undecided"


def views(
    index: RunIndex, rows: Iterable[Row], picks: Mapping[str, Pick], filters: str = ""
) -> list[View]:
    """Read the records of examples, to show them.

    Args:
        index: The index of their run.
        rows: The examples.
        picks: The reviewer's picks of the run by sentence id.
        filters: The filters that led to them, as a part of an address.
    """
    found = []
    for row in rows:
        record = index.record(row)
        pick = picks.get(row.id)
        found.append(View(index.run.key, record, row.scores, align(record), pick, filters))
    return found
