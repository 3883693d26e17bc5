"""The tables of several runs with different seeds: means and standard deviations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean, stdev

from seqattack.report.tables import Column, Row, Table


def over_seeds(runs: Mapping[int, Sequence[Table]]) -> list[Table]:
    """Return one table for each table of the runs: mean and sample standard deviation.

    Args:
        runs: The tables of each run by its seed; at least two runs of the same configuration.
    """
    seeds = list(runs)
    return [
        (_claims if tables[0].id == "claims" else _means)(seeds, tables)
        for tables in zip(*runs.values(), strict=True)
    ]


def _means(seeds: Sequence[int], tables: Sequence[Table]) -> Table:
    by_key = [{row.key: row for row in table.rows} for table in tables]
    rows = [_mean(row, [rows[row.key] for rows in by_key]) for row in tables[0].rows]
    return replace(tables[0], caption=f"{_over(seeds)} {tables[0].caption}", rows=rows)


def _mean(first: Row, rows: Sequence[Row]) -> Row:
    values, spread, n = {}, {}, {}
    for key in first.values:
        known = [row.values[key] for row in rows]
        numbers = [float(value) for value in known if isinstance(value, int | float)]
        text = first.values[key] if isinstance(first.values[key], str) else None
        values[key] = fmean(numbers) if numbers else text
        if len(numbers) > 1:
            spread[key] = stdev(numbers)
        n[key] = len(numbers)
    return Row(first.label, values, first.paper, n=n, key=first.key, spread=spread)


def _claims(seeds: Sequence[int], tables: Sequence[Table]) -> Table:
    """Return the number of runs in which each claim holds."""
    answers: dict[str, list[bool]] = {}
    for table in tables:
        for row in table.rows:
            answers.setdefault(row.label, []).append(row.values["holds"] == "yes")
    first = {row.label: row for table in reversed(tables) for row in table.rows}
    rows = [
        Row(
            label,
            {
                "section": first[label].values["section"],
                "paper": first[label].values["paper"],
                "holds": sum(each),
                "checked": len(each),
            },
        )
        for label, each in answers.items()
    ]
    columns = (
        Column("section", "Section", "text"),
        Column("paper", "Paper", "text"),
        Column("holds", "Holds", "count"),
        Column("checked", "Checked", "count"),
    )
    caption = (
        "Claims of the paper's sections 5 and 6: the number of seeds with which each holds, and "
        f"with which it could be checked (seeds {', '.join(map(str, seeds))})."
    )
    return Table("claims", caption, "Claim", columns, rows)


def _over(seeds: Sequence[int]) -> str:
    return (
        f"Mean ± standard deviation over {len(seeds)} runs (seeds {', '.join(map(str, seeds))}); "
        "n is the number of runs that have the figure."
    )
