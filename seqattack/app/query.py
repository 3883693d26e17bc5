"""A question to a run's examples: filters, order and page, to and from an address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Generic, TypeVar
from urllib.parse import urlencode

from seqattack.app.index import KINDS, Row
from seqattack.errors import SeqAttackError
from seqattack.metrics.metric import METRICS, Metric
from seqattack.metrics.scores import ScoredExample
from seqattack.records import Outcome
from seqattack.suggest import did_you_mean

T = TypeVar("T")

PAGE = 20
"""Examples on a page."""

LONGEST = 200
"""Characters of the longest text that is searched for."""

FILTERS: Mapping[str, Metric] = {
    metric.key: metric for metric in METRICS if hasattr(ScoredExample, metric.key)
}
"""What examples can be sorted by, and bounded in: every metric that one example has."""

PICK_STATES = ("undecided", "accepted", "rejected")


class QueryError(SeqAttackError):
    """An address asks for something that does not exist."""


@dataclass(frozen=True, slots=True)
class Query:
    """Filters, order and page.

    Args:
        outcome: ``success``, ``failed`` or ``skipped``; here and below, empty allows all.
        label: A class that one entity must have, true or predicted.
        kind: A kind of error, one of `KINDS`.
        pick: Whether the example is undecided, accepted or rejected.
        text: What the original or the adversarial text must contain; case is ignored.
        ranges: By metric, the least and the largest value.
        sort: A metric; empty keeps the run's order.
        descending: Largest first.
        page: The page's number, from 1.
    """

    outcome: str = ""
    label: str = ""
    kind: str = ""
    pick: str = ""
    text: str = ""
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False
    page: int = 1

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> Query:
        """Return the query of an address.

        Raises:
            QueryError: A value is unknown or not a number; the message says what to write.
        """
        ranges = {}
        for name in FILTERS:
            low, high = (_number(values, f"{name}-{end}") for end in ("min", "max"))
            if low is not None or high is not None:
                ranges[name] = (low, high)
        return cls(
            outcome=_choice(values, "outcome", [outcome.value for outcome in Outcome]),
            label=values.get("label", "")[:LONGEST],
            kind=_choice(values, "kind", KINDS),
            pick=_choice(values, "pick", PICK_STATES),
            text=values.get("text", "").strip()[:LONGEST],
            ranges=ranges,
            sort=_choice(values, "sort", FILTERS),
            descending=values.get("order") == "descending",
            page=max(1, int(_number(values, "page") or 1)),
        )

    def address(self, **changes: object) -> str:
        """Return the query as the part of an address behind the question mark.

        Args:
            **changes: Attributes to change, and further names and values, which are put first.
        """
        own = {each.name: changes.pop(each.name, getattr(self, each.name)) for each in fields(self)}
        values = {name: str(value) for name, value in changes.items()}
        names = ("outcome", "label", "kind", "pick", "text", "sort")
        values |= {name: str(own[name]) for name in names if own[name]}
        for name, bounds in self.ranges.items():
            for end, bound in zip(("min", "max"), bounds, strict=True):
                if bound is not None:
                    values[f"{name}-{end}"] = f"{bound:g}"
        if own["descending"]:
            values["order"] = "descending"
        if own["page"] != 1:
            values["page"] = str(own["page"])
        return urlencode(values)

    def select(self, rows: Sequence[Row], decisions: Mapping[str, str]) -> list[Row]:
        """Return the rows that pass all filters, in order; rows without the metric come last.

        Args:
            rows: The rows of one run.
            decisions: ``accepted`` or ``rejected`` by sentence id.
        """
        found = [row for row in rows if self._passes(row, decisions)]
        if self.sort:
            metric = FILTERS[self.sort]
            known = [row for row in found if row.scores.value(metric) is not None]
            known.sort(key=lambda row: row.scores.value(metric) or 0.0, reverse=self.descending)
            found = known + [row for row in found if row.scores.value(metric) is None]
        return found

    def _passes(self, row: Row, decisions: Mapping[str, str]) -> bool:
        return (
            (not self.outcome or row.scores.outcome == self.outcome)
            and (not self.label or self.label in row.classes)
            and (not self.kind or self.kind in row.kinds)
            and (not self.pick or decisions.get(row.id, "undecided") == self.pick)
            and (not self.text or self.text.casefold() in row.search)
            and all(
                _within(row.scores.value(FILTERS[name]), *bounds)
                for name, bounds in self.ranges.items()
            )
        )


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list.

    Args:
        rows: The items on it.
        number: Its number, from 1.
        count: Number of pages, at least 1.
        total: Number of items on all pages.
    """

    rows: Sequence[T]
    number: int
    count: int
    total: int


def page_of(rows: Sequence[T], number: int, size: int = PAGE) -> Page[T]:
    """Return a page, or the last one if there are fewer.

    Args:
        rows: The items of all pages.
        number: The page's number, from 1.
        size: Items on a full page.
    """
    count = max(1, -(-len(rows) // size))
    number = min(number, count)
    return Page(rows[(number - 1) * size : number * size], number, count, len(rows))


def _within(value: float | None, low: float | None, high: float | None) -> bool:
    if value is None:
        return False
    return (low is None or value >= low) and (high is None or value <= high)


def _number(values: Mapping[str, str], name: str) -> float | None:
    text = values.get(name, "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e9:
        raise QueryError(f"{name}: {text[:40]!r} is not a number; write one such as 0.25.")
    return value


def _choice(values: Mapping[str, str], name: str, known: Iterable[str]) -> str:
    value = values.get(name, "")
    if value and value not in known:
        raise QueryError(f"{name}: {value[:40]!r} is not known{did_you_mean(value[:40], known)}")
    return value
