"""What packed weights gain: texts a second through a victim with plain and with packed ones.

    python -m benchmarks.packed_weights --model MODEL --sentences FILE

The two take turns on the same batches, in float32 and in bfloat16, and the least processor time
counts. The ratio of packed to plain stands behind each rate.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from benchmarks.common import inputs_of, parser, timed
from seqattack.cli.process import set_threads
from seqattack.corpus import read_sentences

BATCHES = ((1, 24), (8, 24), (32, 16), (16, 32), (64, 24))
"""Texts and their padded length."""

TURNS = 15


def main() -> None:
    options = parser(__doc__).parse_args()
    set_threads(options.threads)
    import torch

    from seqattack.victim.victim import Victim

    sentences = read_sentences(options.sentences)
    print(f"{'batch':>8} {'float32':>9} {'packed':>15} {'bfloat16':>9} {'packed':>15}")
    victims = [
        Victim.load(options.model, precision="float32", device="cpu"),
        Victim.load(options.model, precision="bfloat16", device="cpu"),
    ]
    for rows, length in BATCHES:
        cells = []
        for victim in victims:
            inputs = inputs_of(victim, sentences, rows, length)
            # Gradients could be asked for without inference mode, so weights are plain there.
            plain, packed = least(victim, inputs, (torch.no_grad(), torch.inference_mode()))
            ratio = f"({plain / packed:.2f})"
            cells.append(f"{rows / plain:9.0f} {rows / packed:8.0f} {ratio}")
        print(f"{f'{rows} x {length}':>8} " + " ".join(cells), flush=True)


def least(victim: Any, inputs: Any, modes: tuple[AbstractContextManager[Any], ...]) -> list[float]:
    """Return the least processor seconds of a batch in each of some modes.

    Args:
        victim: The model.
        inputs: The batch.
        modes: They take turns.
    """
    found = [float("inf")] * len(modes)
    for _ in range(TURNS):
        for number, mode in enumerate(modes):
            with mode:
                found[number] = min(found[number], timed(lambda: victim.model(**inputs)))
    return found


if __name__ == "__main__":
    main()
