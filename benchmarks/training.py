"""How much faster fine-tuning is than a plain float32 loop, at the same F1.

    python -m benchmarks.training --train FILE --test FILE [--count 2000]

The plain loop shuffles, pads each batch to its longest sentence and steps AdamW, all in float32.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.common import timed
from seqattack.cli.process import set_threads
from seqattack.corpus import read_sentences, tag_set
from seqattack.sentence import Sentence


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--count", type=int, default=2000, help="training sentences")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--learning-rate", type=float, default=2e-4)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    set_threads(options.threads)
    from seqattack.metrics.evaluation import evaluate
    from seqattack.models.pretrained import embedded_model_path
    from seqattack.victim.settings import TrainingSettings
    from seqattack.victim.training import train

    sentences = read_sentences(options.train)[: options.count]
    test = read_sentences(options.test)
    labels = tag_set(sentences)
    settings = TrainingSettings(epochs=options.epochs, learning_rate=options.learning_rate)
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "victim"
        ours = timed(
            lambda: train(
                sentences,
                (),
                (),
                labels=labels,
                pretrained=embedded_model_path(),
                output=output,
                evaluate=evaluate,
                settings=settings,
                device="cpu",
                threads=options.threads,
            )
        )
        our_f1 = f1(str(output), test)
    plain: list[Any] = []
    theirs = timed(lambda: plain.append(plain_loop(sentences, labels, settings)))
    rows = len(sentences) * options.epochs
    print(f"{rows} sentences, {options.threads} threads")
    print(f"seqattack train    {ours:8.1f} s  {rows / ours:7.1f} sentences/s  F1 {our_f1:.4f}")
    print(
        f"plain float32 loop {theirs:8.1f} s  {rows / theirs:7.1f} sentences/s  "
        f"F1 {f1(plain[0], test):.4f}"
    )
    print(f"ratio              {theirs / ours:8.2f}")


def plain_loop(sentences: Sequence[Sentence], labels: Sequence[str], settings: Any) -> Any:
    """Fine-tune without any of what makes `seqattack train` fast; return the victim.

    Args:
        sentences: The training set.
        labels: The tags in the order of their ids.
        settings: As for `seqattack train`.
    """
    import torch
    from transformers import AutoModelForTokenClassification

    from seqattack.models.loading import load_config, load_encoder
    from seqattack.models.pretrained import embedded_model_path
    from seqattack.victim.heads import read_head
    from seqattack.victim.transformers import TransformersVictim

    torch.manual_seed(settings.seed)
    source, names = str(embedded_model_path()), dict(enumerate(labels))
    ids = {label: index for index, label in names.items()}
    config = load_config(source, None, num_labels=len(labels), id2label=names, label2id=ids)
    encoder = load_encoder(source, None, config)
    model = AutoModelForTokenClassification.from_pretrained(source, config=config).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=0.0)
    steps = -(-len(sentences) // settings.batch_size) * settings.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    rng = random.Random(settings.seed)
    for _ in range(settings.epochs):
        order = rng.sample(list(sentences), len(sentences))
        for start in range(0, len(order), settings.batch_size):
            batch = order[start : start + settings.batch_size]
            encoded = [encoder.encode(s.tokens) for s in batch]
            shape = (len(batch), max(len(e.input_ids) for e in encoded))
            inputs, mask = torch.full(shape, encoder.pad_id), torch.zeros(shape, dtype=torch.long)
            wanted = torch.full(shape, -100)
            for row, (sentence, each) in enumerate(zip(batch, encoded, strict=True)):
                inputs[row, : len(each.input_ids)] = torch.tensor(each.input_ids)
                mask[row, : len(each.input_ids)] = 1
                wanted[row, list(each.first)] = torch.tensor([ids[tag] for tag in sentence.tags])
            optimizer.zero_grad()
            model(input_ids=inputs, attention_mask=mask, labels=wanted).loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    head = read_head("plain", dict(enumerate(labels)))
    return TransformersVictim(model.eval(), encoder, head, "cpu", "float32", "plain")


def f1(victim: Any, sentences: Sequence[Sentence]) -> float:
    """Return a victim's F1; the victim is given as it is, or by its folder."""
    from seqattack.metrics.evaluation import evaluate
    from seqattack.victim.victim import Victim

    loaded = Victim.load(victim, device="cpu") if isinstance(victim, str) else victim
    return float(evaluate(loaded, sentences).f1)


if __name__ == "__main__":
    main()
