"""What hardening a victim in the training loop brings under attack, and what it costs.

    python -m benchmarks.hardening --train FILE --test FILE --reference VICTIM [--count 2000]

Prints a row a victim: processor seconds of its training against plain training, F1 on the test
sentences, and the attack rate of each recipe on sentences that the reference victim tags well.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.common import timed
from seqattack.cli.process import set_threads
from seqattack.corpus import read_sentences, tag_set
from seqattack.metrics.bootstrap import percentile_interval, resampled
from seqattack.records import AttackRecord, Outcome
from seqattack.sentence import Sentence
from seqattack.victim.settings import TrainingSettings

RECIPES = ("deepwordbug-i-5", "homoglyph", "keyboard", "case")

WAYS: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "noise": {"noise": {"suites": ["typos", "case"]}},
    "FGM": {"embedding_attack": {"method": "fgm"}},
    "FreeLB": {"embedding_attack": {"method": "freelb"}},
}
"""How victims are hardened: what their training settings have besides those of all."""


@dataclass(frozen=True, slots=True)
class Result:
    """A victim's figures.

    Args:
        seconds: Processor seconds of its training.
        f1: On the test sentences.
        records: Of each recipe's attack, one a sentence.
    """

    seconds: float
    f1: float
    records: Mapping[str, Sequence[AttackRecord]]

    def rates(self) -> dict[str, float]:
        """Return the attack rate of each recipe."""
        found = {}
        for recipe, records in self.records.items():
            attacked = [each for each in records if each.outcome is not Outcome.SKIPPED]
            found[recipe] = sum(each.outcome is Outcome.SUCCESS for each in attacked) / len(
                attacked
            )
        return found

    def resampled_mean(self) -> Any:
        """Return the mean of the attack rates on resamples of the sentences."""
        columns: dict[str, list[float]] = {}
        for recipe, records in self.records.items():
            columns[f"{recipe} won"] = [each.outcome is Outcome.SUCCESS for each in records]
            columns[f"{recipe} of"] = [each.outcome is not Outcome.SKIPPED for each in records]

        def mean(sums: Mapping[str, Any]) -> Any:
            return sum(sums[f"{r} won"] / sums[f"{r} of"] for r in self.records) / len(self.records)

        return resampled(columns, mean, seed=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--reference", required=True, help="the victim that picks the sentences")
    parser.add_argument("--count", type=int, default=2000, help="training sentences")
    parser.add_argument("--attacked", type=int, default=64, help="test sentences to attack")
    parser.add_argument("--query-budget", type=int, default=512)
    parser.add_argument("--precision", default="float32", help="of the attacked victim")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    set_threads(options.threads)
    from seqattack.pipeline.subset import pick_samples
    from seqattack.victim.victim import Victim

    train, test = read_sentences(options.train)[: options.count], read_sentences(options.test)
    reference = Victim.load(options.reference, device="cpu")
    subset = pick_samples(test, reference, options.attacked).sentences
    print("| training | seconds, ratio | F1 |", " | ".join(RECIPES), "| mean | Δ mean |")
    plain: Result | None = None
    for way, own in WAYS.items():
        settings = replace(TrainingSettings(learning_rate=2e-4, warmup_ratio=0.1), **own)
        result = measured(settings, train, test, subset, options)
        plain = plain or result
        print(row(way, result, plain), flush=True)


def measured(
    settings: TrainingSettings,
    train_set: Sequence[Sentence],
    test: Sequence[Sentence],
    subset: Sequence[Sentence],
    options: argparse.Namespace,
) -> Result:
    """Train a victim and attack it.

    Args:
        settings: Of its training.
        train_set: What it learns from.
        test: What F1 is measured on.
        subset: The sentences to attack.
        options: With `threads`, `precision` and `query_budget`.
    """
    from seqattack.api.attacking import attack
    from seqattack.metrics.evaluation import evaluate
    from seqattack.models.pretrained import embedded_model_path
    from seqattack.victim.training import train
    from seqattack.victim.victim import Victim

    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "victim"

        def fit() -> None:
            train(
                train_set,
                (),
                (),
                labels=tag_set([*train_set, *test]),
                pretrained=embedded_model_path(),
                output=output,
                evaluate=evaluate,
                settings=settings,
                device="cpu",
                threads=options.threads,
            )

        seconds = timed(fit)
        f1 = evaluate(Victim.load(output, device="cpu"), test).f1
        victim = Victim.load(output, device="cpu", precision=options.precision)
        goal, budget = "untargeted-strict", options.query_budget
        found = {
            recipe: attack(victim, subset, recipe, goal=goal, query_budget=budget).records
            for recipe in RECIPES
        }
    print(f"{settings}: {seconds:.1f} s", file=sys.stderr)
    return Result(seconds, f1, found)


def row(way: str, result: Result, plain: Result) -> str:
    """Return a victim's row of the table.

    Args:
        way: What it is called.
        result: Its figures.
        plain: Those of the victim that is not hardened.
    """
    rates = result.rates()
    low, high = percentile_interval(result.resampled_mean() - plain.resampled_mean())
    mean, before = (sum(each.rates().values()) / len(RECIPES) for each in (result, plain))
    change = "" if result is plain else f"{mean - before:+.0%} [{low:+.0%}, {high:+.0%}]"
    cells = [
        way,
        f"{result.seconds / plain.seconds:.2f}",
        f"{result.f1:.3f}",
        *(f"{rates[recipe]:.0%}" for recipe in RECIPES),
        f"{mean:.0%}",
        change,
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
