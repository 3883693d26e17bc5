"""The tables of several runs with different seeds: means and standard deviations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean, stdev

from seqattack.metrics.metric import Value
from seqattack.report.tables import Column, Row, Table
from seqattack.report.verdicts import Verdict


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
    first = {row.key: row for table in reversed(tables) for row in table.rows}
    # A run may lack a row, such as that of a class that its subset does not have.
    keys = dict.fromkeys(row.key for table in tables for row in table.rows)
    rows = [_mean(first[key], [rows[key] for rows in by_key if key in rows]) for key in keys]
    return replace(tables[0], caption=f"{_over(seeds)} {tables[0].caption}", rows=rows)


def _mean(first: Row, rows: Sequence[Row]) -> Row:
    values, spread, n = {}, {}, {}
    for key in first.values:
        known = [row.values[key] for row in rows]
        numbers = [float(value) for value in known if isinstance(value, int | float)]
        values[key] = fmean(numbers) if numbers else _shared(known)
        if len(numbers) > 1:
            spread[key] = stdev(numbers)
        n[key] = len(numbers)
    return Row(first.label, values, first.paper, n=n, key=first.key, spread=spread)


def _shared(values: Sequence[Value]) -> Value:
    """Return the text that all runs have; None where they differ, as one run's interval does."""
    return values[0] if len(set(values)) == 1 else None


def _claims(seeds: Sequence[int], tables: Sequence[Table]) -> Table:
    """Return the number of runs in which each claim holds, fails or cannot be decided."""
    answers: dict[str, list[Value]] = {}
    for table in tables:
        for row in table.rows:
            answers.setdefault(row.label, []).append(row.values["verdict"])
    first = {row.label: row for table in reversed(tables) for row in table.rows}
    rows = [
        Row(
            label,
            {
                "section": first[label].values["section"],
                "paper": first[label].values["paper"],
                **{verdict.name.lower(): each.count(verdict.value) for verdict in Verdict},
                "checked": len(each),
            },
            key=label,
        )
        for label, each in answers.items()
    ]
    columns = (
        Column("section", "Section", "text"),
        Column("paper", "Paper", "text"),
        *(Column(each.name.lower(), each.value.capitalize(), "count") for each in Verdict),
        Column("checked", "Checked", "count"),
    )
    caption = (
        "The paper's claims: the number of seeds with which each holds, fails or can't be decided, "
        f"and with which it could be checked (seeds {', '.join(map(str, seeds))})."
    )
    return Table("claims", caption, "Claim", columns, rows)


def _over(seeds: Sequence[int]) -> str:
    return (
        f"Mean ± standard deviation over {len(seeds)} runs (seeds {', '.join(map(str, seeds))}); "
        "n is the number of runs that have the figure."
    )
