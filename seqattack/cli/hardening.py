"""Options that harden a victim while it is trained."""

from __future__ import annotations

import argparse
from typing import Any

from seqattack.cli.options import number, positive
from seqattack.errors import ConfigError

PARTS: dict[str, tuple[str, dict[str, tuple[Any, str]]]] = {
    "noise": (
        "suites",
        {
            "rate": (number(0, 1), "probability that a word of a noisy sentence gets noise (0.1)"),
            "share": (number(0, 1), "probability that a sentence is noisy in an epoch (0.5)"),
        },
    ),
    "embedding_attack": (
        "method",
        {
            "epsilon": (number(0), "largest L2 norm of the perturbation of a sentence (1.0)"),
            "steps": (positive, "FreeLB's passes over a batch (2); FGM always makes two"),
            "step_size": (number(0, over=True), "FreeLB's ascent step (half of epsilon)"),
        },
    ),
}
"""By setting: what its own option gives, and the options of its other keys: type and help."""


def add_hardening(parser: argparse.ArgumentParser) -> None:
    """Add the options, such as ``--noise`` and ``--noise-rate``; defaults stand in parentheses."""
    group = parser.add_argument_group("hardening", "robust victims; see docs/howto/hardening.md")
    group.add_argument(
        "--noise",
        type=lambda text: text.split(","),
        metavar="SUITE[,SUITE...]",
        help="fresh noise for the training sentences of every epoch: suites of `seqattack noise "
        "--list`, such as typos,case",
    )
    group.add_argument(
        "--embedding-attack",
        metavar="METHOD",
        help="adversarial training in the space of input embeddings: fgm or freelb",
    )
    for part, (_, others) in PARTS.items():
        for key, (kind, says) in others.items():
            option = f"--{part}-{key}".replace("_", "-")
            group.add_argument(option, type=kind, metavar=key.upper(), help=says)


def hardening_settings(options: argparse.Namespace) -> dict[str, dict[str, Any] | None]:
    """Return the settings that the options describe, as `TrainingSettings` takes them.

    Raises:
        ConfigError: An option is given without the one that it belongs to.
    """
    found: dict[str, dict[str, Any] | None] = {}
    for part, (main, others) in PARTS.items():
        values = {key: getattr(options, f"{part}_{key}") for key in others}
        given = {key: value for key, value in values.items() if value is not None}
        chosen = getattr(options, part)
        if given and chosen is None:
            name = f"--{part}-{next(iter(given))}".replace("_", "-")
            raise ConfigError(f"{name}: needs --{part.replace('_', '-')}; write that, too.")
        found[part] = None if chosen is None else {main: chosen, **given}
    return found
