"""Precision, recall and F1 of entities: seqeval in its strict mode, IOB2."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """Metrics of one entity class, in [0, 1], and the number of gold entities."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class EntityMetrics:
    """Micro-averaged metrics of a corpus.

    Args:
        precision: Share of predicted entities that are right (the paper's column "Acc").
        recall: Share of gold entities that are found.
        f1: Their harmonic mean.
        token_accuracy: Share of tokens with the right tag.
        support: Gold entities.
        per_class: The same of each class.
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


def entity_metrics(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]
) -> EntityMetrics:
    """Return strict IOB2 metrics: an entity is right if its borders and its class are.

    Args:
        gold: IOB2 tags, one sequence a sentence.
        predicted: Tags of the same shape.

    Example:
        >>> entity_metrics([["B-PER", "O", "B-LOC"]], [["B-PER", "O", "O"]]).recall
        0.5
    """
    from seqeval.metrics import accuracy_score, classification_report
    from seqeval.scheme import IOB2

    truth, answer = [list(tags) for tags in gold], [list(tags) for tags in predicted]
    if not any(tag != "O" for tags in (*truth, *answer) for tag in tags):
        return EntityMetrics(0.0, 0.0, 0.0, float(accuracy_score(truth, answer)), 0, {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # seqeval warns of classes that are never predicted
        report = classification_report(
            truth, answer, mode="strict", scheme=IOB2, output_dict=True, zero_division=0
        )
    overall = report.pop("micro avg")
    return EntityMetrics(
        precision=float(overall["precision"]),
        recall=float(overall["recall"]),
        f1=float(overall["f1-score"]),
        token_accuracy=float(accuracy_score(truth, answer)),
        support=int(overall["support"]),
        per_class={
            name: ClassMetrics(
                float(row["precision"]),
                float(row["recall"]),
                float(row["f1-score"]),
                int(row["support"]),
            )
            for name, row in sorted(report.items())
            if not name.endswith(" avg")
        },
    )
