"""What an attack on one sentence found, and the append-only files that hold it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from seqattack.errors import RecordError


class Outcome(StrEnum):
    """How an attack on a sentence ended."""

    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"


class Stop(StrEnum):
    """Why a search stopped."""

    GOAL_REACHED = "goal-reached"
    CANDIDATES_EXHAUSTED = "candidates-exhausted"
    SOURCE_LIMIT = "source-limit"
    """SCPN has paraphrased as many texts as it may; some were left."""
    QUERY_BUDGET = "query-budget"
    TIMEOUT = "timeout"
    NO_ENTITY = "no-entity"
    ALREADY_WRONG = "already-wrong"
    CANCELLED = "cancelled"
    """A person stopped a live attack."""
    UNKNOWN = "unknown"
    """Results of another program, which don't say."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A text with its gold tags and what the victim made of it.

    Args:
        tokens: The tokens.
        tags: Gold IOB2 tags, one a token.
        predicted: The victim's tags, one a token.
        confidence: The victim's probability of each predicted tag, rounded to 4 digits.
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    predicted: tuple[str, ...]
    confidence: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the prediction as a JSON object."""
        return {
            "tokens": list(self.tokens),
            "tags": list(self.tags),
            "predicted": list(self.predicted),
            "confidence": list(self.confidence),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Prediction:
        """Return the prediction that `to_json` wrote."""
        return cls(
            tuple(value["tokens"]),
            tuple(value["tags"]),
            tuple(value["predicted"]),
            tuple(value["confidence"]),
        )


@dataclass(frozen=True, slots=True)
class AttackRecord:
    """The outcome of one attack on one sentence; the same bytes on every run.

    Args:
        id: The sentence's id.
        recipe: The recipe's name, such as ``deepwordbug-i-5``.
        goal: The goal function's name, such as ``untargeted-strict``.
        outcome: Success: an entity token is wrong that was right before.
        stop: Why the search stopped.
        original: The unattacked text.
        adversarial: The adversarial example; None unless the attack succeeded.
        labels_score_before: Share of the original's entity tokens that are wrong, in [0, 1].
        labels_score: The same of the adversarial example; of the original without one.
        already_wrong: Indices of the original's entity tokens that were wrong before the attack.
        newly_broken: Indices, in the adversarial example, of entity tokens that the attack broke.
        queries: Goal-function evaluations, the first one and the importance queries included.
        forward_passes: Sequences sent through the victim, for goal and constraints together.
    """

    id: str
    recipe: str
    goal: str
    outcome: Outcome
    stop: Stop
    original: Prediction
    adversarial: Prediction | None
    labels_score_before: float
    labels_score: float
    already_wrong: tuple[int, ...]
    newly_broken: tuple[int, ...]
    queries: int
    forward_passes: int

    @property
    def final(self) -> Prediction:
        """The adversarial example of a success, the original otherwise."""
        return self.adversarial or self.original

    def to_json(self) -> dict[str, Any]:
        """Return the record as a JSON object; the keys are the attributes' names."""
        return {
            "id": self.id,
            "recipe": self.recipe,
            "goal": self.goal,
            "outcome": self.outcome.value,
            "stop": self.stop.value,
            "original": self.original.to_json(),
            "adversarial": self.adversarial.to_json() if self.adversarial else None,
            "labels_score_before": self.labels_score_before,
            "labels_score": self.labels_score,
            "already_wrong": list(self.already_wrong),
            "newly_broken": list(self.newly_broken),
            "queries": self.queries,
            "forward_passes": self.forward_passes,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> AttackRecord:
        """Return the record that `to_json` wrote."""
        adversarial = value["adversarial"]
        return cls(
            id=value["id"],
            recipe=value["recipe"],
            goal=value["goal"],
            outcome=Outcome(value["outcome"]),
            stop=Stop(value["stop"]),
            original=Prediction.from_json(value["original"]),
            adversarial=Prediction.from_json(adversarial) if adversarial else None,
            labels_score_before=value["labels_score_before"],
            labels_score=value["labels_score"],
            already_wrong=tuple(value["already_wrong"]),
            newly_broken=tuple(value["newly_broken"]),
            queries=value["queries"],
            forward_passes=value["forward_passes"],
        )


def read_records(path: str | Path) -> Iterator[AttackRecord]:
    """Yield the records of a JSON-lines file, one at a time.

    Raises:
        RecordError: The file is missing or a line is not a record; the message names the line.
    """
    if not Path(path).is_file():
        raise RecordError(f"{path}: no such file; run the attack first.")
    with Path(path).open(encoding="utf-8") as handle:
        for number, line in enumerate(handle, 1):
            try:
                yield AttackRecord.from_json(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise RecordError(
                    f"{path}:{number}: not an attack record ({error}); "
                    "delete the file and run the attack again."
                ) from error


def read_shards(
    paths: Sequence[str | Path], shard_size: int, sentences: int
) -> Iterator[AttackRecord]:
    """Yield the records of an attack's shards in their order.

    Args:
        paths: The first shards of the attack.
        shard_size: Sentences of a full shard.
        sentences: Of all shards together; the last one may hold fewer than the others.

    Raises:
        RecordError: A shard is damaged or incomplete. It is moved aside, so that the pipeline makes
            it anew when it is run again.
    """
    for number, path in enumerate(map(Path, paths)):
        expected = min(shard_size, sentences - number * shard_size)
        try:
            records = list(read_records(path))
            if len(records) != expected:
                raise RecordError(f"{path}: {len(records)} records, but {expected} are expected.")
        except RecordError as error:
            if not path.exists():
                raise
            aside = path.with_name(f"{path.name}.damaged")
            path.replace(aside)
            raise RecordError(
                f"{error} The shard was moved to {aside.name}: run the same command again, and it "
                "is made anew."
            ) from error
        yield from records
