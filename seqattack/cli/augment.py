"""The command that adds adversarial examples to a training set."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack.cli.attack import add_resources, add_settings, chosen_job, fitting, load_engine
from seqattack.cli.convert import FORMATS
from seqattack.cli.options import (
    add_model,
    add_sentences,
    check_outputs,
    chosen_victim,
    positive,
    read_shared,
)
from seqattack.errors import ConfigError, ShortageError

if TYPE_CHECKING:
    from seqattack.attack.engine import Engine
    from seqattack.files.publish import Destination
    from seqattack.records import AttackRecord
    from seqattack.report.dataset_card import Augmented
    from seqattack.sentence import Sentence

BLOCK = 64
"""Sentences that are attacked before the examples are counted."""


def add_augment(commands: Any) -> None:
    """Add the command that makes adversarial examples for training."""
    parser = commands.add_parser(
        "augment", help="attack training sentences and write them with their adversarial examples"
    )
    parser.set_defaults(run=_augment)
    add_model(parser)
    add_sentences(parser)
    add_settings(parser)
    add_resources(parser)
    parser.add_argument("--count", required=True, type=positive, help="adversarial examples to add")
    parser.add_argument(
        "--least-modified",
        action="store_true",
        help="attack all sentences and take the examples with the lowest modification rates, not "
        "the first of the seeded order",
    )
    parser.add_argument(
        "--examples-only", action="store_true", help="write the examples without the sentences"
    )
    parser.add_argument(
        "--format", default="conll", choices=FORMATS, help="the format to write (default: conll)"
    )
    parser.add_argument("--output", required=True, type=Path, help="the file to write")
    parser.add_argument(
        "--push-to-hub",
        metavar="ACCOUNT/NAME",
        help="also put it on the Hugging Face hub as a dataset with a card; HF_TOKEN is the token",
    )
    parser.add_argument(
        "--public", action="store_true", help="let everyone see that dataset (default: private)"
    )


def _augment(options: argparse.Namespace) -> None:
    check_outputs([options.output], [options.sentences, options.model])
    destination = _destination(options)
    job = chosen_job(options)
    victim = chosen_victim(options, job.machine)
    from seqattack.corpus.formats import WRITERS
    from seqattack.pipeline.augmentation import attack_order
    from seqattack.report.dataset_card import Augmented

    sentences = read_shared(options, victim)
    order = attack_order(fitting(sentences, victim), job.settings.recipe, job.settings.seed)
    engine = load_engine(job, victim, order)
    records = _successes(engine, order, None if options.least_modified else options.count)
    if options.least_modified:
        records.sort(key=_modification_rate)
    examples = _examples(records, options.count, len(order))
    kept = [] if options.examples_only else sentences
    WRITERS[options.format](options.output, [*kept, *examples])
    said = f"{len(kept)} sentences and {len(examples)} adversarial examples"
    print(f"{options.output}: {said}", file=sys.stderr)
    if destination is not None:
        made = Augmented(
            kept,
            examples,
            options.sentences.name,
            victim.title,
            victim.id,
            job.settings,
            options.least_modified,
        )
        print(f"{_push(destination, made)}: {said}", file=sys.stderr)


def _destination(options: argparse.Namespace) -> Destination | None:
    """Return where to push, which was checked; None without the word."""
    if options.push_to_hub is None:
        if options.public:
            raise ConfigError("--public: nothing is pushed; give --push-to-hub ACCOUNT/NAME, too.")
        return None
    from seqattack.files.publish import Destination

    destination = Destination(options.push_to_hub, options.public)
    destination.check()
    return destination


def _push(destination: Destination, made: Augmented) -> str:
    """Put a training set on the hub, and return its address there."""
    from tempfile import TemporaryDirectory

    from seqattack.corpus.parquet import write_parquet
    from seqattack.report.dataset_card import DATA, dataset_card

    with TemporaryDirectory() as folder:
        data = Path(folder) / "train.parquet"
        write_parquet(data, [*made.sentences, *made.examples])
        card = dataset_card(destination.name, made).encode()
        message = f"Add {len(made.examples)} adversarial examples"
        return destination.push({DATA: data, "README.md": card}, message)


def _successes(engine: Engine, order: Sequence[Sentence], enough: int | None) -> list[AttackRecord]:
    """Attack sentences in their order, until there are enough successes; None attacks all."""
    from tqdm import tqdm

    found: list[AttackRecord] = []
    with tqdm(total=len(order), desc=engine.recipe.name, unit="sentence", disable=None) as bar:
        for start in range(0, len(order), BLOCK):
            block = order[start : start + BLOCK]
            found += [r for r in engine.attack_in_order(block) if r.adversarial is not None]
            bar.update(len(block))
            bar.set_postfix(success=len(found))
            if enough is not None and len(found) >= enough:
                break
    return found


def _modification_rate(record: AttackRecord) -> float:
    from seqattack.metrics.alignment import modification_rate

    return modification_rate(record.original.tokens, record.final.tokens)


def _examples(records: Sequence[AttackRecord], count: int, attacked: int) -> list[Sentence]:
    from seqattack.pipeline.augmentation import adversarial_examples

    if len(records) < count:
        raise ShortageError(
            f"{count} adversarial examples were asked for, but {attacked} sentences with an entity "
            f"gave only {len(records)}; set --count to that or less, or give more sentences."
        )
    return adversarial_examples(records, count)
