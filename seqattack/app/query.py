"""A question to a run's examples: filters, order and page, to and from an address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Generic, TypeVar
from urllib.parse import urlencode

from seqattack.app.index import KINDS, Row
from seqattack.errors import SeqAttackError
from seqattack.records import Outcome
from seqattack.suggest import did_you_mean

T = TypeVar("T")

PAGE = 20
"""Examples a page."""

LONGEST = 200
"""Characters of the longest text that is searched for."""

METRICS: Mapping[str, tuple[str, Callable[[Row], float | None]]] = {
    "modification_rate": ("modification rate", lambda row: row.scores.modification_rate),
    "labels_score": ("labels score", lambda row: row.scores.labels_score),
    "similarity": ("similarity", lambda row: row.scores.similarity),
    "grammar_error_change": ("Δ grammar errors", lambda row: row.scores.grammar_error_change),
    "newly_broken": ("tokens newly broken", lambda row: row.scores.newly_broken),
    "queries": ("queries", lambda row: row.scores.queries),
}
"""What examples can be sorted by, and bounded in, with its name."""

PICK_STATES = ("undecided", "accepted", "rejected")


class QueryError(SeqAttackError):
    """An address asks for something that is not there."""


@dataclass(frozen=True, slots=True)
class Query:
    """Filters, order and page.

    Args:
        outcome: Success, failed or skipped; empty for all, as for the others.
        label: A class that an entity must have, true or predicted.
        kind: A kind of error, one of `KINDS`.
        pick: Whether the example is undecided, accepted or rejected.
        text: What original or adversarial text must contain, in any case.
        ranges: By metric, the least and the largest value.
        sort: A metric; empty for the run's own order.
        descending: Largest first.
        page: From 1.
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
            QueryError: A value is unknown or no number; the message says what to write.
        """
        ranges = {}
        for name in METRICS:
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
            sort=_choice(values, "sort", METRICS),
            descending=values.get("order") == "descending",
            page=max(1, int(_number(values, "page") or 1)),
        )

    def address(self, **changes: object) -> str:
        """Return the query as the part of an address behind the question mark.

        Args:
            **changes: Attributes to change, and further names and values, which come first.
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
        """Return the rows that pass all filters, in order; examples without the metric last.

        Args:
            rows: Of one run.
            decisions: ``accepted`` or ``rejected`` by sentence id.
        """
        found = [row for row in rows if self._passes(row, decisions)]
        if self.sort:
            value = METRICS[self.sort][1]
            known = [row for row in found if value(row) is not None]
            known.sort(key=lambda row: value(row) or 0.0, reverse=self.descending)
            found = known + [row for row in found if value(row) is None]
        return found

    def _passes(self, row: Row, decisions: Mapping[str, str]) -> bool:
        return (
            (not self.outcome or row.scores.outcome == self.outcome)
            and (not self.label or self.label in row.classes)
            and (not self.kind or self.kind in row.kinds)
            and (not self.pick or decisions.get(row.id, "undecided") == self.pick)
            and (not self.text or self.text.casefold() in row.search)
            and all(_within(METRICS[name][1](row), *bounds) for name, bounds in self.ranges.items())
        )


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of rows, or of anything else.

    Args:
        rows: Those on it.
        number: From 1.
        count: Of all pages; at least 1.
        total: Of all rows.
    """

    rows: Sequence[T]
    number: int
    count: int
    total: int


def page_of(rows: Sequence[T], number: int, size: int = PAGE) -> Page[T]:
    """Return a page; the last one where there are fewer.

    Args:
        rows: Those of all pages.
        number: The page's, from 1 on.
        size: Rows of a full page.
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
