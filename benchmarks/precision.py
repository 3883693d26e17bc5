"""What bfloat16 costs and gains: a victim's probabilities, tags and F1 against float32's.

    python -m benchmarks.precision --model MODEL --sentences FILE

Tags that change and the largest difference of a probability say what is lost, processor seconds
what is won.
"""

from __future__ import annotations

import numpy as np

from benchmarks.common import parser, timed
from seqattack.cli.process import set_threads
from seqattack.corpus import read_sentences


def main() -> None:
    options = parser(__doc__).parse_args()
    set_threads(options.threads)
    from seqattack.metrics.entities import entity_metrics
    from seqattack.victim.prediction import decode, predict
    from seqattack.victim.victim import Victim

    sentences = read_sentences(options.sentences)
    texts, gold = [s.tokens for s in sentences], [s.tags for s in sentences]
    seconds, found, tags = {}, {}, {}
    for precision in ("float32", "bfloat16"):
        victim = Victim.load(options.model, precision=precision, device="cpu")
        predict(victim, texts[:64])  # warm up

        def send(victim: Victim = victim, precision: str = precision) -> None:
            found[precision] = predict(victim, texts)

        seconds[precision] = timed(send)
        tags[precision] = [decode(each, victim.labels) for each in found[precision]]
    full, half = tags["float32"], tags["bfloat16"]
    differences = [
        np.abs(a - b).max() for a, b in zip(found["float32"], found["bfloat16"], strict=True)
    ]
    pairs = (pair for a, b in zip(full, half, strict=True) for pair in zip(a, b, strict=True))
    changed = sum(x != y for x, y in pairs)
    print(f"{len(texts)} sentences, {sum(map(len, full))} tokens")
    print(f"largest difference of probabilities  {max(differences):.4f}")
    print(f"median of a sentence's largest       {np.median(differences):.4f}")
    print(f"changed tags                         {changed}")
    for precision in seconds:
        f1 = entity_metrics(gold, tags[precision]).f1
        print(f"strict F1, {precision:8}                 {f1:.4f}   {seconds[precision]:.1f} s")
    print(f"ratio                                {seconds['float32'] / seconds['bfloat16']:.2f}")


if __name__ == "__main__":
    main()
