"""The command that merges the results of several people's victims into one leaderboard."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from seqattack.cli.options import check_outputs
from seqattack.cli.results import add_writing, write_tables
from seqattack.errors import RecordError


def add_leaderboard(commands: Any) -> None:
    """Add the command that ranks victims."""
    parser = commands.add_parser(
        "leaderboard", help="rank victims of one run or several by their F1 under attack"
    )
    parser.set_defaults(run=_leaderboard, table=None)
    parser.add_argument(
        "results",
        nargs="+",
        type=Path,
        help="results of a run, its folder leaderboard, or JSON files of it",
    )
    parser.add_argument(
        "--mark",
        action="store_true",
        help="mark victims whose goal, budget, seed or code is another, instead of refusing them",
    )
    add_writing(parser)


def _leaderboard(options: argparse.Namespace) -> None:
    check_outputs([options.output], options.results)
    from seqattack.report.leaderboard import disagreements, leaderboard_table, read_victims

    victims = read_victims(options.results)
    found = list(disagreements(victims))
    if found and not options.mark:
        lines = "\n".join(f"  {each}" for each in found)
        raise RecordError(
            f"the results can't be ranked together, since they differ in:\n{lines}\n"
            "Run the attacks alike, or give --mark, which ranks them all the same and says in "
            "which rows what differs (never with another subset)."
        )
    table = leaderboard_table(victims, options.seed, found)
    write_tables(options, {table.id: table}, table.id)
