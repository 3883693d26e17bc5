"""Options that commands share."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from seqattack.checks import (
    LARGEST,
    LARGEST_SEED,
    check_auto_or_integer,
    check_integer,
    check_mapping,
    check_number,
    shown,
)
from seqattack.cli.process import set_threads
from seqattack.corpus.labels import parse_map, to_map
from seqattack.corpus.options import SCHEMES, ReadOptions
from seqattack.errors import ConfigError
from seqattack.io import check_writable, is_special, json_value
from seqattack.models.backend import BACKENDS
from seqattack.models.precisions import PRECISIONS

if TYPE_CHECKING:
    from seqattack.attack.settings import Machine
    from seqattack.models.batch_size import Auto
    from seqattack.sentence import Sentence
    from seqattack.victim.victim import Victim


T = TypeVar("T")

MOST_THREADS = max(256, os.cpu_count() or 1)
"""More would only wait for each other, and torch starts all of them."""


def checked(parse: Callable[[str], Any], check: Callable[[Any], T]) -> Callable[[str], T]:
    """Return what reads an option's value and checks it.

    Args:
        parse: Makes a value of the option's text; a ValueError says that it is none.
        check: Returns the value, or raises a ConfigError.
    """

    def read(text: str) -> T:
        try:
            value = parse(text)
        except ValueError:
            value = text
        try:
            return check(value)
        except ConfigError as error:
            raise argparse.ArgumentTypeError(str(error).removeprefix(": ")) from error

    return read


def integer(least: int, most: int = LARGEST) -> Callable[[str], int]:
    """Return what reads an integer in a range."""
    return checked(int, lambda value: check_integer("", value, least, most))


def auto_or_integer(least: int, most: int = LARGEST) -> Callable[[str], int | Auto]:
    """Return what reads ``auto`` or an integer in a range."""
    return checked(int, lambda value: check_auto_or_integer("", value, least, most))


def number(least: float, most: float = math.inf, *, over: bool = False) -> Callable[[str], float]:
    """Return what reads a number in a range.

    Args:
        least: The smallest that is allowed.
        most: The largest that is allowed.
        over: Whether `least` itself is not allowed.
    """
    return checked(float, lambda value: check_number("", value, least, most, over=over))


positive = integer(1)
seed = integer(0, LARGEST_SEED)


def seconds(text: str) -> float | None:
    """Return a number of seconds; None for ``none``."""
    return None if text.lower() in ("none", "null") else number(0, over=True)(text)


def size(text: str) -> int | None:
    """Return a positive number; None for ``all``."""
    return None if text == "all" else positive(text)


def json_object(text: str) -> Mapping[str, Any]:
    """Return a JSON object."""
    try:
        return check_mapping("", json_value(text))
    except (ValueError, ConfigError) as error:
        raise argparse.ArgumentTypeError(f"{shown(text)} is no JSON object ({error})") from error


def add_machine(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where a model runs."""
    group = parser.add_argument_group("machine")
    group.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    group.add_argument(
        "--threads",
        type=integer(1, MOST_THREADS),
        help="processor threads (default: torch's own)",
    )


def add_model(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """Add the options that name a victim."""
    parser.add_argument(
        "--model",
        "--victim",
        dest="model",
        required=default is None,
        default=default,
        help="folder or hub name of a transformers model, KIND:NAME (spacy, gliner, onnx, "
        "openvino, python), or a server's address (http://...); normalise: before it shows the "
        "victim texts without disguises" + (f" (default: {default})" if default else ""),
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
        "--per-second", type=number(0, over=True), help="most requests a second to a server"
    )
    parser.add_argument(
        "--word-tag",
        choices=("first", "vote"),
        help="where a transformers model's tag of a word is read: at its first sub-token, or by a "
        "vote of all, as the published code has it (default: first)",
    )
    parser.add_argument(
        "--precision",
        default="float32",
        choices=PRECISIONS,
        help="of the forward passes of victim and sentence encoder; auto is bfloat16 where the "
        "device has it (default: float32)",
    )
    add_backend(parser)
    add_machine(parser)


def add_backend(parser: argparse.ArgumentParser) -> None:
    """Add the option that says what computes forward passes."""
    parser.add_argument(
        "--backend",
        default="torch",
        choices=BACKENDS,
        help="what computes the forward passes of victim, masked LM and sentence encoder; openvino "
        "is faster on processors; auto takes it where it is installed and the processor has "
        "bfloat16 (default: torch)",
    )


def add_sentences(parser: argparse.ArgumentParser) -> None:
    """Add the options that name the sentences and say how they are read."""
    parser.add_argument(
        "--sentences",
        required=True,
        type=Path,
        help="tagged sentences: columns (CoNLL), JSON in many forms, or parquet",
    )
    add_reading(parser)


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what can't be told from a file of sentences itself."""
    group = parser.add_argument_group("reading", "what can't be told from a file itself")
    for name in ("token", "tag"):
        group.add_argument(
            f"--{name}-column",
            type=_column,
            metavar="COLUMN",
            help=f"column of the {name}s: a number, from 1 (-1 is the last), or a name",
        )
    group.add_argument(
        "--scheme",
        choices=SCHEMES,
        default="auto",
        help="how tags mark entities; io: bare classes (default: auto, which is all but io)",
    )
    group.add_argument(
        "--strict", action="store_true", help="refuse what would be repaired or left out"
    )
    group.add_argument("--tag-names", nargs="+", default=(), help="the tags, if a file has numbers")
    group.add_argument(
        "--document-ids", action="store_true", help="let ids say the number of a nameless document"
    )
    add_map(group)


def add_map(group: argparse._ActionsContainer) -> None:
    """Add the option that gives classes of sentences and victim the same names."""
    group.add_argument(
        "--map",
        type=_mapping,
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="another name for a class of the file or of the victim; OLD= leaves it out; may be "
        "given again",
    )


def _column(text: str) -> int | str:
    if not text.removeprefix("-").isdecimal():
        return text
    return -positive(text[1:]) if text.startswith("-") else positive(text)


def _mapping(text: str) -> tuple[str, str]:
    try:
        return parse_map(text)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def check_outputs(outputs: Iterable[Path | None], inputs: Iterable[str | Path | None]) -> None:
    """Check that outputs can be written, and that none would replace an input or another output.

    Args:
        outputs: Files or folders that the command writes; None where it does not.
        inputs: Files or folders that it reads; None, and what is no path, count as nothing.

    Raises:
        ConfigError: One would.
        SeqAttackError: Nothing can be written there.
    """
    read = [Path(path).resolve() for path in inputs if path is not None]
    written: list[Path] = []
    for output in outputs:
        if output is None or is_special(output):
            continue
        path = output.resolve()
        if path in written or any(each == path or path in each.parents for each in read):
            raise ConfigError(
                f"{output}: is an input or another output of this command and would be lost; "
                "choose another output."
            )
        check_writable(next(folder for folder in path.parents if folder.exists()))
        written.append(path)


def read(path: Path, options: argparse.Namespace) -> list[Sentence]:
    """Return the sentences of a file, read as the options of `add_reading` say."""
    from seqattack.corpus import read_sentences

    return read_sentences(
        path,
        ReadOptions(
            token_column=options.token_column,
            tag_column=options.tag_column,
            scheme=options.scheme,
            strict=options.strict,
            tag_names=tuple(options.tag_names),
            document_ids=options.document_ids,
            labels=to_map(options.map),
        ),
    )


def read_shared(options: argparse.Namespace, victim: Victim) -> list[Sentence]:
    """Return the sentences that the options name, with the classes that the victim has, too.

    Classes that only one of them has are listed on stderr.
    """
    from seqattack.corpus import say
    from seqattack.corpus.labels import share_classes

    shared = share_classes(read(options.sentences, options), victim.labels)
    for line in shared.lines():
        say(line)
    return list(shared.sentences)


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
        backend=machine.backend if machine else options.backend,
        tags=options.tags,
        labels=to_map(options.map),
        per_second=options.per_second,
        word_tag=options.word_tag,
    )
