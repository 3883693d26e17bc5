"""The paper's claims, checked against a run's tables."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence

from seqattack.metrics.metric import Kind, Value, find_metric, show
from seqattack.pipeline.names import BASELINE
from seqattack.report.names import table_ids
from seqattack.report.paper import Claim, PaperResults
from seqattack.report.tables import Column, Row, Table, columns_of

Figures = Mapping[str, Value]
"""Figures by name: ``table/row/metric``."""

RELATIONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""The relations of claims."""

SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
"""How they are printed."""

COLUMNS = (
    Column("section", "Section", "text"),
    Column("paper", "Paper", "text"),
    Column("ours", "Ours", "text"),
    Column("holds", "Holds", "text"),
    *columns_of("n"),
)
"""The columns of the table of claims."""


def claims_table(tables: Sequence[Table], paper: PaperResults) -> Table:
    """Return which of the paper's claims hold in a run.

    A claim about an attack that the run does not include is left out; the caption counts them.

    Args:
        tables: The run's tables.
        paper: The paper's figures and claims.
    """
    ours, published = run_figures(tables), paper_figures(paper)
    named = {
        f"{table.id}/{name}": (f"{table.id}/{row.key}", row)
        for table in tables
        for row in table.rows
        for name in _names(table, row)
    }
    rows = []
    for claim in paper.claims:
        sides = sides_of(claim, ours)
        if sides is None:
            continue
        values: dict[str, Value] = {
            "section": claim.section,
            "paper": _statement(claim, sides_of(claim, published)),
            "ours": _statement(claim, sides),
            "holds": "yes" if RELATIONS[claim.relation](*sides) else "no",
            "n": _n(claim, named),
        }
        compared = (figure.rpartition("/")[0] for figure in _figures_of(claim))
        sources = [named[name][0] for name in compared if name in named]
        rows.append(Row(claim.says, values, sources=list(dict.fromkeys(sources))))
    held = sum(row.values["holds"] == "yes" for row in rows)
    caption = (
        f"Claims of the paper's sections 5 and 6 that this run can check: {held} of {len(rows)} "
        "hold. Each is checked as a relation between figures of the tables, and nothing else is. "
        f"Left out because this run lacks an attack or a size: {len(paper.claims) - len(rows)}."
    )
    return Table("claims", caption, "Claim", COLUMNS, rows)


def _n(claim: Claim, named: Mapping[str, tuple[str, Row]]) -> Value:
    """Return the number of sentences or pairs that the left figure of a claim is of."""
    name, _, metric = claim.left.rpartition("/")
    if name not in named:
        return None
    row = named[name][1]
    return row.n.get(metric) or row.values.get("n")


def run_figures(tables: Sequence[Table]) -> dict[str, Value]:
    """Return the figures of a run's tables by name."""
    return {
        f"{table.id}/{name}/{metric}": value
        for table in tables
        for row in table.rows
        for name in _names(table, row)
        for metric, value in row.values.items()
    }


def paper_figures(paper: PaperResults) -> dict[str, Value]:
    """Return the paper's figures by name."""
    figures: dict[str, Value] = {}
    for identity, rows in paper.tables.items():
        positions = _positions([row for row in rows if row != BASELINE])
        for row, metrics in rows.items():
            for name in (row, *positions.get(row, ())):
                figures |= {f"{identity}/{name}/{metric}": v for metric, v in metrics.items()}
    for (recipe, a, b, metric), p in paper.p_values.items():
        identity, _ = table_ids(recipe)
        positions = _positions([row for row in paper.tables[identity] if row != BASELINE])
        for first in (a, *positions.get(a, ())):
            for second in (b, *positions.get(b, ())):
                figures[f"significance/{recipe}/{first}/{second}/{metric}/p"] = p
    return figures


def sides_of(claim: Claim, figures: Figures) -> tuple[float, float] | None:
    """Return the two numbers that a claim compares; None where a figure is missing.

    Of several figures on the right, it is the one that makes the claim hardest to meet.
    """
    left = figures.get(claim.left)
    if not isinstance(left, int | float):
        return None
    if claim.minus is not None:
        other = figures.get(claim.minus)
        if not isinstance(other, int | float):
            return None
        left = round(left - other, 9)
    if isinstance(claim.right, float):
        return left, claim.right
    found = [figures.get(name) for name in claim.right]
    numbers = [value for value in found if isinstance(value, int | float)]
    if not numbers:
        return None
    return left, (max if claim.relation.startswith(">") else min)(numbers)


def _figures_of(claim: Claim) -> tuple[str, ...]:
    """Return the figures that a claim compares, by name."""
    right = claim.right if isinstance(claim.right, tuple) else ()
    return (claim.left, *([claim.minus] if claim.minus else []), *right)


def _names(table: Table, row: Row) -> tuple[str, ...]:
    """Return a row's names: its key, and its key with sizes named by their position."""
    sizes = [each.key for each in table.rows if each.key != BASELINE]
    if table.id == "significance":
        recipe, a, b, metric = row.key.split("/")
        keys = [each.key.split("/") for each in table.rows]
        positions = _positions(list(dict.fromkeys(k[2] for k in keys if k[0] == recipe)))
        return tuple(
            f"{recipe}/{first}/{second}/{metric}"
            for first in (a, *positions.get(a, ()))
            for second in (b, *positions.get(b, ()))
        )
    if table.id == "table1":
        return (row.key,)
    return (row.key, *_positions(sizes).get(row.key, ()))


def _positions(sizes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the names of the first, the second and the last of several sizes."""
    found: dict[str, tuple[str, ...]] = {}
    places = {"first": 0, "second": 1, "last": -1} if len(sizes) > 1 else {"first": 0}
    for name, index in places.items() if sizes else ():
        found[sizes[index]] = (*found.get(sizes[index], ()), name)
    return found


def _statement(claim: Claim, sides: tuple[float, float] | None) -> str:
    if sides is None:
        return "not printed"
    kind = find_metric(claim.left.rpartition("/")[2]).kind
    left, right = (_side(side, kind) for side in sides)
    return f"{left} {SIGNS[claim.relation]} {right}"


def _side(side: float, kind: Kind) -> str:
    """Return a figure as a reader sees it; percentages are compared to a tenth of a point."""
    return f"{side:.1%}" if kind == "percent" else show(side, kind)
