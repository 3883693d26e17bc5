"""The victim that a script of the pipeline asks: its options, how it is loaded, its sentences."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from seqattack.cli.process import set_threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seqattack.sentence import Sentence
    from seqattack.victim.victim import Victim


def add_victim(parser: argparse.ArgumentParser, *, has_precision: bool = True) -> None:
    """Add the options that name a victim and say where it runs.

    Args:
        parser: The script's.
        has_precision: Whether precision and backend can be chosen; float32 on torch without it.
    """
    parser.add_argument("--model", required=True, help="the victim: its folder, or KIND:NAME")
    add_machine(parser, has_precision=has_precision)


def add_machine(parser: argparse.ArgumentParser, *, has_precision: bool = True) -> None:
    """Add the options that say where victims run; see `add_victim`."""
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    if has_precision:
        parser.add_argument("--precision", default="float32", help="of the forward passes")
        parser.add_argument("--backend", default="torch", help="what computes them")
    else:
        parser.set_defaults(precision="float32", backend="torch")


def chosen_victim(options: argparse.Namespace, model: str | None = None) -> Victim:
    """Return the victim that the options name.

    Args:
        options: As parsed.
        model: Another one, on the same machine.
    """
    set_threads(options.threads)
    from seqattack.victim.kinds import load_victim

    return load_victim(
        model or options.model,
        device=options.device,
        precision=options.precision,
        backend=options.backend,
    )


def shared_sentences(path: str, victim: Victim) -> Sequence[Sentence]:
    """Return the sentences of a file with the classes that the victim has, too.

    Classes that only one of them has are listed on stderr.
    """
    from seqattack.corpus import read_sentences, say
    from seqattack.corpus.labels import share_classes

    shared = share_classes(read_sentences(path), victim.labels)
    for line in shared.lines():
        say(line)
    return shared.sentences
