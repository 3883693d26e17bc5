"""A question to a run's examples: filters, order and page, to and from an address."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import itemgetter
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

from seqattack.app.row import EXAMPLE_FIGURES, KINDS, Row
from seqattack.errors import SeqAttackError
from seqattack.metrics.metric import Metric
from seqattack.records import Outcome
from seqattack.suggest import did_you_mean

T = TypeVar("T")

PAGE = 20
"""Examples on a page."""

LONGEST = 200
"""Characters of the longest text that is searched for."""

MODES = {"": "anywhere", "token": "whole tokens", "regex": "regular expression"}
"""How a text is searched for."""

PATIENCE = 1.0
"""Seconds that a regular expression may take over all examples of a run."""

PICK_STATES = ("undecided", "accepted", "rejected")


class QueryError(SeqAttackError):
    """An address asks for something that does not exist."""


@dataclass(frozen=True, slots=True)
class Query:
    """Filters, order and page.

    Args:
        outcome: ``success``, ``failed`` or ``skipped``; here and below, empty allows all.
        label: A class that one entity must have, true or predicted.
        kind: A kind of error, one of `KINDS`; with a class too, one error must be both.
        change: A true and a predicted tag that one token must have, such as ``B-ORG → B-PER``, or
            their classes.
        pick: Whether the example is undecided, accepted or rejected.
        text: What the original or the adversarial text must contain; case is ignored.
        mode: How the text is meant: a key of `MODES`.
        ranges: By metric, the least and the largest value.
        sort: A metric; empty keeps the run's order.
        descending: Largest first.
        page: The page's number, from 1.
    """

    outcome: str = ""
    label: str = ""
    kind: str = ""
    change: str = ""
    pick: str = ""
    text: str = ""
    mode: str = ""
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
        for name in EXAMPLE_FIGURES:
            low, high = (_number(values, f"{name}-{end}") for end in ("min", "max"))
            if low is not None or high is not None:
                ranges[name] = (low, high)
        return cls(
            outcome=_choice(values, "outcome", [outcome.value for outcome in Outcome]),
            label=values.get("label", "")[:LONGEST],
            kind=_choice(values, "kind", KINDS),
            change=_arrow(values.get("change", "").strip()[:LONGEST]),
            pick=_choice(values, "pick", PICK_STATES),
            text=values.get("text", "").strip()[:LONGEST],
            mode=_choice(values, "mode", MODES),
            ranges=ranges,
            sort=_choice(values, "sort", EXAMPLE_FIGURES),
            descending=values.get("order") == "descending",
            page=max(1, int(_number(values, "page") or 1)),
        )

    def address(self, **changes: object) -> str:
        """Return the query as the part of an address behind the question mark.

        Args:
            **changes: Attributes to change, and further names and values, which are put first.
        """
        own: dict[str, Any] = {
            each.name: changes.pop(each.name, getattr(self, each.name)) for each in fields(self)
        }
        values = {name: str(value) for name, value in changes.items()}
        names = ("outcome", "label", "kind", "change", "pick", "text", "mode", "sort")
        values |= {name: str(own[name]) for name in names if own[name]}
        for name, bounds in own["ranges"].items():
            for end, bound in zip(("min", "max"), bounds, strict=True):
                if bound is not None:
                    values[f"{name}-{end}"] = bound_text(bound)
        if own["descending"]:
            values["order"] = "descending"
        if own["page"] != 1:
            values["page"] = str(own["page"])
        return urlencode(values)

    def fields(self, run: str) -> list[tuple[str, str]]:
        """Return the query's filters as names and values of a form.

        Args:
            run: The run's key.
        """
        return parse_qsl(self.address(run=run, page=1))

    def chips(self, run: str) -> list[tuple[str, str]]:
        """Return each filter in words, with the address of the run without it.

        Args:
            run: The run's key.
        """
        words = {
            "outcome": self.outcome,
            "label": self.label,
            "kind": self.kind,
            "change": self.change,
            "pick": self.pick,
            "text": self.text and f"“{self.text}” {MODES[self.mode]}",
        }
        chips = [
            (text, self.address(run=run, page=1, **{name: ""}))
            for name, text in words.items()
            if text
        ]
        if self.sort:
            order = "largest" if self.descending else "smallest"
            text = f"by {EXAMPLE_FIGURES[self.sort].name}, {order} first"
            chips.append((text, self.address(run=run, page=1, sort="", descending=False)))
        for name, bounds in self.ranges.items():
            others = {key: each for key, each in self.ranges.items() if key != name}
            metric = EXAMPLE_FIGURES[name]
            text = f"{metric.name} {_range(*bounds, metric)}"
            chips.append((text, self.address(run=run, page=1, ranges=others)))
        return chips

    def check(self, metrics: Mapping[str, Metric]) -> None:
        """Check that a run has the metrics that are asked for.

        Args:
            metrics: The run's, by key.

        Raises:
            QueryError: It lacks one.
        """
        for name in (*self.ranges, *([self.sort] if self.sort else [])):
            if name not in metrics:
                raise QueryError(
                    f"{EXAMPLE_FIGURES[name].name} is not known of this run's examples; sort and "
                    f"filter by one of {', '.join(metric.name for metric in metrics.values())}."
                )

    def select(self, rows: Sequence[Row], decisions: Mapping[str, str]) -> list[Row]:
        """Return the rows that pass all filters, in order; rows without the metric come last.

        Args:
            rows: The rows of one run.
            decisions: ``accepted`` or ``rejected`` by sentence id.

        Raises:
            QueryError: The regular expression is not valid, or takes too long.
        """
        has_text = self._text_search()
        found = [row for row in rows if self._passes(row, decisions) and has_text(row)]
        if self.sort:
            values = [(getattr(row.scores, self.sort), row) for row in found]
            known = [pair for pair in values if pair[0] is not None]
            known.sort(key=itemgetter(0), reverse=self.descending)
            found = [row for _, row in known] + [row for value, row in values if value is None]
        return found

    def _passes(self, row: Row, decisions: Mapping[str, str]) -> bool:
        return (
            (not self.outcome or row.scores.outcome == self.outcome)
            and (not self.label or bool(self.kind) or self.label in row.classes)
            and (not self.kind or self._has_error(row))
            and (not self.change or self._has_change(row))
            and (not self.pick or decisions.get(row.id, "undecided") == self.pick)
            and all(
                _within(row.scores.value(EXAMPLE_FIGURES[name]), *bounds)
                for name, bounds in self.ranges.items()
            )
        )

    def _has_error(self, row: Row) -> bool:
        if self.label:
            return (self.kind, self.label) in row.errors
        return any(kind == self.kind for kind, _ in row.errors)

    def _has_change(self, row: Row) -> bool:
        pair = tuple(self.change.split(" → "))
        return pair in row.changes or pair in row.confused

    def _text_search(self) -> Callable[[Row], bool]:
        wanted = self.text.casefold()
        if not wanted:
            return lambda row: True
        if self.mode == "regex":
            return _pattern_search(self.text)
        if self.mode == "token":
            words = f" {' '.join(wanted.split())} "
            return lambda row: words in f" {row.search} ".replace("\n", " \n ")
        return lambda row: wanted in row.search


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


def _pattern_search(pattern: str) -> Callable[[Row], bool]:
    """Return a search that a pathological pattern cannot keep busy for long."""
    import regex

    try:
        compiled = regex.compile(pattern, regex.IGNORECASE | regex.MULTILINE)
    except regex.error as error:
        raise QueryError(f"text: not a regular expression ({error}).") from error
    ends = time.monotonic() + PATIENCE

    def search(row: Row) -> bool:
        try:
            left = max(ends - time.monotonic(), 0.001)
            return compiled.search(row.texts, timeout=left) is not None
        except TimeoutError as error:
            raise QueryError(
                f"text: the regular expression takes longer than {PATIENCE:g} s; simplify it."
            ) from error

    return search


def bound_text(bound: float) -> str:
    """Return a bound of a range as addresses and forms give it.

    >>> bound_text(0.79999), bound_text(12.49999), bound_text(1999999.0)
    ('0.79999', '12.49999', '1999999')
    """
    return f"{bound:.10g}"


def _range(low: float | None, high: float | None, metric: Metric) -> str:
    """Return a range in words; at least one of its bounds is given.

    Args:
        low: The lower bound.
        high: The upper bound.
        metric: What is bounded.
    """
    if high is None:
        return f"from {_short(low or 0.0, metric)}"
    if low is None:
        return f"up to {_short(high, metric)}"
    return f"{_short(low, metric)} to {_short(high, metric)}"


def _short(bound: float, metric: Metric) -> str:
    return f"{100 * bound:.3g}%" if metric.kind == "percent" else f"{bound:.4g}"


def _arrow(change: str) -> str:
    """Return a change of tags as it is shown; ``->`` is an arrow too."""
    sides = [side.strip() for side in change.replace("->", "→").split("→")]
    if change and (len(sides) != 2 or not all(sides)):
        raise QueryError(
            f"change: {change[:40]!r} is not one of tags; write the true and the predicted tag, "
            "such as B-ORG → B-PER."
        )
    return " → ".join(sides)


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
