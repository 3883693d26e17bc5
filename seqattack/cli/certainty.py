"""The command that measures whether a victim's probabilities can be trusted under attack."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from seqattack.cli.options import (
    add_model,
    add_sentences,
    check_outputs,
    chosen_victim,
    number,
    read_shared,
    seed,
)


def add_certainty(commands: Any) -> None:
    """Add the command that measures calibration and conformal coverage."""
    parser = commands.add_parser(
        "certainty", help="calibration and conformal coverage before and under attacks"
    )
    parser.set_defaults(run=_certainty)
    add_model(parser)
    add_sentences(parser)
    parser.add_argument(
        "--records",
        nargs="+",
        required=True,
        type=Path,
        help="JSON lines of attack records; the victim is asked about their texts anew",
    )
    parser.add_argument(
        "--promised",
        type=number(0.01, 0.999),
        default=0.9,
        metavar="SHARE",
        help="coverage that the prediction sets promise (default: 0.9); the sentences, which the "
        "victim must not have been trained on, calibrate them",
    )
    parser.add_argument(
        "--seed", type=seed, default=0, help="of the bootstrap's intervals (default: 0)"
    )
    parser.add_argument("--output", type=Path, help="write all figures here as JSON too")
    parser.add_argument(
        "--figure", type=Path, help="also draw PDF, SVG and PNG; the path without its ending"
    )


def _certainty(options: argparse.Namespace) -> None:
    drawn: list[Path] = []
    if options.figure:
        from seqattack.report.certainty_figure import certainty_figure_files

        drawn = certainty_figure_files(options.figure)
    check_outputs([options.output, *drawn], [options.sentences, options.model, *options.records])
    victim = chosen_victim(options)
    from seqattack.io import write_json
    from seqattack.metrics.certainty import victim_certainty
    from seqattack.report.certainty import certainty_classes_table, certainty_table
    from seqattack.report.certainty_figure import write_certainty_figure
    from seqattack.report.record_tables import named_records
    from seqattack.report.tables import to_text

    found = victim_certainty(
        victim,
        victim.title,
        read_shared(options, victim),
        dict(named_records(options.records)),
        options.promised,
        options.seed,
    )
    print("\n".join(map(to_text, (certainty_table([found]), certainty_classes_table([found])))))
    if options.output:
        write_json(options.output, found.to_json())
    if options.figure:
        write_certainty_figure(found, options.figure)
