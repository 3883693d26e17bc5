"""Whether time and memory of an attack grow with the number of sentences as they should.

    python -m benchmarks.scaling --model MODEL --sentences FILE [--distinct]

The same `--count` sentences are attacked once, and then several times over under ids of their own.
With `--distinct`, as many sentences of the file are attacked instead, which begins anew only at its
end. Each number has a process of its own. Time should grow as the sub-tokens do that the victim was
sent, memory not at all.
"""

from __future__ import annotations

import resource
import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from multiprocessing import get_context
from typing import Any

from benchmarks.common import attack_parser, copies, make_engine, sentences_of, timed
from seqattack.sentence import Sentence


def main() -> None:
    parser = attack_parser(__doc__)
    parser.set_defaults(count=64)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--distinct", action="store_true", help="take other sentences each time")
    options = parser.parse_args()
    rows = []
    for times in options.times:
        with get_context("spawn").Pool(1) as pool:
            rows.append((times, *pool.apply(measure, (options, times))))
    _, first_seconds, first_sent, first_peak = rows[0]
    print(f"{options.recipe}, {options.precision}")
    print("sentences  sub-tokens  seconds  of linear  peak MiB  of the first")
    for times, seconds, sent, peak in rows:
        print(
            f"{times * options.count:9} {sent:11} {seconds:8.2f} "
            f"{seconds / first_seconds * first_sent / sent:10.3f} {peak:9.0f} "
            f"{peak / first_peak:13.3f}"
        )


def measure(options: Namespace, times: int) -> tuple[float, int, float]:
    """Return processor seconds, sub-tokens sent through the victim, and peak memory in MiB."""
    engine, sentences = make_engine(options), sentences_of(options)
    list(engine.attack(sentences[:4]))  # warm up
    many = other(options, times) if options.distinct else copies(sentences, times)
    sent = [0]
    engine.gateway.forward = partial(counted, engine.gateway.forward, sent)
    seconds = timed(lambda: [None for _ in engine.attack(many)])
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, sent[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def other(options: Namespace, times: int) -> list[Sentence]:
    """Return so many times `count` sentences, the same again only where the file has no more."""
    wanted = times * options.count
    everything = sentences_of(Namespace(**{**vars(options), "count": wanted}))
    return copies(everything, -(-wanted // len(everything)))[:wanted]


def counted(forward: Any, sent: list[int], items: Sequence[Any], length: int) -> Any:
    """Send texts through a model, and count their sub-tokens.

    Args:
        forward: Sends them.
        sent: The sub-tokens so far, in a list of one.
        items: The texts.
        length: Their padded length.
    """
    sent[0] += len(items) * length
    return forward(items, length)


if __name__ == "__main__":
    main()
