"""How much faster an attack is than the published code on the same sentences and models.

    python -m benchmarks.against_original --model MODEL --masked-lm MODEL --published FOLDER

The folder holds what the published code did: ``o_dwb.json`` and ``o_ba.json``, with the processor
seconds of each sentence (``cpu``), and the sentences as ``s40.jsonl`` and ``s12.jsonl``. Times of
two machines are no ratio, so each is counted in forward passes that a plain model, asked for one
text at a time in float32, would have done meanwhile on the same machine.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
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
    print(f"{'attack':16} {'sentences':>9} {'original':>9} {'ours':>8} {'plain/s':>8} {'times':>6}")
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
    ours = timed(lambda: list(engine.attack(sentences)))
    rate = plain_rate(options.model, sentences)
    original = sum(each["cpu"] for each in found)
    times = original * options.rate / (ours * rate)
    seconds = f"{original:7.1f} s {ours:6.2f} s"
    print(f"{options.recipe:16} {len(sentences):9} {seconds} {rate:8.1f} {times:6.1f}", flush=True)


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
