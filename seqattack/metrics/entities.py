"""Precision, recall and F1 of entities: seqeval in its strict mode, IOB2."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from seqattack.models.deferred import deferred
from seqattack.tags import Entity, entities


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """Metrics of one entity class, in [0, 1], and the number of its true entities."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class EntityMetrics:
    """Micro-averaged metrics of a corpus.

    Args:
        precision: Correct entities / predicted entities (the paper's column "Acc").
        recall: Correct entities / true entities.
        f1: Harmonic mean of precision and recall.
        token_accuracy: Tokens with the right tag / tokens.
        support: Number of true entities.
        per_class: The same metrics for each class.
    """

    precision: float
    recall: float
    f1: float
    token_accuracy: float
    support: int
    per_class: Mapping[str, ClassMetrics]

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> EntityMetrics:
        """Return the metrics that `to_json` wrote."""
        classes = {name: ClassMetrics(**each) for name, each in value["per_class"].items()}
        return cls(**{**value, "per_class": classes})


def answered_entities(predicted: Sequence[str]) -> list[Entity]:
    """Return the entities that a victim predicts.

    As in strict IOB2, an entity is predicted only where its first tag is a ``B-``.

    Args:
        predicted: The victim's tags, which are not repaired.

    Example:
        >>> answered_entities(["B-PER", "O", "I-LOC"])
        [Entity(start=0, end=1, label='PER')]
    """
    return [each for each in entities(predicted) if predicted[each.start].startswith("B-")]


def exact_entities(tags: Sequence[str], predicted: Sequence[str]) -> set[Entity]:
    """Return the true entities of a text that are predicted with their bounds and class.

    Args:
        tags: The true tags.
        predicted: The victim's tags.

    Example:
        >>> exact_entities(["B-PER", "O", "B-LOC"], ["B-PER", "O", "I-LOC"])
        {Entity(start=0, end=1, label='PER')}
    """
    return set(answered_entities(predicted)).intersection(entities(tags))


def entity_metrics(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]
) -> EntityMetrics:
    """Return strict IOB2 metrics: an entity is correct if its bounds and its class are.

    Args:
        gold: True IOB2 tags, one sequence for each sentence.
        predicted: The victim's tags, in the same shape.

    Example:
        >>> entity_metrics([["B-PER", "O", "B-LOC"]], [["B-PER", "O", "O"]]).recall
        0.5
    """
    accuracy_score, classification_report, iob2 = _seqeval()
    truth, answer = [list(tags) for tags in gold], [list(tags) for tags in predicted]
    if not any(tag != "O" for tags in (*truth, *answer) for tag in tags):
        return EntityMetrics(0.0, 0.0, 0.0, float(accuracy_score(truth, answer)), 0, {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # seqeval warns about classes that are never predicted
        report = classification_report(
            truth, answer, mode="strict", scheme=iob2, output_dict=True, zero_division=0
        )
    overall = report.pop("micro avg")
    return EntityMetrics(
        precision=float(overall["precision"]),
        recall=float(overall["recall"]),
        f1=float(overall["f1-score"]),
        token_accuracy=float(accuracy_score(truth, answer)),
        support=int(overall["support"]),
        per_class={
            name: _class_metrics(row)
            for name, row in sorted(report.items())
            if not name.endswith(" avg")
        },
    )


@cache
def _seqeval() -> tuple[Callable[..., Any], Callable[..., Any], type]:
    with deferred():
        from seqeval.metrics import accuracy_score, classification_report
        from seqeval.scheme import IOB2
    return accuracy_score, classification_report, IOB2


def _class_metrics(row: Mapping[str, Any]) -> ClassMetrics:
    return ClassMetrics(
        float(row["precision"]), float(row["recall"]), float(row["f1-score"]), int(row["support"])
    )
