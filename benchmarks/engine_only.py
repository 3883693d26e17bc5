"""How fast the search is where models cost nothing: the engine's own share of an attack.

    python -m benchmarks.engine_only --model MODEL --sentences FILE --masked-lm MODEL

Each recipe attacks once, and every answer of victim, masked LM and sentence encoder is kept. Then
it attacks the same sentences again with the answers from memory. What is left is the search:
making candidates, tokenizing, constraints, scores, and filling batches.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from benchmarks.common import attack_parser, make_engine, outcomes, sentences_of, timed
from seqattack.cli.process import collect_rarely

RECIPES = ("deepwordbug-i-5", "deepwordbug-ii-30", "bert-attack", "clare")


def main() -> None:
    parser = attack_parser(__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.set_defaults(recipe=None, precision="bfloat16")
    options = parser.parse_args()
    collect_rarely()  # as every job does
    print(f"{'recipe':18} {'sentences':>9} {'queries':>8} {'seconds':>8} {'queries/s':>10}")
    for recipe in [options.recipe] if options.recipe else RECIPES:
        options.recipe = recipe
        queries, seconds = measure(options)
        row = f"{recipe:18} {options.count:9} {queries:8} {seconds:8.3f} {queries / seconds:10.0f}"
        print(row, flush=True)


def measure(options: Namespace) -> tuple[int, float]:
    """Return the queries of an attack and the seconds that it takes from memory."""
    sentences = sentences_of(options)
    engine = make_engine(options)
    for service in engine.models.values():
        remember(service)
    records = list(engine.attack(sentences))
    again: list[Any] = []
    seconds = [
        timed(lambda: again.extend(engine.attack(sentences))) for _ in range(options.repeats)
    ]
    assert outcomes(again) == outcomes(records)
    return sum(record.queries for record in records), median(seconds)


def remember(service: Any) -> None:
    """Have a service give each answer again, without its model, when it is asked again."""
    forward: Callable[[Sequence[Any], int], Sequence[Any]] = service.forward
    known: dict[Any, Any] = {}

    def remembering(items: Sequence[Any], length: int) -> Sequence[Any]:
        missing = [item for item in dict.fromkeys(items) if item not in known]
        if missing:
            known.update(zip(missing, forward(missing, length), strict=True))
        return [known[item] for item in items]

    _ = service.fixed_shapes  # measured with the model
    service.forward = remembering


if __name__ == "__main__":
    main()
