"""What the benchmarks of attacks share: options, models, and a clock that others don't move.

Times are processor seconds of this process, all threads together, so what else runs on the machine
changes them little.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

from seqattack.cli.process import set_threads
from seqattack.corpus import read_sentences
from seqattack.records import AttackRecord
from seqattack.sentence import Sentence


def parser(description: str, *, needs_sentences: bool = True) -> argparse.ArgumentParser:
    """Return a parser with the options of every benchmark of a ready victim."""
    made = argparse.ArgumentParser(description=description.splitlines()[0])
    made.add_argument("--model", required=True, help="the victim")
    made.add_argument("--sentences", required=needs_sentences)
    made.add_argument("--threads", type=int, default=1)
    return made


def attack_parser(description: str, *, needs_sentences: bool = True) -> argparse.ArgumentParser:
    """Return a parser with the options of every benchmark of attacks."""
    made = parser(description, needs_sentences=needs_sentences)
    made.add_argument("--count", type=int, default=32, help="sentences to attack")
    made.add_argument(
        "--tokens",
        type=int,
        nargs=2,
        default=(1, sys.maxsize),
        metavar=("LEAST", "MOST"),
        help="take sentences of so many tokens only",
    )
    made.add_argument("--recipe", default="deepwordbug-i-5")
    made.add_argument("--masked-lm", help="for the recipes that need one")
    made.add_argument("--query-budget", type=int, default=512)
    made.add_argument("--precision", default="float32", choices=("float32", "bfloat16"))
    made.add_argument("--backend", default="torch", choices=("torch", "openvino"))
    return made


def sentences_of(options: argparse.Namespace) -> list[Sentence]:
    """Return the sentences that the options name: the first of the lengths that are wanted."""
    least, most = options.tokens
    read = read_sentences(options.sentences)
    return [s for s in read if least <= len(s.tokens) <= most][: options.count]


def make_engine(options: argparse.Namespace) -> Any:
    """Return an engine with all that its recipe needs."""
    set_threads(options.threads)
    from seqattack.attack.engine import Engine
    from seqattack.attack.resources.loaded import Resources
    from seqattack.attack.settings import AttackSettings, Machine
    from seqattack.victim.victim import Victim

    where = Machine("cpu", options.precision, options.backend)
    victim = Victim.load(
        options.model, precision=options.precision, backend=options.backend, device="cpu"
    )
    made_of = {"masked-lm": {"path": options.masked_lm}} if options.masked_lm else {}
    resources = Resources.of(options.recipe, made_of, machine=where)
    settings = AttackSettings(options.recipe, query_budget=options.query_budget)
    return Engine(victim, settings, resources)


def inputs_of(victim: Any, sentences: Sequence[Sentence], rows: int, length: int) -> Any:
    """Return one batch of real texts as a model takes it, of shape (`rows`, `length`).

    Args:
        victim: The model.
        sentences: Those with a little less than `length` sub-tokens are taken, again if need be.
        rows: Texts of the batch.
        length: Their padded length.
    """
    from seqattack.models.batching import model_inputs

    encoded = (victim.encoder.encode(sentence.tokens).input_ids for sentence in sentences)
    fitting = cycle(ids for ids in encoded if length - 8 < len(ids) <= length)
    return model_inputs(list(islice(fitting, rows)), length, victim.encoder.pad_id, "cpu")


def copies(sentences: Sequence[Sentence], times: int) -> list[Sentence]:
    """Return the same sentences several times, under ids of their own."""
    return [replace(s, id=f"{s.id}-{number}") for number in range(times) for s in sentences]


def outcomes(records: list[AttackRecord]) -> dict[str, Any]:
    """Return what an attack found for each sentence, whatever its probabilities' last digits."""
    return {
        r.id: (r.outcome, r.stop, r.adversarial.tokens if r.adversarial else None) for r in records
    }


def timed(work: Callable[[], object]) -> float:
    """Return the processor seconds that a function takes."""
    started = time.process_time()
    work()
    return time.process_time() - started
