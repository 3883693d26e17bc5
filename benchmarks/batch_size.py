"""How many texts a second a victim answers in batches of several sizes.

    python -m benchmarks.batch_size --model MODEL --sentences FILE

The sizes take turns on real texts of one padded length, and the least processor time of each
counts. The ratio to 512 sub-tokens stands behind each rate.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.common import inputs_of, parser, timed
from seqattack.cli.process import set_threads
from seqattack.corpus import read_sentences
from seqattack.models.batch_size import BATCH_TOKENS

if TYPE_CHECKING:
    from seqattack.models.precisions import Precision

SIZES = (64, 128, 256, BATCH_TOKENS, 1024, 2048, 4096)
"""Sub-tokens of a batch, padding included."""

ROWS: tuple[tuple[Precision, int], ...] = (
    ("bfloat16", 16),
    ("bfloat16", 32),
    ("bfloat16", 56),
    ("float32", 16),
    ("float32", 32),
)
"""Precision and padded length."""

TURNS = 9


def main() -> None:
    options = parser(__doc__).parse_args()
    set_threads(options.threads)
    import torch

    from seqattack.victim.victim import Victim

    sentences = read_sentences(options.sentences)
    print(f"{'':14}" + "".join(f"{size:>14}" for size in SIZES))
    for precision, length in ROWS:
        victim: Any = Victim.load(options.model, precision=precision, device="cpu")
        rows = {size: max(1, size // length) for size in SIZES}
        inputs = {size: inputs_of(victim, sentences, rows[size], length) for size in SIZES}
        seconds = dict.fromkeys(SIZES, float("inf"))
        with torch.inference_mode():
            for _ in range(TURNS):
                for size in SIZES:
                    taken = timed(partial(victim.model, **inputs[size]))
                    seconds[size] = min(seconds[size], taken)
        rates = {size: rows[size] / seconds[size] for size in SIZES}
        cells = (f"{rates[s]:7.0f} ({rates[s] / rates[BATCH_TOKENS]:.2f})" for s in SIZES)
        print(f"{f'{precision}, {length}':14}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
