"""How much faster an attack is than the published code on the same sentences and models.

    python -m benchmarks.against_original --model MODEL --masked-lm MODEL --published FOLDER

The folder holds what the published code did: ``o_dwb.json`` and ``o_ba.json``, with the processor
seconds of each sentence (``cpu``), and the sentences as ``s40.jsonl`` and ``s12.jsonl``. Times of
two machines are no ratio, so each is counted in forward passes that a plain model, asked for one
text at a time in float32, would have done meanwhile on the same machine. Of our seconds, those that
the models' forward passes took are shown too: no search could be faster with these models.
"""

from __future__ import annotations

import json
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.common import attack_parser, make_engine, timed
from seqattack.cli.process import collect_rarely
from seqattack.corpus import read_sentences
from seqattack.sentence import Sentence

ATTACKS = {
    "deepwordbug-i-5": ("o_dwb.json", "s40.jsonl"),
    "bert-attack": ("o_ba.json", "s12.jsonl"),
}
"""By recipe, the published code's results and the sentences."""

ORIGINAL_RATE = 70.0
"""Texts a second of a plain model on the machine where the published code ran."""


def main() -> None:
    parser = attack_parser(__doc__, needs_sentences=False)  # the folder has its own
    parser.add_argument("--published", type=Path, required=True, help="the folder")
    parser.add_argument("--rate", type=float, default=ORIGINAL_RATE, help="plain texts a second")
    options = parser.parse_args()
    missing = [
        name
        for each in ATTACKS.values()
        for name in each
        if not (options.published / name).is_file()
    ]
    if missing:
        print(f"skipped: {options.published} lacks {', '.join(missing)}")
        return
    collect_rarely()
    columns = ("sentences", "original", "ours", "models", "plain/s", "times")
    print(f"{'attack':16}" + "".join(f"{name:>10}" for name in columns))
    for recipe, (results, sentences) in ATTACKS.items():
        options.recipe = recipe
        found = json.loads((options.published / results).read_text(encoding="utf-8"))
        report(options, read_sentences(options.published / sentences), found)


def report(options: Namespace, sentences: Sequence[Sentence], found: Sequence[Any]) -> None:
    """Print the processor seconds of an attack and of the published code's, and their ratio.

    Args:
        options: As parsed.
        sentences: Those that both attacked.
        found: What the published code did, one a sentence.
    """
    engine = make_engine(options)
    list(engine.attack(sentences[:2]))  # warm up
    inside: list[float] = []
    for service in engine.models.values():
        clock(service, inside)
    ours = timed(lambda: list(engine.attack(sentences)))
    rate = plain_rate(options.model, sentences)
    original = sum(each["cpu"] for each in found)
    times = original * options.rate / (ours * rate)
    seconds = "".join(f"{each:8.2f} s" for each in (original, ours, sum(inside)))
    print(f"{options.recipe:16}{len(sentences):10}{seconds}{rate:10.1f}{times:10.1f}", flush=True)


def clock(service: Any, seconds: list[float]) -> None:
    """Have a service add the processor seconds of each of its forward passes to a list."""
    forward: Callable[[Sequence[Any], int], Sequence[Any]] = service.forward

    def clocked(items: Sequence[Any], length: int) -> Sequence[Any]:
        started = time.process_time()
        try:
            return forward(items, length)
        finally:
            seconds.append(time.process_time() - started)

    service.forward = clocked


def plain_rate(model: str, sentences: Sequence[Sentence]) -> float:
    """Return how many texts a second a plain model answers, one at a time, in float32.

    Args:
        model: The victim.
        sentences: The texts, sent five times over.
    """
    import torch

    from seqattack.victim.victim import Victim

    victim: Any = Victim.load(model, device="cpu")
    texts = [torch.tensor([victim.encoder.encode(each.tokens).input_ids]) for each in sentences]

    def work() -> None:
        with torch.no_grad():  # not in inference mode, where weights are packed
            for _ in range(5):
                for ids in texts:
                    victim.model(input_ids=ids)

    work()
    return 5 * len(texts) / timed(work)


if __name__ == "__main__":
    main()
