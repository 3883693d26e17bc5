"""The command that compares a run's files with their checksums."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqattack.integrity import Finding


def add_verify(commands: Any) -> None:
    """Add the command that compares a run's files with their checksums."""
    parser = commands.add_parser(
        "verify", help="say which files of a run changed since they were made"
    )
    parser.set_defaults(run=_verify)
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="folders of a run, such as results and figures, or files",
    )
    parser.add_argument(
        "--accept",
        action="store_true",
        help="take files (not folders) as they are now: record their checksums",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _verify(options: argparse.Namespace) -> int:
    from seqattack.checks import shown
    from seqattack.errors import ConfigError
    from seqattack.integrity import State, compare, examine, record

    for path in options.paths:
        if not path.exists():
            raise ConfigError(f"{path}: no such file or folder; give those of a run.")
        if options.accept and not path.is_file():
            raise ConfigError(f"--accept {shown(str(path))}: a folder; name the files in it.")
    if options.accept:
        for path in options.paths:
            record(path.resolve())
    findings = [
        finding
        for path in options.paths
        for finding in (examine(path) if path.is_dir() else [compare(path.resolve())])
    ]
    _print_json(findings) if options.json else _print_text(findings)
    return int(any(each.state in (State.CHANGED, State.MISSING) for each in findings))


def _print_json(findings: list[Finding]) -> None:
    from seqattack.integrity import State
    from seqattack.io import dump_json

    wrong = [
        {
            "path": str(each.path),
            "state": each.state.value,
            "expected": each.expected,
            "found": each.found,
        }
        for each in findings
        if each.state is not State.INTACT
    ]
    sys.stdout.write(dump_json({"intact": len(findings) - len(wrong), "others": wrong}))


def _print_text(findings: list[Finding]) -> None:
    from collections import Counter

    from seqattack.integrity import State
    from seqattack.text import printable

    for each in findings:
        if each.state in (State.CHANGED, State.MISSING):
            expected = each.expected or "something that cannot be read"
            said = f"; it is {each.found}" if each.found else ""
            print(printable(f"{each.path}: {each.state} (SHA-256 {expected} was recorded{said})"))
        elif each.state is State.UNRECORDED:
            print(printable(f"{each.path}: {each.state}"))
    counts = Counter(each.state for each in findings)
    print(", ".join(f"{counts[state]} {state}" for state in State))
    if findings and counts[State.UNRECORDED] == len(findings):
        print(
            "No file here has a checksum: no job of the pipeline made them, or an older version of "
            "it did."
        )
