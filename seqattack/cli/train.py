"""Commands that train a victim, a masked LM or an SCPN."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from seqattack.cli.options import add_machine, add_optimization, add_pretrained, positive, size
from seqattack.cli.process import set_threads


def add_train(commands: Any) -> None:
    """Add the command that fine-tunes a victim."""
    parser = commands.add_parser("train", help="fine-tune a victim")
    parser.set_defaults(run=_train)
    for split in ("train", "dev", "test"):
        parser.add_argument(f"--{split}", required=True, type=Path, help=f"the {split} sentences")
    parser.add_argument(
        "--limit", type=size, default=None, help="use the first N training sentences, or all"
    )
    add_pretrained(parser, "victim")
    parser.add_argument("--epochs", type=positive, default=3, help="default: 3")
    parser.add_argument("--learning-rate", type=float, default=5e-5, help="default: 5e-5")
    parser.add_argument("--batch-size", type=positive, default=16, help="default: 16")
    parser.add_argument("--warmup-ratio", type=float, default=0.0, help="default: 0")
    parser.add_argument("--weight-decay", type=float, default=0.0, help="default: 0")
    add_optimization(parser)


def add_train_masked_lm(commands: Any) -> None:
    """Add the command that trains a masked LM."""
    parser = commands.add_parser(
        "train-masked-lm", help="train a masked LM, which word-level attacks need, on a corpus"
    )
    parser.set_defaults(run=_train_masked_lm)
    for split in ("train", "dev"):
        parser.add_argument(f"--{split}", required=True, type=Path, help=f"the {split} sentences")
    add_pretrained(parser, "masked LM")
    parser.add_argument("--steps", type=positive, default=1000, help="default: 1000")
    parser.add_argument("--learning-rate", type=float, default=3e-4, help="default: 3e-4")
    parser.add_argument("--batch-size", type=positive, default=32, help="default: 32")
    parser.add_argument("--warmup-ratio", type=float, default=0.05, help="default: 0.05")
    add_optimization(parser)


def add_train_scpn(commands: Any) -> None:
    """Add the command that trains a small SCPN."""
    parser = commands.add_parser(
        "train-scpn", help="train a small SCPN, which the attack by paraphrases needs, on a corpus"
    )
    parser.set_defaults(run=_train_scpn)
    for split in ("train", "dev"):
        parser.add_argument(f"--{split}", required=True, type=Path, help=f"the {split} sentences")
    parser.add_argument("--output", required=True, type=Path, help="folder of the trained SCPN")
    parser.add_argument("--steps", type=positive, default=800, help="default: 800")
    parser.add_argument("--learning-rate", type=float, default=3e-3, help="default: 3e-3")
    parser.add_argument("--batch-size", type=positive, default=64, help="default: 64")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    add_machine(parser)


def _train(options: argparse.Namespace) -> None:
    set_threads(options.threads)
    from seqattack.corpus import read_sentences, tag_set
    from seqattack.metrics.evaluation import evaluate
    from seqattack.models.pretrained import resolve_pretrained
    from seqattack.victim.training import TrainingSettings, train

    sentences, dev, test = (
        read_sentences(path) for path in (options.train, options.dev, options.test)
    )
    name, revision = resolve_pretrained(_pretrained(options))
    train(
        sentences[: options.limit],
        dev,
        test,
        labels=tag_set([*sentences, *dev, *test]),
        pretrained=name,
        revision=revision,
        output=options.output,
        evaluate=evaluate,
        settings=TrainingSettings(
            epochs=options.epochs,
            learning_rate=options.learning_rate,
            batch_size=options.batch_size,
            seed=options.seed,
            precision=options.precision,
            warmup_ratio=options.warmup_ratio,
            weight_decay=options.weight_decay,
        ),
        device=options.device,
        threads=options.threads,
    )


def _train_masked_lm(options: argparse.Namespace) -> None:
    set_threads(options.threads)
    from seqattack.corpus import read_sentences
    from seqattack.masked_lm.training import MaskedLMSettings, train_masked_lm
    from seqattack.models.pretrained import resolve_pretrained

    name, revision = resolve_pretrained(_pretrained(options))
    train_masked_lm(
        read_sentences(options.train),
        read_sentences(options.dev),
        pretrained=name,
        revision=revision,
        output=options.output,
        settings=MaskedLMSettings(
            steps=options.steps,
            learning_rate=options.learning_rate,
            batch_size=options.batch_size,
            warmup_ratio=options.warmup_ratio,
            seed=options.seed,
            precision=options.precision,
        ),
        device=options.device,
        threads=options.threads,
    )


def _train_scpn(options: argparse.Namespace) -> None:
    set_threads(options.threads)
    from seqattack.corpus import read_sentences
    from seqattack.scpn.embedded.training import ScpnSettings, train_scpn

    train_scpn(
        read_sentences(options.train),
        read_sentences(options.dev),
        output=options.output,
        settings=ScpnSettings(
            steps=options.steps,
            learning_rate=options.learning_rate,
            batch_size=options.batch_size,
            seed=options.seed,
        ),
        device=options.device,
        threads=options.threads,
    )


def _pretrained(options: argparse.Namespace) -> dict[str, str]:
    if options.pretrained == "embedded":
        return {"embedded": "minilm"}
    if Path(options.pretrained).is_dir():
        return {"path": options.pretrained}
    named = {"name": options.pretrained}
    return named | ({"revision": options.revision} if options.revision else {})
