"""How one victim stands up to several attacks: the file that leaderboards are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqattack.errors import RecordError
from seqattack.files.checksums import sha256_json
from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.summary import AttackSummary, entity_counts
from seqattack.records import AttackRecord, Outcome, Prediction
from seqattack.tags import entities

VERSION = 1
"""The version of the file's form."""

Counts = tuple[tuple[int, int, int], ...]
"""Of each sentence, how many entities are correct, predicted and true (strict IOB2)."""


@dataclass(frozen=True, slots=True)
class RecipeResult:
    """What one recipe did to each sentence of the subset.

    Args:
        settings: The attack's settings: goal, query budget, seed and so on.
        outcomes: How the attack on each sentence ended.
        counts: The entities of each sentence after the attack.
        intervals: 95 % bootstrap intervals by metric.
    """

    settings: Mapping[str, Any]
    outcomes: tuple[Outcome, ...]
    counts: Counts
    intervals: Mapping[str, tuple[float, float]]

    @property
    def attacked(self) -> int:
        """Attacked sentences."""
        return sum(outcome != Outcome.SKIPPED for outcome in self.outcomes)

    @property
    def successes(self) -> int:
        """Attacks that found an adversarial example."""
        return sum(outcome == Outcome.SUCCESS for outcome in self.outcomes)

    @property
    def attack_rate(self) -> float | None:
        """Successes / attacked sentences; None if no sentence was attacked."""
        return self.successes / self.attacked if self.attacked else None

    def to_json(self) -> dict[str, Any]:
        """Return the result as a JSON object, with what follows from its sentences."""
        return {
            "settings": dict(self.settings),
            "n": len(self.outcomes),
            "attacked": self.attacked,
            "successes": self.successes,
            "attack_rate": self.attack_rate,
            **scores(self.counts),
            "intervals": {name: list(bounds) for name, bounds in self.intervals.items()},
            "outcomes": [outcome.value for outcome in self.outcomes],
            "counts": [list(each) for each in self.counts],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> RecipeResult:
        """Return the result that `to_json` wrote."""
        return cls(
            dict(value["settings"]),
            tuple(map(Outcome, value["outcomes"])),
            _counts(value["counts"]),
            {name: (float(low), float(high)) for name, (low, high) in value["intervals"].items()},
        )


@dataclass(frozen=True, slots=True)
class VictimResults:
    """One victim under several attacks on one subset.

    Args:
        name: The victim's name in its run.
        model: What the victim is: the checksum of its weights, or its kind and name.
        code: A hash of the code that attacked it.
        subset: A checksum of the sentences' ids and tokens.
        classes: The classes of entities that were attacked: those of the corpus that the victim
            knows.
        clean: Precision, recall and F1 on the whole unattacked test set.
        counts: The entities of each sentence before the attacks.
        recipes: What each recipe did.
    """

    name: str
    model: Mapping[str, Any]
    code: str
    subset: str
    classes: tuple[str, ...]
    clean: Mapping[str, float]
    counts: Counts
    recipes: Mapping[str, RecipeResult]

    def to_json(self) -> dict[str, Any]:
        """Return the results as a JSON object."""
        return {
            "version": VERSION,
            "name": self.name,
            "model": dict(self.model),
            "code": self.code,
            "clean": dict(self.clean),
            "subset": {
                "checksum": self.subset,
                "n": len(self.counts),
                "classes": list(self.classes),
                **scores(self.counts),
                "counts": [list(each) for each in self.counts],
            },
            "recipes": {name: each.to_json() for name, each in self.recipes.items()},
        }

    @classmethod
    def from_json(cls, value: Any) -> VictimResults:
        """Return the results that `to_json` wrote.

        Raises:
            ValueError: The value is something else.
        """
        try:
            if value["version"] != VERSION:
                raise ValueError(f"version {value['version']}, but {VERSION} is read here")
            subset = value["subset"]
            found = cls(
                str(value["name"]),
                dict(value["model"]),
                str(value["code"]),
                str(subset["checksum"]),
                tuple(map(str, subset["classes"])),
                {name: float(value["clean"][name]) for name in ("precision", "recall", "f1")},
                _counts(subset["counts"]),
                {name: RecipeResult.from_json(each) for name, each in value["recipes"].items()},
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error
        found._check()
        return found

    def _check(self) -> None:
        if not self.counts or not self.recipes:
            raise ValueError("no sentence, or no recipe")
        for name, each in self.recipes.items():
            if not len(each.counts) == len(each.outcomes) == len(self.counts):
                raise ValueError(f"{name} is not of all {len(self.counts)} sentences")


def victim_results(
    name: str,
    model: Mapping[str, Any],
    code: str,
    clean: EntityMetrics,
    attacks: Mapping[str, tuple[Sequence[AttackRecord], AttackSummary, Mapping[str, Any]]],
) -> VictimResults:
    """Return how a victim stands up to its attacks.

    Args:
        name: The victim's name in its run.
        model: What the victim is.
        code: A hash of the code that attacked it.
        clean: Its metrics on the unattacked test set.
        attacks: By recipe, the records of its attack on the subset, their summary, and the
            attack's settings.

    Raises:
        RecordError: The attacks are not of the same sentences.
    """
    texts = {recipe: [_text(each) for each in records] for recipe, (records, *_) in attacks.items()}
    first, *others = texts.values()
    if any(each != first for each in others):
        raise RecordError(
            f"{name}: its attacks ({', '.join(texts)}) are of different sentences; run them anew."
        )
    originals = [record.original for record in next(iter(attacks.values()))[0]]
    return VictimResults(
        name,
        model,
        code,
        sha256_json(first),
        tuple(sorted({each.label for text in originals for each in entities(text.tags)})),
        {key: getattr(clean, key) for key in ("precision", "recall", "f1")},
        counts_of(originals),
        {
            recipe: RecipeResult(
                settings,
                tuple(record.outcome for record in records),
                counts_of([record.final for record in records]),
                {k: v for k, v in summary.intervals.items() if k in _WITH_INTERVALS},
            )
            for recipe, (records, summary, settings) in attacks.items()
        },
    )


_WITH_INTERVALS = ("attack_rate", "precision", "recall", "f1")


def counts_of(texts: Sequence[Prediction]) -> Counts:
    """Return how many entities of each text are correct, predicted and true."""
    return tuple(entity_counts(text.tags, text.predicted) for text in texts)


def scores(counts: Counts) -> dict[str, float]:
    """Return precision, recall and F1 over all sentences; 0 where there is nothing to divide by.

    >>> scores(((1, 1, 2), (1, 1, 0)))
    {'precision': 1.0, 'recall': 1.0, 'f1': 1.0}
    """
    right, answered, gold = (sum(each) for each in zip(*counts, strict=True))
    return {
        "precision": right / answered if answered else 0.0,
        "recall": right / gold if gold else 0.0,
        "f1": 2 * right / (answered + gold) if answered + gold else 0.0,
    }


def _text(record: AttackRecord) -> tuple[str, tuple[str, ...]]:
    return record.id, record.original.tokens


def _counts(value: Sequence[Sequence[int]]) -> Counts:
    found = tuple((right, answered, gold) for right, answered, gold in value)
    if not all(type(n) is int and n >= 0 for each in found for n in each):
        raise ValueError("the counts of entities must be whole numbers from 0")
    if any(right > min(answered, gold) for right, answered, gold in found):
        raise ValueError("more entities are correct than predicted or true")
    return found
