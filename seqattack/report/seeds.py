"""The tables of several runs with different seeds: means and standard deviations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean, stdev

from seqattack.metrics.metric import Value
from seqattack.pipeline.layout import LEADERBOARD
from seqattack.report.leaderboard import FAVOURED
from seqattack.report.tables import Column, Row, Table
from seqattack.report.verdicts import Verdict

OF_ONE_RUN = ("ahead", "ahead_interval", "p")
"""The columns of a leaderboard that are tests of neighbours: another seed has other neighbours."""


def over_seeds(runs: Mapping[int, Sequence[Table]]) -> list[Table]:
    """Return one table for each table of the runs: mean and sample standard deviation.

    Args:
        runs: The tables of each run by its seed; at least two runs of the same configuration.
    """
    seeds, others = list(runs), {"claims": _claims, LEADERBOARD: _leaderboard}
    return [
        others.get(tables[0].id, _means)(seeds, tables)
        for tables in zip(*runs.values(), strict=True)
    ]


def _means(seeds: Sequence[int], tables: Sequence[Table]) -> Table:
    """Return the means of all figures; a column of texts that no two runs share is left out."""
    by_key = [{row.key: row for row in table.rows} for table in tables]
    first = {row.key: row for table in reversed(tables) for row in table.rows}
    # A run may lack a row, such as that of a class that its subset does not have.
    keys = dict.fromkeys(row.key for table in tables for row in table.rows)
    rows = [_mean(first[key], [rows[key] for rows in by_key if key in rows]) for key in keys]
    columns = [
        column
        for column in tables[0].columns
        if column.kind != "text" or any(row.values.get(column.key) is not None for row in rows)
    ]
    caption = f"{_over(seeds)} {tables[0].caption}"
    return replace(tables[0], caption=caption, columns=columns, rows=rows, of_run="")


def _mean(first: Row, rows: Sequence[Row]) -> Row:
    values, spread, n = {}, {}, {}
    for key in first.values:
        known = [row.values[key] for row in rows]
        numbers = _numbers(known)
        values[key] = fmean(numbers) if numbers else _shared(known)
        if len(numbers) > 1:
            spread[key] = stdev(numbers)
        n[key] = len(numbers)
    return Row(first.label, values, first.paper, n=n, key=first.key, spread=spread)


def _shared(values: Sequence[Value]) -> Value:
    """Return the text that all runs have; None where they differ, as one run's interval does."""
    return values[0] if len(set(values)) == 1 else None


def _leaderboard(seeds: Sequence[int], tables: Sequence[Table]) -> Table:
    """Return the victims' mean figures, ranked anew by their mean F1 under attack."""
    means = _means(seeds, tables)
    columns = [
        replace(column, heading="Ranks") if column.key == "ranks" else column
        for column in tables[0].columns
        if column.key not in OF_ONE_RUN
    ]
    caption = (
        f"{_over(seeds)} {len(means.rows)} victims, ranked by the mean over the seeds of their F1 "
        "under attack (seqeval, strict IOB2, each success replaced by its adversarial example; the "
        "mean over recipes). Ranks: the best and the worst of a seed. Every seed has its own "
        f"victims and its own sentences; the runs' own tables have tests of neighbours. {FAVOURED}"
    )
    return replace(means, caption=caption, columns=columns, rows=_ranked(means.rows, tables))


def _ranked(means: Sequence[Row], tables: Sequence[Table]) -> list[Row]:
    """Return the victims' rows with their rank and their ranks of all seeds, the best first."""
    scores = _numbers(row.values["mean_f1"] for row in means)
    rows = []
    for score, row in sorted(zip(scores, means, strict=True), key=lambda pair: -pair[0]):
        alike = (each for table in tables for each in table.rows if each.key == row.key)
        ranks = sorted({round(rank) for rank in _numbers(each.values["rank"] for each in alike)})
        values = {key: value for key, value in row.values.items() if key not in OF_ONE_RUN}
        values["rank"] = 1 + sum(other > score for other in scores)
        values["ranks"] = "–".join(map(str, dict.fromkeys((ranks[0], ranks[-1]))))
        spread = {key: sd for key, sd in row.spread.items() if key in values and key != "rank"}
        rows.append(replace(row, values=values, spread=spread))
    return rows


def _numbers(values: Iterable[Value]) -> list[float]:
    return [float(value) for value in values if isinstance(value, int | float)]


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
        "The paper's claims: the number of seeds with which each holds, fails or is not decidable, "
        f"and with which it could be checked (seeds {', '.join(map(str, seeds))})."
    )
    return Table("claims", caption, "Claim", columns, rows)


def _over(seeds: Sequence[int]) -> str:
    return (
        f"Mean ± standard deviation over {len(seeds)} runs (seeds {', '.join(map(str, seeds))}); "
        "beside a row and in the long form, n is the number of runs that have the figure. "
        "Intervals stand in the runs' own tables."
    )
