"""What a run's page shows of its examples at a glance; every mark leads to the examples behind it.

All counts come from the rows in memory, so a chart of 10,000 examples takes milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from seqattack.app.axes import Frame, Tick
from seqattack.app.index import RunIndex
from seqattack.app.query import Query, bound_text
from seqattack.app.row import NEWLY_BROKEN, Row
from seqattack.app.tally import MEASURED, Tally, tally
from seqattack.metrics.bootstrap import Floats
from seqattack.metrics.metric import Metric
from seqattack.tags import OUTSIDE

FRAME = Frame(width=320, height=92, left=8, right=8, top=6, bottom=20)

BARS = 10
"""Bars of a histogram, more or less: their bounds are round numbers."""

MOST_EDITS = 8
"""Words in the list of those whose change breaks most."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a histogram.

    Args:
        x: Its left end.
        width: Its width.
        height: Its height, for all examples.
        chosen_height: Its height, for the examples that pass the filters.
        count: All examples in it.
        chosen: Those that pass the filters.
        says: Its bounds in words.
        low: Its lower bound, as an address gives it.
        high: Its upper bound, likewise.
        address: Leads to its examples.
        is_chosen: Whether the filters ask for it.
    """

    x: float
    width: float
    height: float
    chosen_height: float
    count: int
    chosen: int
    says: str
    low: str
    high: str
    address: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Histogram:
    """How a metric is distributed.

    Args:
        metric: The metric.
        bars: From low to high.
        ticks: Numbers at the axis.
        count: Examples that have the metric.
        chosen: Those of them that pass the filters.
        reset: Leads to the examples without a bound of this metric.
    """

    metric: Metric
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    count: int
    chosen: int
    reset: str


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, as a bar with a link.

    Args:
        name: What it is.
        part: Number of examples.
        whole: Of how many.
        address: Leads to them.
        note: More about it.
    """

    name: str
    part: int
    whole: int
    address: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """The share of attacked sentences whose search ended in success within so many queries.

    Args:
        path: The SVG path.
        ticks: Numbers at the horizontal axis.
        rate: The share at the end, in [0, 1].
        most: The most queries of a search.
    """

    path: str
    ticks: tuple[Tick, ...]
    rate: float
    most: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often a token of one class is predicted as another, by examples.

    Args:
        gold: True classes: the rows.
        predicted: Predicted classes: the columns.
        cells: Examples with such a token, and their addresses; None without any.
    """

    gold: tuple[str, ...]
    predicted: tuple[str, ...]
    cells: tuple[tuple[Share | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Charts:
    """All charts of a run; see their classes."""

    histograms: tuple[Histogram, ...]
    budget: Budget | None
    classes: tuple[Share, ...]
    confusion: Confusion
    edits: tuple[Share, ...]


def charts_of(index: RunIndex, chosen: Sequence[Row], query: Query) -> Charts:
    """Return the charts of the examples that pass the filters, beside those of all.

    Args:
        index: The run's index.
        chosen: The examples that pass the filters.
        query: The filters.
    """
    key = index.run.key
    everything = len(chosen) == len(index.rows)
    mine = index.tally if everything else tally(chosen)
    shown = [metric for metric in MEASURED if metric.key in index.metrics]
    return Charts(
        tuple(_histogram(metric, index, mine, query) for metric in shown),
        _budget(mine),
        tuple(_classes(mine, query, key)),
        _confusion(mine, len(chosen), query, key),
        tuple(_edits(mine, query, key)),
    )


def _histogram(metric: Metric, index: RunIndex, mine: Tally, query: Query) -> Histogram:
    values, chosen = index.tally.values[metric.key], mine.values[metric.key]
    edges = _edges(values, metric)
    counts = np.histogram(values, edges)[0]
    chosen_counts = np.histogram(chosen, edges)[0]
    others = {name: bounds for name, bounds in query.ranges.items() if name != metric.key}
    wanted = query.ranges.get(metric.key, (None, None))
    room = FRAME.across / (len(edges) - 1)
    bars = []
    for number, (low, end) in enumerate(pairwise(edges)):
        high = _before(end, metric, is_last=number == len(edges) - 2)
        bounds = (float(low), high)
        address = query.address(run=index.run.key, ranges={**others, metric.key: bounds}, page=1)
        bars.append(
            Bar(
                x=FRAME.left + number * room + 0.5,
                width=room - 1,
                height=_height(counts[number], counts.max()),
                chosen_height=_height(chosen_counts[number], counts.max()),
                count=int(counts[number]),
                chosen=int(chosen_counts[number]),
                says=f"{_shown(low, metric)} to {_shown(end, metric)}",
                low=bound_text(low),
                high=bound_text(high),
                address=address,
                is_chosen=wanted == bounds,
            )
        )
    reset = query.address(run=index.run.key, ranges=others, page=1)
    return Histogram(metric, tuple(bars), _ticks(edges, metric), len(values), len(chosen), reset)


def _edges(values: Sequence[float], metric: Metric) -> Floats:
    """Return bounds of bars that are round numbers and hold all values."""
    low = min(0.0, *values) if metric.key != "similarity" else min(values)
    high = max(*values, 1.0) if metric.kind == "count" else max(values)
    if metric.key in ("labels_score", "similarity"):
        high = max(1.0, high)
    step = _step((high - low) / BARS, whole=metric.kind == "count")
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return np.array([round(number * step, 6) for number in range(first, last + 1)])


def _step(size: float, whole: bool) -> float:
    """Return the least of 1, 2, 2.5 and 5 times a power of ten that is not below `size`."""
    size = max(size, 1.0 if whole else 1e-3)
    power = 10.0 ** math.floor(math.log10(size) + 1e-9)
    factors = (1, 2, 5, 10) if whole else (1, 2, 2.5, 5, 10)
    return next(power * factor for factor in factors if power * factor >= size * (1 - 1e-9))


def _before(end: float, metric: Metric, is_last: bool) -> float:
    """Return the upper bound of a bar for a filter, which takes in its bounds."""
    if is_last:
        return float(end)
    return round(float(end) - (1 if metric.kind == "count" else 1e-5), 6)


def _height(count: int, most: int) -> float:
    if not count:
        return 0.0
    return max(1.5, FRAME.up * count / most)


def _shown(value: float, metric: Metric) -> str:
    return f"{100 * value:.6g}%" if metric.kind == "percent" else f"{value:.6g}"


def _ticks(edges: Floats, metric: Metric) -> tuple[Tick, ...]:
    """Return the numbers at both ends and in the middle."""
    middle = len(edges) // 2
    return tuple(
        Tick(FRAME.x(number / (len(edges) - 1)), _shown(edges[number], metric), anchor)
        for number, anchor in ((0, "start"), (middle, "middle"), (len(edges) - 1, "end"))
        if number == 0 or number > 1 or len(edges) == 2
    )


def _budget(mine: Tally) -> Budget | None:
    if not mine.attacked:
        return None
    most = mine.most_queries
    queries = np.unique(np.linspace(0, most, 121).round())
    rates = np.searchsorted(np.sort(mine.queries), queries, side="right") / mine.attacked
    points = (
        f"{FRAME.x(q / max(most, 1)):.1f},{FRAME.y(rate):.1f}"
        for q, rate in zip(queries, rates, strict=True)
    )
    ticks = (Tick(FRAME.x(0), "0", "start"), Tick(FRAME.x(1), f"{most}", "end"))
    return Budget("M" + "L".join(points), ticks, float(rates[-1]), most)


def _classes(mine: Tally, query: Query, key: str) -> list[Share]:
    return [
        Share(
            name,
            mine.broken[name],
            mine.whole[name],
            query.address(run=key, label=name, kind=NEWLY_BROKEN, page=1),
        )
        for name in sorted(mine.whole)
    ]


def _confusion(mine: Tally, examples: int, query: Query, key: str) -> Confusion:
    def cell(gold: str, predicted: str) -> Share | None:
        count, change = mine.confused[gold, predicted], f"{gold} → {predicted}"
        address = query.address(run=key, change=change, page=1)
        return Share(change, count, examples, address) if count else None

    gold, predicted = (
        sorted({pair[side] for pair in mine.confused}, key=lambda name: (name == OUTSIDE, name))
        for side in (0, 1)
    )
    cells = tuple(tuple(cell(a, b) for b in predicted) for a in gold)
    return Confusion(tuple(gold), tuple(predicted), cells)


def _edits(mine: Tally, query: Query, key: str) -> list[Share]:
    """Return the words whose change is most often part of a success that broke something."""
    shares = []
    for old, count in mine.edited.most_common(MOST_EDITS):
        address = query.address(run=key, text=old, mode="token", page=1) if old else ""
        new = ", ".join(text or "∅" for text, _ in mine.became[old].most_common(3))
        shares.append(Share(old or "∅", count, mine.telling, address, new))
    return shares
