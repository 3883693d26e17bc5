"""How a model stands up to an attack, as a metric in the manner of Hugging Face's `evaluate`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqattack.errors import RecordError
from seqattack.io import json_value
from seqattack.metrics.metric import METRICS
from seqattack.metrics.summary import original_metrics, quick_summary
from seqattack.records import AttackRecord

if TYPE_CHECKING:
    from datasets import Features

BEFORE = ("precision", "recall", "f1")
"""Metrics that are given of the unattacked sentences, too, as ``precision_before`` ..."""

LEFT_OUT = ("similarity", "grammar_error_change")
"""Metrics that need models."""


class RobustnessMetric:
    """Attack rate, scores under attack and before it, modification rate and labels score.

    Similarity and grammar errors are left out; see `seqattack.summarize`.

    Args:
        seed: Of the bootstrap of intervals.

    Example:
        >>> metric = RobustnessMetric()
        >>> metric.compute(predictions=open("records.jsonl"))["attack_rate"]  # doctest: +SKIP
        0.875
    """

    name = "robustness"

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    @property
    def features(self) -> Features:
        """The inputs, as `evaluate` declares them: a line of JSON and a list of tags a sentence."""
        from datasets import Features, List, Value

        return Features({"predictions": Value("string"), "references": List(Value("string"))})

    def compute(
        self,
        *,
        predictions: Iterable[AttackRecord | Mapping[str, Any] | str],
        references: Iterable[Sequence[str]] | None = None,
    ) -> dict[str, float | int | None]:
        """Return the metrics of one attack.

        Args:
            predictions: The records of the attack, one a sentence: as objects, as JSON objects or
                as lines of ``records.jsonl``.
            references: The true tags of the unattacked sentences, to be compared with those of the
                records; they are not needed, since records hold them.

        Returns:
            By the metric's key, such as ``attack_rate`` (shares in [0, 1]); None for one that is
            not defined, as a mean over no success.

        Raises:
            RecordError: There is no record, one cannot be read, they are of several victims, or a
                reference is not what its record says.
        """
        records = [_record(number, each) for number, each in enumerate(predictions, 1)]
        if not records:
            raise RecordError("there is no record to measure; attack at least one sentence.")
        if references is not None:
            _compare(records, [tuple(tags) for tags in references])
        summary = quick_summary(records, "victim", self.seed)
        original = original_metrics(records)
        keys = [m.key for m in METRICS if hasattr(summary, m.key) and m.key not in LEFT_OUT]
        before = {f"{key}_before": getattr(original, key) for key in BEFORE}
        return {key: getattr(summary, key) for key in keys} | before


def _record(number: int, value: AttackRecord | Mapping[str, Any] | str) -> AttackRecord:
    if isinstance(value, AttackRecord):
        return value
    try:
        return AttackRecord.from_json(json_value(value) if isinstance(value, str) else value)
    except (ValueError, KeyError, TypeError) as error:
        raise RecordError(
            f"prediction {number}: not an attack record ({error}); give records as `seqattack "
            "attack` writes them."
        ) from error


def _compare(records: Sequence[AttackRecord], references: Sequence[tuple[str, ...]]) -> None:
    if len(records) != len(references):
        raise RecordError(
            f"{len(references)} references, but {len(records)} records; give one for each, or none."
        )
    for number, (record, tags) in enumerate(zip(records, references, strict=True), 1):
        if record.original.tags != tags:
            raise RecordError(
                f"reference {number}: its tags are not those of the record of sentence "
                f"{record.id}; give the tags of the same sentences, in the records' order."
            )
