"""The command that measures what noise does to a victim."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack.cli.check import FLOORS, Limit
from seqattack.cli.options import (
    add_model,
    add_sentences,
    check_outputs,
    chosen_victim,
    number,
    positive,
    read_shared,
)
from seqattack.cli.results import add_writing, write_tables
from seqattack.errors import ConfigError
from seqattack.metrics.metric import find_metric
from seqattack.perturbations.noise import Noise, Where, noisy_sentences
from seqattack.perturbations.suites import SUITES, Suite, find_suite

if TYPE_CHECKING:
    from seqattack.metrics.noise import VictimNoise

EVERY = "all"
"""Stands for all suites."""


def add_noise(commands: Any) -> None:
    """Add the command that measures noise without any search."""
    parser = commands.add_parser(
        "noise", help="precision, recall and F1 before and after noise: typos, OCR errors, case ..."
    )
    parser.set_defaults(run=_noise)
    add_model(parser)
    add_sentences(parser)
    parser.add_argument(
        "--suite",
        type=_suites,
        default="typos,ocr,case",
        metavar="SUITE[,SUITE...]",
        help="what goes wrong: names of --list, or all; typos+ocr is one suite, of which each word "
        "gets one of the two (default: typos,ocr,case)",
    )
    parser.add_argument("--list", action=_List, nargs=0, help="print the suites, and exit")
    parser.add_argument(
        "--rate",
        type=_rates,
        default="0.1",
        metavar="RATE[,RATE...]",
        help="probability that a word is drawn, from 0 to 1 (default: 0.1)",
    )
    parser.add_argument(
        "--where",
        choices=tuple(map(str, Where)),
        default=str(Where.EVERYWHERE),
        help="which words: all, those of entities, or all others (default: everywhere)",
    )
    parser.add_argument(
        "--draws",
        type=positive,
        default=1,
        help="how often each sentence gets noise; figures are means over draws (default: 1)",
    )
    parser.add_argument(
        "--table",
        nargs="+",
        choices=("noise", "noise-classes"),
        help="noise: the metrics; noise-classes: those of each class (default: both; as CSV, "
        "noise)",
    )
    add_writing(parser)
    parser.add_argument(
        "--noisy",
        type=Path,
        metavar="FOLDER",
        help="also write the sentences with noise here as columns, such as typos-0.1.conll",
    )
    floors = parser.add_argument_group(
        "floors", "exit with 1 if any suite at any rate is below; shares from 0 to 1"
    )
    for name in FLOORS:
        floors.add_argument(
            f"--min-{name}",
            type=number(0, 1),
            metavar="SHARE",
            help=f"least {find_metric(name).name} with noise",
        )


class _List(argparse.Action):
    """Prints all suites."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        width = max(map(len, SUITES))
        for name, suite in SUITES.items():
            print(f"{name:<{width}}  {suite.meaning}")
        parser.exit()


def _suites(text: str) -> list[Suite]:
    names = list(SUITES) if text == EVERY else text.split(",")
    try:
        return [find_suite(name) for name in dict.fromkeys(names)]
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _rates(text: str) -> list[float]:
    return list(dict.fromkeys(map(number(0, 1), text.split(","))))


def _noise(options: argparse.Namespace) -> int:
    noises = [
        Noise(suite, rate, Where(options.where)) for suite in options.suite for rate in options.rate
    ]
    noisy = _noisy_files(options, noises)
    check_outputs([options.output, *noisy], [options.sentences, options.model])
    victim = chosen_victim(options)
    from tqdm import tqdm

    from seqattack.corpus.conll import write_conll
    from seqattack.metrics.noise import victim_noise
    from seqattack.report.noise import noise_classes_table, noise_table

    sentences = read_shared(options, victim)
    found = victim_noise(
        victim,
        victim.title,
        sentences,
        noises,
        options.seed,
        options.draws,
        partial(tqdm, desc="noise", unit="suite", disable=None),
    )
    for path, (noise, draw) in noisy.items():
        drawn = noisy_sentences(noise, sentences, options.seed, draw)
        write_conll(path, (each.sentence for each in drawn))
    tables = (noise_table([found]), noise_classes_table([found]))
    write_tables(options, {table.id: table for table in tables}, "noise")
    return _verdict(list(_limits(options, found)))


def _noisy_files(
    options: argparse.Namespace, noises: Sequence[Noise]
) -> dict[Path, tuple[Noise, int]]:
    """Return, by its file, each noise and the number of its draw; none unless asked for."""
    if options.noisy is None:
        return {}
    return {
        options.noisy / f"{each.suite.name}-{each.rate:g}{f'-{draw}' if draw else ''}.conll": (
            each,
            draw,
        )
        for each in noises
        for draw in range(options.draws)
    }


def _limits(options: argparse.Namespace, found: VictimNoise) -> Iterator[Limit]:
    from seqattack.report.noise import noise_label

    for name in FLOORS:
        least = getattr(options, f"min_{name}")
        for suite in found.suites if least is not None else ():
            score = getattr(suite.overall, name)
            bounds = score.after_interval
            yield Limit(name, ">=", least, score.after, bounds, under=noise_label(suite))


def _verdict(limits: Sequence[Limit]) -> int:
    """Say which limits do not hold, and return the exit status."""
    broken = [limit for limit in limits if not limit.holds]
    if limits:
        said = "; ".join(map(str, broken)) if broken else f"all {len(limits)} limits"
        print(f"{'fails' if broken else 'holds'}: {said}", file=sys.stderr)
    return 1 if broken else 0
