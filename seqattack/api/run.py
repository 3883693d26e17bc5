"""What an attack from Python found: records, their summary, and files of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from seqattack.api.summary import Summary, summarize
from seqattack.attack.settings import AttackSettings
from seqattack.io import write_jsonl, write_text
from seqattack.records import AttackRecord, Outcome, Stop
from seqattack.text import spreadsheet

if TYPE_CHECKING:
    import pandas as pd
    from datasets import Dataset


@dataclass(frozen=True)
class AttackRun(Sequence[AttackRecord]):
    """The records of an attack, in the order of the sentences.

    Args:
        records: One a sentence.
        settings: What the attack's outcome depended on.
        labels: The victim's tags in the order of their ids.
        victim: The victim's name.
    """

    records: tuple[AttackRecord, ...]
    settings: AttackSettings
    labels: tuple[str, ...]
    victim: str

    def __iter__(self) -> Iterator[AttackRecord]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, index: int) -> AttackRecord: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[AttackRecord, ...]: ...

    def __getitem__(self, index: int | slice) -> AttackRecord | tuple[AttackRecord, ...]:
        return self.records[index]

    def __repr__(self) -> str:
        return (
            f"<{self.settings.recipe} on {self.victim}: {len(self.successes)} of {len(self)} "
            "sentences fooled it>"
        )

    def _repr_html_(self) -> str:
        """Return the summary as a notebook shows it."""
        return self.summary()._repr_html_()

    @property
    def successes(self) -> list[AttackRecord]:
        """The records with an adversarial example."""
        return [record for record in self.records if record.outcome is Outcome.SUCCESS]

    def summary(self) -> Summary:
        """Return the attack's metrics: A-Rate, Mod, L-Score, Sim, ΔGErr, precision, recall, F1.

        Similarity is measured by the embedded sentence encoder, grammar errors by Harper; for
        others, see `seqattack.summarize`.

        Raises:
            BackendError: One of the two is not installed.
        """
        return self._summary

    @cached_property
    def _summary(self) -> Summary:
        return summarize(self.records, victim=self.victim, seed=self.settings.seed)

    def to_jsonl(self, path: str | Path) -> None:
        """Write the records as JSON lines, which `seqattack app` and the pipeline read.

        Args:
            path: The file; an earlier one there is replaced.
        """
        write_jsonl(path, (record.to_json() for record in self.records))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a sentence, texts joined by spaces.

        Returns:
            Columns ``id``, ``outcome``, ``stop``, ``original``, ``adversarial`` (empty without a
            success), ``labels_score_before``, ``labels_score``, ``newly_broken`` (entity tokens),
            ``queries`` and ``forward_passes``.
        """
        import pandas as pd

        return pd.DataFrame([_row(record) for record in self.records], columns=list(_COLUMNS))

    def to_csv(self, path: str | Path) -> None:
        """Write `to_frame` as a CSV file, in which no text can pass for a formula.

        Args:
            path: The file; an earlier one there is replaced.
        """
        frame = self.to_frame()
        for name in ("id", "original", "adversarial"):
            frame[name] = frame[name].map(spreadsheet)
        write_text(path, frame.to_csv(index=False, lineterminator="\n"))

    def to_dataset(self) -> Dataset:
        """Return the records as a dataset of Hugging Face's, with class labels.

        Returns:
            One row a sentence: ``id``, ``outcome`` and ``stop`` (class labels); for the original,
            and with the prefix ``adversarial_`` for the adversarial example (empty without one),
            ``tokens``, ``ner_tags`` and ``predicted_tags`` (lists of class labels: the victim's
            tags); ``labels_score_before``, ``labels_score``, ``queries``.
        """
        from datasets import ClassLabel, Dataset, Features, Value
        from datasets import Sequence as Each

        tags = Each(ClassLabel(names=list(self.labels)))
        texts = {"tokens": Each(Value("string")), "ner_tags": tags, "predicted_tags": tags}
        features = Features(
            {
                "id": Value("string"),
                "outcome": ClassLabel(names=[each.value for each in Outcome]),
                "stop": ClassLabel(names=[each.value for each in Stop]),
                **texts,
                **{f"adversarial_{name}": feature for name, feature in texts.items()},
                "labels_score_before": Value("float64"),
                "labels_score": Value("float64"),
                "queries": Value("int64"),
            }
        )
        return Dataset.from_list([_example(record) for record in self.records], features=features)


def _row(record: AttackRecord) -> tuple[Any, ...]:
    adversarial = record.adversarial
    return (
        record.id,
        record.outcome.value,
        record.stop.value,
        " ".join(record.original.tokens),
        " ".join(adversarial.tokens) if adversarial else "",
        record.labels_score_before,
        record.labels_score,
        len(record.newly_broken),
        record.queries,
        record.forward_passes,
    )


_COLUMNS = (
    "id",
    "outcome",
    "stop",
    "original",
    "adversarial",
    "labels_score_before",
    "labels_score",
    "newly_broken",
    "queries",
    "forward_passes",
)


def _example(record: AttackRecord) -> dict[str, Any]:
    """Return a row of `AttackRun.to_dataset`, its columns in order."""
    made: dict[str, Any] = {
        "id": record.id,
        "outcome": record.outcome.value,
        "stop": record.stop.value,
    }
    for prefix, text in (("", record.original), ("adversarial_", record.adversarial)):
        made[f"{prefix}tokens"] = list(text.tokens) if text else []
        made[f"{prefix}ner_tags"] = list(text.tags) if text else []
        made[f"{prefix}predicted_tags"] = list(text.predicted) if text else []
    return made | {
        "labels_score_before": record.labels_score_before,
        "labels_score": record.labels_score,
        "queries": record.queries,
    }
