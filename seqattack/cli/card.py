"""The command that writes the card of a model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from seqattack.cli.options import add_machine, check_outputs
from seqattack.cli.process import set_threads
from seqattack.errors import ConfigError
from seqattack.io import write_text


def add_card(commands: Any) -> None:
    """Add the command that writes a card."""
    parser = commands.add_parser(
        "card", help="write a model's card (README.md) with its metrics, also under attack"
    )
    parser.set_defaults(run=_card)
    parser.add_argument("--model", required=True, type=Path, help="the model's folder")
    parser.add_argument(
        "--records", nargs="*", default=[], type=Path, help="records of attacks on this model"
    )
    parser.add_argument("--name", help="the model's name (default: the folder's)")
    parser.add_argument("--dataset", help="the corpus's name, on the hub if it is there")
    parser.add_argument("--language", help="code of the corpus's language, such as en")
    parser.add_argument(
        "--license", help="the model's (default: that of the pretrained model, where it is known)"
    )
    parser.add_argument(
        "--output",
        nargs="+",
        type=Path,
        help="the file or files (default: README.md in the folder)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a card that is there")
    add_machine(parser)


def _card(options: argparse.Namespace) -> None:
    set_threads(options.threads)
    from seqattack.integrity import CARD
    from seqattack.report.model_card import CardFacts, model_card
    from seqattack.report.record_tables import measure_files
    from seqattack.victim.victim import Victim

    outputs = options.output or [options.model / CARD]
    check_outputs(outputs, options.records)
    for output in outputs:
        if output.exists() and not options.overwrite:
            raise ConfigError(f"{output}: a card is there already; --overwrite replaces it.")
    if not options.model.is_dir():
        raise ConfigError(f"{options.model}: no such folder; name that of a model.")
    victim = Victim.load(options.model, device=options.device)
    name = options.name or victim.title
    facts = CardFacts(name, options.dataset, options.language, options.license)
    attacks = measure_files(options.records, quick=True) if options.records else []
    card = model_card(options.model, victim, attacks, facts)
    for output in outputs:
        write_text(output, card)
