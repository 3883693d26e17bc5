"""Commands that measure and compare what attacks found."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack.cli.options import check_outputs, seed
from seqattack.io import write_text

if TYPE_CHECKING:
    from seqattack.report.tables import Table

FORMATS = ("text", "markdown", "latex", "csv", "json")
"""How tables are written."""

TABLES = ("attacks", "classes", "outcomes", "stops")
"""What `seqattack summarize` can say of attacks."""


def add_summarize(commands: Any) -> None:
    """Add the command that measures attacks from their records."""
    parser = commands.add_parser(
        "summarize", help="what attacks found: attack rate, scores, classes, reasons for stopping"
    )
    parser.set_defaults(run=_summarize)
    parser.add_argument("records", nargs="+", type=Path, help="JSON lines of attack records")
    parser.add_argument(
        "--table",
        nargs="+",
        choices=TABLES,
        help="attacks: the metrics; classes: precision, recall and F1 of each class; outcomes: "
        "what became of the entities; stops: why searches stopped (default: all; as CSV, attacks)",
    )
    _add_measuring(parser)


def add_compare(commands: Any) -> None:
    """Add the command that compares two attacks on the same sentences."""
    parser = commands.add_parser(
        "compare", help="compare two attacks on the same sentences, with paired tests"
    )
    parser.set_defaults(run=_compare)
    parser.add_argument("first", type=Path, help="JSON lines of attack records")
    parser.add_argument("second", type=Path, help="JSON lines of attack records")
    parser.add_argument(
        "--table",
        nargs="+",
        choices=("attacks", "significance"),
        help="attacks: the metrics of both; significance: paired tests (default: both; as CSV, "
        "significance)",
    )
    _add_measuring(parser)


def _add_measuring(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--quick", action="store_true", help="leave out similarity and grammar errors"
    )
    add_writing(parser)


def add_writing(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how tables are written, and the seed of their intervals."""
    parser.add_argument(
        "--seed", type=seed, default=0, help="of the bootstrap's intervals (default: 0)"
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    parser.add_argument("--output", type=Path, help="the file to write; the terminal without one")


def _summarize(options: argparse.Namespace) -> None:
    check_outputs([options.output], options.records)
    from seqattack.report.record_tables import attack_tables, measure_files

    measured = measure_files(options.records, quick=options.quick, seed=options.seed)
    write_tables(options, attack_tables(measured), "attacks")


def print_summary(options: argparse.Namespace) -> None:
    """Print what an attack found, without what needs models; nothing for a job of the pipeline.

    Args:
        options: Those of `seqattack attack`.
    """
    written = options.output.is_file() and options.output.stat().st_size
    if options.job is not None or not written:
        return
    from seqattack.report.record_tables import attack_tables, measure_files
    from seqattack.report.tables import to_text

    measured = measure_files([options.output], quick=True, seed=options.seed)
    sys.stdout.write("\n".join(map(to_text, attack_tables(measured).values())))


def _compare(options: argparse.Namespace) -> None:
    paths = (options.first, options.second)
    check_outputs([options.output], paths)
    from seqattack.report.record_tables import comparison_tables, measure_files

    first, second = measure_files(paths, quick=options.quick, seed=options.seed)
    write_tables(options, comparison_tables(first, second), "significance")


def write_tables(options: argparse.Namespace, tables: Mapping[str, Table], only: str) -> None:
    """Write the tables that were asked for.

    Args:
        options: As parsed.
        tables: By name.
        only: The table that is written as CSV, which holds one, if none is named.
    """
    from seqattack.report.latex import to_latex
    from seqattack.report.tables import to_csv, to_markdown, to_text

    names = options.table or ([only] if options.format == "csv" else list(tables))
    chosen = [tables[name] for name in dict.fromkeys(names)]
    if options.format == "json":
        found = {table.id: table.to_json() for table in chosen}
        text = json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    else:
        write = {"text": to_text, "markdown": to_markdown, "latex": to_latex, "csv": to_csv}
        text = "\n".join(write[options.format](table) for table in chosen)
    if options.output:
        write_text(options.output, text)
    else:
        sys.stdout.write(text)
