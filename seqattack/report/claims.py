"""The paper's claims, checked against a run's tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from seqattack.metrics.bootstrap import Interval
from seqattack.metrics.metric import Kind, Value, find_metric, show
from seqattack.pipeline.names import BASELINE
from seqattack.report.names import table_ids
from seqattack.report.paper import Claim, PaperResults
from seqattack.report.resamples import Resamples
from seqattack.report.tables import Column, Row, Table, columns_of
from seqattack.report.verdicts import LEAST, LEAST_FOR_NO_CHANGE, Decision, Figures, Verdict, decide

SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
"""How relations are printed."""

COLUMNS = (
    Column("section", "Section", "text"),
    Column("paper", "Paper", "text"),
    Column("ours", "Ours", "text"),
    Column("interval", "Difference (95 % interval)", "text"),
    Column("verdict", "Verdict", "text"),
    *columns_of("n"),
)
"""The columns of the table of claims."""

Named = Mapping[str, tuple[str, Row]]
"""By every name of a row, ``table/key`` and the row."""


def claims_table(
    tables: Sequence[Table], paper: PaperResults, resamples: Resamples | None = None
) -> Table:
    """Return what a run says of the paper's claims; see `seqattack.report.verdicts.decide`.

    A claim of which the run lacks a figure is left out, such as one about an attack that was not
    made; the caption counts them.

    Args:
        tables: The run's tables.
        paper: The paper's figures and claims.
        resamples: The tables' figures on resamples; a comparison without them is not decided.
    """
    ours, published = run_figures(tables), paper_figures(paper)
    named = named_rows(tables)
    known = _by_all_names(resamples or {}, named)
    rows = []
    for claim in paper.claims:
        sides = sides_of(claim, ours)
        if sides is not None:
            n = _n(claim, named)
            decision = decide(claim, sides, ours, known, _tested(claim, named), n or 0)
            statements = [_statement(claim, each) for each in (sides_of(claim, published), sides)]
            rows.append(_row(claim, statements, decision, n, named))
    return Table("claims", _caption(rows, len(paper.claims)), "Claim", COLUMNS, rows)


def _row(
    claim: Claim, statements: Sequence[str], decision: Decision, n: int | None, named: Named
) -> Row:
    values: dict[str, Value] = {
        "section": claim.section,
        "paper": statements[0],
        "ours": statements[1],
        "interval": _interval(claim, decision.interval),
        "verdict": decision.verdict.value,
        "n": n,
    }
    compared = (figure.rpartition("/")[0] for figure in claim.figures)
    sources = [named[name][0] for name in compared if name in named]
    return Row(claim.says, values, key=claim.says, sources=list(dict.fromkeys(sources)))


def _caption(rows: Sequence[Row], claims: int) -> str:
    counts = Counter(row.values["verdict"] for row in rows)
    return (
        f"Of the paper's {claims} claims, this run can check {len(rows)}: "
        f"{counts[Verdict.HOLDS]} hold, {counts[Verdict.FAILS]} fail, and "
        f"{counts[Verdict.UNDECIDED]} are not decidable with this number of sentences. "
        "A comparison holds (fails) if the whole 95 % bootstrap interval of the difference, left − "
        "right, agrees (disagrees) with it. A change is significant if p < 0.05; a claim of one "
        "fails if the change has the other direction, and is not decidable if p ≥ 0.05. Fewer than "
        f"{LEAST} sentences or pairs decide nothing, and fewer than {LEAST_FOR_NO_CHANGE} pairs do "
        "not show that there is no significant change. Left out because the run lacks an attack, a "
        f"size or a figure (no success, or a test without a p-value): {claims - len(rows)}."
    )


def _n(claim: Claim, named: Named) -> int | None:
    """Return the smallest number of sentences or pairs that the figures of a claim are of."""
    found = []
    for figure in claim.figures:
        name, _, metric = figure.rpartition("/")
        if name in named:
            row = named[name][1]
            n = row.n.get(metric) or row.values.get("n")
            found += [n] if isinstance(n, int) else []
    return min(found, default=None)


def _tested(claim: Claim, named: Named) -> tuple[float | None, Interval | None]:
    """Return the difference that a paired test is of, and its interval."""
    name = claim.left.rpartition("/")[0]
    if not claim.is_test or name not in named:
        return None, None
    row = named[name][1]
    difference = row.values.get("difference")
    known = float(difference) if isinstance(difference, int | float) else None
    return known, row.intervals.get("difference")


def named_rows(tables: Sequence[Table]) -> Named:
    """Return the rows of a run's tables by all their names."""
    return {
        f"{table.id}/{name}": (f"{table.id}/{row.key}", row)
        for table in tables
        for row in table.rows
        for name in _names(table, row)
    }


def run_figures(tables: Sequence[Table]) -> dict[str, Value]:
    """Return the figures of a run's tables by name."""
    return {
        f"{name}/{metric}": value
        for name, (_, row) in named_rows(tables).items()
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


def _by_all_names(resamples: Resamples, named: Named) -> Resamples:
    """Return resampled figures by all names of their rows."""
    by_row: dict[str, list[str]] = {}
    for name, (row, _) in named.items():
        by_row.setdefault(row, []).append(name)
    return {
        f"{name}/{metric}": values
        for figure, values in resamples.items()
        for row, _, metric in [figure.rpartition("/")]
        for name in by_row.get(row, ())
    }


def _names(table: Table, row: Row) -> tuple[str, ...]:
    """Return a row's names: its key, and its key with sizes named by their position."""
    keys = [each.key.split("/") for each in table.rows]
    if table.id == "significance":
        recipe, a, b, metric = row.key.split("/")
        positions = _positions(_sizes(keys, recipe, 2))
        return tuple(
            f"{recipe}/{first}/{second}/{metric}"
            for first in (a, *positions.get(a, ()))
            for second in (b, *positions.get(b, ()))
        )
    if table.id == "distributions":
        recipe, size, metric = row.key.split("/")
        positions = _positions(_sizes(keys, recipe, 1))
        return tuple(f"{recipe}/{each}/{metric}" for each in (size, *positions.get(size, ())))
    if table.id == "table1":
        return (row.key,)
    sizes = [each.key for each in table.rows if each.key != BASELINE]
    return (row.key, *_positions(sizes).get(row.key, ()))


def _sizes(keys: Sequence[Sequence[str]], recipe: str, part: int) -> list[str]:
    """Return the sizes that a part of a recipe's keys names, in order."""
    sizes = (key[part] for key in keys if key[0] == recipe)
    return list(dict.fromkeys(size for size in sizes if size != BASELINE))


def _positions(sizes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the names of sizes by their position; second and third are never the last.

    >>> _positions(["25", "50"]), _positions(["25", "50", "75"])["50"]
    ({'25': ('first',), '50': ('last',)}, ('second',))
    """
    found: dict[str, tuple[str, ...]] = {}
    middle = {"second": 1, "third": 2}
    places = {"first": 0} | {name: k for name, k in middle.items() if k < len(sizes) - 1}
    places |= {"last": len(sizes) - 1} if len(sizes) > 1 else {}
    for name, index in places.items() if sizes else ():
        found[sizes[index]] = (*found.get(sizes[index], ()), name)
    return found


def _statement(claim: Claim, sides: tuple[float, float] | None) -> str:
    if sides is None:
        return "not printed"
    kind = find_metric(claim.left.rpartition("/")[2]).kind
    left, right = (_side(side, kind) for side in sides)
    return f"{left} {SIGNS[claim.relation]} {right}"


def _interval(claim: Claim, interval: Interval | None) -> str:
    """Return the interval of what a claim compares; of percentages, in points."""
    if interval is None:
        return "–"
    percent = find_metric(claim.left.rpartition("/")[2]).kind == "percent"
    bounds = [f"{100 * each:+.1f}" if percent else f"{each:+.3f}" for each in interval]
    return f"[{', '.join(bounds)}]"


def _side(side: float, kind: Kind) -> str:
    """Return a figure as a reader sees it; percentages are compared to a tenth of a point."""
    return f"{side:.1%}" if kind == "percent" else show(side, kind)
