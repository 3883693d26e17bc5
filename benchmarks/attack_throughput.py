"""How close an attack comes to what the model itself costs.

    python -m benchmarks.attack_throughput --model MODEL --sentences FILE [--count 64]

The attack's texts are kept; then the very same texts are sent through the model alone, sorted by
length, in batches of several sizes, and the best rate is the limit. Both are measured `--repeats`
times, in turns, and the medians are compared.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import median

from seqattack.corpus import read_sentences
from seqattack.script import set_threads
from seqattack.victim.encoding import Encoded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--sentences", required=True)
    parser.add_argument("--count", type=int, default=64, help="sentences to attack")
    parser.add_argument("--recipe", default="deepwordbug-i-5")
    parser.add_argument("--in-flight", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    set_threads(options.threads)

    from seqattack.attack.engine import AttackSettings, Engine
    from seqattack.victim.model import Victim

    victim = Victim.load(options.model)
    sentences = read_sentences(options.sentences)[: options.count]
    sent: list[tuple[int, Encoded]] = []
    forward = victim.probabilities

    def remember(batch: Sequence[Encoded], padded_length: int) -> list:
        sent.extend((padded_length, item) for item in batch)
        return forward(batch, padded_length)

    engine = Engine(victim, AttackSettings(options.recipe), in_flight=options.in_flight)
    list(engine.attack(sentences[:4]))  # warm up
    victim.probabilities = remember
    records = list(engine.attack(sentences))
    victim.probabilities = forward
    by_length: dict[int, list[Encoded]] = defaultdict(list)
    for padded_length, item in sent:
        by_length[padded_length].append(item)

    attack_seconds, alone = [], defaultdict(list)
    for _ in range(options.repeats):
        attack_seconds.append(timed(lambda: list(engine.attack(sentences))))
        for batch_tokens in (256, 512, 1024, 2048, 4096):
            alone[batch_tokens].append(timed(lambda b=batch_tokens: send(victim, by_length, b)))
    seconds = median(attack_seconds)
    best_tokens, best = min(
        ((tokens, median(times)) for tokens, times in alone.items()), key=lambda pair: pair[1]
    )
    queries = sum(record.queries for record in records)
    print(f"{options.recipe}: {len(records)} sentences, {options.threads} threads")
    print(f"queries/s            {queries / seconds:8.1f}")
    print(f"forward passes/s     {len(sent) / seconds:8.1f}")
    print(f"model alone, best    {len(sent) / best:8.1f}   (batches of {best_tokens} sub-tokens)")
    print(f"ratio                {best / seconds:8.2f}")


def send(victim, by_length: dict[int, list[Encoded]], batch_tokens: int) -> None:
    for length, items in by_length.items():
        size = max(1, batch_tokens // length)
        for start in range(0, len(items), size):
            victim.probabilities(items[start : start + size], length)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
