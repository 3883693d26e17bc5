"""The command line: ``seqattack train | evaluate | attack | app | doctor ...``.

Only the parser is built here; a command's own imports happen when it runs, so ``--help`` answers
at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from seqattack import __version__
from seqattack.cli.app import add_app
from seqattack.cli.attack import add_attack, add_attack_text
from seqattack.cli.augment import add_augment
from seqattack.cli.card import add_card
from seqattack.cli.certainty import add_certainty
from seqattack.cli.check import add_check
from seqattack.cli.convert import add_convert
from seqattack.cli.doctor import add_doctor
from seqattack.cli.evaluate import add_evaluate, add_pick_samples
from seqattack.cli.fetch import add_fetch
from seqattack.cli.leaderboard import add_leaderboard
from seqattack.cli.noise import add_noise
from seqattack.cli.process import collect_rarely, one_line_errors, print_error
from seqattack.cli.report_to import add_report_to
from seqattack.cli.results import add_compare, add_summarize, print_summary
from seqattack.cli.train import add_train, add_train_masked_lm, add_train_scpn
from seqattack.cli.verify import add_verify
from seqattack.errors import ConfigError
from seqattack.text import printable


class Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong."""

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse; see `argparse.ArgumentParser`, which takes ``--option=--`` for an empty list."""
        for word in sys.argv[1:] if args is None else args:
            if word.startswith("--") and word.endswith("=--"):
                self.error(f"argument {word.removesuffix('=--')}: '--' is no value")
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """End the program with the message, of which parts may come from anywhere."""
        said = printable(message).rstrip(".")
        print_error(f"{self.prog}: error", ConfigError(f"{said} (see {self.prog} --help)"))
        raise SystemExit(2)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = Parser(
        prog="seqattack",
        description="Adversarial attacks on named-entity recognition models, and training "
        "against them.",
    )
    parser.add_argument("--version", action="version", version=f"seqattack {__version__}")
    parser.set_defaults(after=None)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    add_train(commands)
    add_train_masked_lm(commands)
    add_train_scpn(commands)
    add_evaluate(commands)
    add_pick_samples(commands)
    # Here, so that what prints tables is no part of the code that attacks.
    add_attack(commands).set_defaults(after=print_summary)
    add_attack_text(commands)
    add_augment(commands)
    add_certainty(commands)
    add_check(commands)
    add_noise(commands)
    add_summarize(commands)
    add_compare(commands)
    add_leaderboard(commands)
    add_report_to(commands)
    add_card(commands)
    add_convert(commands)
    add_fetch(commands)
    add_app(commands)
    add_doctor(commands)
    add_verify(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: The words after the program's name; those of this process by default.

    Returns:
        The exit status: 0; 1 where a command has looked and the answer is no (a victim below its
        limits, a configuration that cannot run here, a file that changed); 2 for an error that the
        message says how to cure; 130 for an interruption.

    Raises:
        SystemExit: The words are wrong (status 2), or only help was wanted (status 0).
    """
    collect_rarely()
    with one_line_errors("seqattack: error"):
        options = build_parser().parse_args(arguments)
    from seqattack.pipeline.made import recorded

    try:
        with one_line_errors("seqattack: error"), recorded():
            status: int | None = options.run(options)
            if options.after is not None:
                options.after(options)
    except KeyboardInterrupt:
        print("seqattack: interrupted; run the same command to go on", file=sys.stderr)
        return 130
    except SystemExit as stop:
        return int(stop.code or 0)
    return status or 0
