"""A run's metrics at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqattack.errors import RecordError
from seqattack.io import read_json
from seqattack.metrics.scores import EXAMPLE_METRICS, ScoredExample, mean
from seqattack.metrics.summary import AttackSummary, Interval
from seqattack.records import Outcome

NAMES = {
    "attack_rate": ("A-Rate", "successes by sentences attacked"),
    "modification_rate": ("Mod", "changed tokens by original tokens, mean over successes"),
    "labels_score": ("L-Score", "share of entity tokens that are wrong, mean over successes"),
    "similarity": ("Sim", "cosine of the sentence embeddings, mean over successes"),
    "grammar_error_change": ("ΔGErr", "grammar errors after minus before, mean over successes"),
}
"""By metric, what it is called in the paper, and what it is."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric of a run.

    Args:
        name: As in the paper.
        meaning: In words.
        value: None where it is not known.
        interval: Its 95 % interval, where the pipeline computed one.
    """

    name: str
    meaning: str
    value: float | None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What a run came to.

    Args:
        figures: Its metrics.
        sentences: All sentences.
        attacked: Successes and failures.
        successes: Attacks that succeeded.
        skipped: Sentences that could not be attacked.
        stops: How often a search stopped for which reason, most frequent first.
        backends: What measured similarity and grammar; empty where neither was.
    """

    figures: Sequence[Figure]
    sentences: int
    attacked: int
    successes: int
    skipped: int
    stops: Mapping[str, int]
    backends: str


def make_card(folder: Path, scored: Sequence[ScoredExample]) -> Card:
    """Return the card of a run.

    Args:
        folder: Its summary is taken where it has one of these examples.
        scored: The scores of all examples.
    """
    attacked = [each for each in scored if each.outcome != Outcome.SKIPPED]
    successes = [each for each in attacked if each.outcome == Outcome.SUCCESS]
    values: dict[str, float | None] = {
        name: mean([value(each) for each in successes]) for name, value in EXAMPLE_METRICS.items()
    }
    values["attack_rate"] = len(successes) / len(attacked) if attacked else None
    summary = _read_summary(folder / "summary.json", len(scored))
    intervals = summary.intervals if summary else {}
    return Card(
        figures=[
            Figure(name, meaning, values[key], intervals.get(key))
            for key, (name, meaning) in NAMES.items()
        ],
        sentences=len(scored),
        attacked=len(attacked),
        successes=len(successes),
        skipped=len(scored) - len(attacked),
        stops=dict(Counter(each.stop for each in scored).most_common()),
        backends=f"Sim: {summary.similarity_backend}; ΔGErr: {summary.grammar_backend}"
        if summary
        else "",
    )


def _read_summary(path: Path, sentences: int) -> AttackSummary | None:
    if not path.is_file():
        return None
    try:
        summary = AttackSummary.from_json(read_json(path))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"{path}: not the summary of an attack ({error}).") from error
    return summary if summary.sentences == sentences else None
