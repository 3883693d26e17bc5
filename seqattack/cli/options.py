"""Options that commands share."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqattack.cli.process import set_threads
from seqattack.errors import ConfigError

if TYPE_CHECKING:
    from seqattack.attack.settings import Machine
    from seqattack.victim.victim import Victim


def positive(text: str) -> int:
    """Return a positive number."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not a positive number")
    return value


def seconds(text: str) -> float | None:
    """Return a number of seconds; None for ``none``."""
    if text.lower() in ("none", "null"):
        return None
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number of seconds")
    return value


def size(text: str) -> int | None:
    """Return a positive number; None for ``all``."""
    return None if text == "all" else positive(text)


def add_machine(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where a model runs."""
    group = parser.add_argument_group("machine")
    group.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    group.add_argument("--threads", type=positive, help="processor threads (default: torch's own)")


def add_model(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """Add the options that name a victim."""
    parser.add_argument(
        "--model",
        "--victim",
        dest="model",
        required=default is None,
        default=default,
        help="folder or hub name of a transformers model, KIND:NAME (spacy, gliner, onnx, "
        "openvino, python), or a server's address (http://...)"
        + (f" (default: {default})" if default else ""),
    )
    parser.add_argument("--revision", help="the hub model's pinned revision")
    parser.add_argument(
        "--tags",
        nargs="+",
        default=[],
        metavar="TAG",
        help="the tags in the order of their ids, where the victim does not say them; the classes "
        "that a GLiNER looks for",
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="CLASS=OTHER",
        help="give a class of the victim another name; CLASS= drops it; may be repeated",
    )
    parser.add_argument("--per-second", type=float, help="most requests a second to a server")
    parser.add_argument(
        "--precision",
        default="float32",
        choices=("auto", "float32", "bfloat16"),
        help="of the forward passes of victim and sentence encoder; auto is bfloat16 where the "
        "device has it (default: float32)",
    )
    add_machine(parser)


def add_sentences(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the sentences."""
    parser.add_argument(
        "--sentences",
        required=True,
        type=Path,
        help="tagged sentences: JSON lines (.jsonl) or a CoNLL column file",
    )


def label_map(words: Sequence[str]) -> dict[str, str]:
    """Return classes by those that they replace, from words of the form CLASS=OTHER.

    Raises:
        ConfigError: A word has another form, or a class comes twice.

    >>> label_map(["PERSON=PER", "MISC="])
    {'PERSON': 'PER', 'MISC': ''}
    """
    made: dict[str, str] = {}
    for word in words:
        old, sign, new = word.partition("=")
        if not (old and sign) or old in made:
            raise ConfigError(
                f"--map {word}: write CLASS=OTHER, each class once, or CLASS= to drop it."
            )
        made[old] = new
    return made


def chosen_victim(options: argparse.Namespace, machine: Machine | None = None) -> Victim:
    """Return the victim that the options name.

    Args:
        options: As parsed.
        machine: Where it runs; what the options say without one.
    """
    set_threads(options.threads)
    from seqattack.victim.kinds import load_victim

    return load_victim(
        options.model,
        revision=options.revision,
        device=machine.device if machine else options.device,
        precision=machine.precision if machine else options.precision,
        tags=options.tags,
        labels=label_map(options.map),
        per_second=options.per_second,
    )
