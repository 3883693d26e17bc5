"""The command that says whether a configuration can run here."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_doctor(commands: Any) -> None:
    """Add the command that says whether a configuration can run here."""
    parser = commands.add_parser(
        "doctor", help="say what is installed, reachable and cached, and what a configuration lacks"
    )
    parser.set_defaults(run=_doctor)
    parser.add_argument(
        "config", nargs="?", type=Path, help="a pipeline's configuration, such as config/demo.yaml"
    )


def _doctor(options: argparse.Namespace) -> int:
    from seqattack.pipeline.config import load_config
    from seqattack.pipeline.doctor import State, diagnose
    from seqattack.text import printable

    config = load_config(options.config) if options.config else None
    can_run = True
    for finding in diagnose(config):
        print(printable(f"{finding.state:<8}{finding.subject:<24}{finding.detail}"), flush=True)
        can_run &= finding.state is not State.MISSING
    if config:
        print(f"{options.config} can{'' if can_run else 'not'} run here")
    return 0 if can_run else 1
