"""How close an attack comes to what its models themselves cost.

    python -m benchmarks.attack_throughput --model MODEL --sentences FILE [--recipe bert-attack ...]

Every text that the attack sends through a model (victim, masked LM, sentence encoder) is kept; then
the very same texts go through the same models alone, in batches of several sizes, and the best of
each model is the ideal. Both are measured `--repeats` times, in turns, and the medians compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import Any

from benchmarks.common import attack_parser, make_engine, sentences_of, timed

SIZES = (256, 512, 1024, 2048, 4096)
"""Sub-tokens of a batch, padding included."""


def main() -> None:
    parser = attack_parser(__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    engine, sentences = make_engine(options), sentences_of(options)
    list(engine.attack(sentences[:4]))  # warm up
    sent = {name: remember(service) for name, service in engine.models.items()}
    records = list(engine.attack(sentences))
    for service in engine.models.values():
        del service.forward  # the class's own again

    attack, alone = [], defaultdict(list)
    for _ in range(options.repeats):
        attack.append(timed(lambda: list(engine.attack(sentences))))
        for name, by_length in sent.items():
            service = engine.models[name]
            for size in SIZES:
                work = partial(send, service, by_length, size)
                alone[name, size].append(timed(work))
    best = {name: min(median(alone[name, size]) for size in SIZES) for name in sent}
    seconds = median(attack)
    queries = sum(record.queries for record in records)
    print(f"{options.recipe}, {options.precision}: {len(records)} sentences, {queries} queries")
    print(f"{'attack':18} {seconds:8.2f} s  {queries / seconds:8.1f} queries/s")
    for name, by_length in sent.items():
        rows = sum(map(len, by_length.values()))
        print(f"{name + ' alone':18} {best[name]:8.2f} s  {rows / best[name]:8.1f} texts/s")
    print(f"{'ratio':18} {sum(best.values()) / seconds:8.2f}")


def remember(service: Any) -> dict[int, list[Any]]:
    """Have a service keep what it is given, by padded length, but for its probes of batches."""
    forward: Callable[[Sequence[Any], int], Sequence[Any]] = service.forward
    probes = set(service.probes())
    sent: dict[int, list[Any]] = defaultdict(list)

    def remembering(items: Sequence[Any], length: int) -> Sequence[Any]:
        sent[length].extend(item for item in items if item not in probes)
        return forward(items, length)

    service.forward = remembering
    return sent


def send(service: Any, by_length: dict[int, list[Any]], size: int) -> None:
    """Send a service what it was given before, in batches.

    Args:
        service: The service.
        by_length: Its items by padded length.
        size: Sub-tokens of a batch.
    """
    for length, items in by_length.items():
        rows = max(1, size // length)
        for start in range(0, len(items), rows):
            service.forward(items[start : start + rows], length)


if __name__ == "__main__":
    main()
