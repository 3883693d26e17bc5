"""Whether time and memory of an attack grow with the number of sentences as they should.

    python -m benchmarks.scaling --model MODEL --sentences FILE

The same sentences are attacked once, and then several times over under ids of their own, each
number in a process of its own. Time should grow as the number does, memory not at all.
"""

from __future__ import annotations

import resource
import sys
from multiprocessing import get_context
from typing import Any

from benchmarks.common import attack_parser, copies, make_engine, sentences_of, timed


def main() -> None:
    parser = attack_parser(__doc__)
    parser.set_defaults(count=64)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 2, 4, 8])
    options = parser.parse_args()
    rows = []
    for times in options.times:
        with get_context("spawn").Pool(1) as pool:
            rows.append((times, *pool.apply(measure, (options, times))))
    _, first_seconds, first_peak = rows[0]
    print(f"{options.recipe}, {options.precision}")
    print("sentences  seconds  of linear  peak MiB  of the first")
    for times, seconds, peak in rows:
        print(
            f"{times * options.count:9} {seconds:8.2f} "
            f"{seconds / first_seconds * rows[0][0] / times:10.3f} {peak:9.0f} "
            f"{peak / first_peak:13.3f}"
        )


def measure(options: Any, times: int) -> tuple[float, float]:
    """Return processor seconds and peak memory in MiB."""
    engine, sentences = make_engine(options), sentences_of(options)
    list(engine.attack(sentences[:4]))  # warm up
    many = copies(sentences, times)
    seconds = timed(lambda: [None for _ in engine.attack(many)])
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


if __name__ == "__main__":
    main()
