"""The command that gives a finished run to an experiment tracker."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from seqattack.cli.options import check_outputs
from seqattack.io import write_json
from seqattack.pipeline.names import TRACKERS


def add_report_to(commands: Any) -> None:
    """Add the command that reports a run."""
    parser = commands.add_parser(
        "report-to",
        help="give a finished run's configuration, figures and files to MLflow, TensorBoard or "
        "Weights & Biases",
    )
    parser.set_defaults(run=_report_to)
    parser.add_argument("tracker", choices=TRACKERS, help="which tracker")
    parser.add_argument(
        "results",
        nargs="?",
        default="results",
        type=Path,
        help="results folder of a finished run (default: results)",
    )
    parser.add_argument("--name", help="the run's name (default: its folders')")
    parser.add_argument(
        "--place",
        help="MLflow's tracking address, TensorBoard's folder of logs, the folder of wandb's files "
        "(default: the tracker's own, or what its environment variables say)",
    )
    parser.add_argument("--output", type=Path, help="write here where it was put, as JSON")


def _report_to(options: argparse.Namespace) -> None:
    check_outputs([options.output], [])
    from seqattack.report.tracking import finished_runs, report_to

    runs = finished_runs(options.results, options.name)
    found = [report_to(options.tracker, run, options.place) for run in runs]
    for run, each in zip(runs, found, strict=True):
        print(f"{run.name}: {len(run.metrics)} figures, {each.place}", file=sys.stderr)
    if options.output:
        write_json(options.output, [each.to_json() for each in found])
