"""The record of an attack on one sentence, and the append-only files of records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from seqattack import integrity
from seqattack.errors import IntegrityError, RecordError
from seqattack.io import json_value
from seqattack.sentence import texts


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
    """A user cancelled a live attack."""
    UNKNOWN = "unknown"
    """The results come from another program, which does not say why."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A text with its true tags and the victim's prediction.

    Args:
        tokens: The tokens.
        tags: The true IOB2 tags, one for each token.
        predicted: The victim's tags, one for each token.
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
            texts(value["tokens"]),
            texts(value["tags"]),
            texts(value["predicted"]),
            tuple(value["confidence"]),
        )


@dataclass(frozen=True, slots=True)
class AttackRecord:
    """The outcome of one attack on one sentence; the same bytes on every run.

    Args:
        id: The sentence's id.
        recipe: The recipe's name, such as ``deepwordbug-i-5``.
        goal: The goal function's name, such as ``untargeted-strict``.
        outcome: How the attack ended; a success has an entity token wrong that was right before,
            except under a goal that counts other tokens too (`untargeted-strict-published`), or
            only others (`invented`).
        stop: Why the search stopped.
        original: The text before the attack.
        adversarial: The adversarial example; None unless the attack succeeded.
        labels_score_before: Wrong entity tokens / entity tokens of the original, in [0, 1]; under
            ``leak`` characters of both, and under ``invented`` tokens outside entities.
        labels_score: The same for the adversarial example, or for the original without one.
        already_wrong: Indices of the original's entity tokens (under ``invented``: of the others)
            that were wrong before the attack.
        newly_broken: Indices, in the adversarial example, of those that the attack broke.
        queries: Goal-function evaluations, including the first one and the importance queries.
        forward_passes: Sequences sent through the victim, for goal and constraints together.
        victim_id: What the victim was: the first 12 hexadecimal digits of a SHA-256 of its weights,
            configuration, tokenizer and tags; None where it is not known.
        hard_labels: Whether the victim gave tags without probabilities. Then scores count wrong
            tags, words and candidates of equal scores keep their order, and a confidence is 1.
            Records of victims that give probabilities lack the key.
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
    victim_id: str | None = None
    hard_labels: bool = False

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
            "victim_id": self.victim_id,
            **({"hard_labels": True} if self.hard_labels else {}),
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
            victim_id=value.get("victim_id"),
            hard_labels=value.get("hard_labels", False),
        )


class PlacedRecord(NamedTuple):
    """A record and the bytes of its file that hold it.

    Attributes:
        record: The record.
        offset: Where its line begins, in bytes.
        length: Bytes of the line.
    """

    record: AttackRecord
    offset: int
    length: int


class ShardError(RecordError):
    """A shard is damaged or incomplete.

    Args:
        message: What is wrong with it.
        path: The shard.
    """

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.path = path


def read_records(path: str | Path) -> Iterator[AttackRecord]:
    """Yield the records of a JSON-lines file, one at a time.

    Raises:
        RecordError: The file is missing or a line is not a record; the message names the line.
        IntegrityError: It is a run's and changed since it was made.
    """
    for placed in read_placed_records(path):
        yield placed.record


def read_placed_records(path: str | Path) -> Iterator[PlacedRecord]:
    """Yield the records of a JSON-lines file with their places in it, one at a time.

    Raises:
        RecordError: The file is missing or a line is not a record; the message names the line.
        IntegrityError: It is a run's and changed since it was made.
    """
    if not Path(path).is_file():
        raise RecordError(f"{path}: no such file; run the attack first.")
    integrity.check(path)
    offset = 0
    with Path(path).open("rb") as handle:
        for number, line in enumerate(handle, 1):
            try:
                record = AttackRecord.from_json(json_value(line))
            except (ValueError, KeyError, TypeError) as error:
                raise RecordError(
                    f"{path}:{number}: not an attack record ({error}); "
                    "delete the file and run the attack again."
                ) from error
            yield PlacedRecord(record, offset, len(line))
            offset += len(line)


def read_shards(
    paths: Sequence[str | Path], shard_size: int, sentences: int
) -> Iterator[AttackRecord]:
    """Yield the records of an attack's shards in their order.

    Args:
        paths: The first shards of the attack.
        shard_size: Sentences of a full shard.
        sentences: Sentences of all shards together; the last shard may hold fewer than the others.

    Raises:
        ShardError: A shard is damaged or incomplete.
        RecordError: A shard is missing, or they are of different victims.
    """
    victims: dict[str | None, str] = {}
    for number, path in enumerate(map(Path, paths)):
        expected = min(shard_size, sentences - number * shard_size)
        try:
            records = list(read_records(path))
        except (RecordError, IntegrityError) as error:
            if not path.exists():
                raise
            raise ShardError(str(error), path) from error
        if len(records) != expected:
            found = f"{path}: {len(records)} records, but {expected} are expected."
            raise ShardError(found, path)
        for record in records:
            victims.setdefault(record.victim_id, str(path))
        check_one_victim(victims)
        yield from records


def check_one_victim(files: Mapping[str | None, str]) -> None:
    """Check that files that stand for one victim were made with one.

    Args:
        files: A file by the id of the victim that it was made with; see `AttackRecord`.

    Raises:
        RecordError: There are several; the message names a file of each.
    """
    if len(files) > 1:
        made = ", ".join(
            f"{file} with {id or 'one that is not known'}" for id, file in files.items()
        )
        raise RecordError(
            f"records of different victims cannot be put together ({made}); delete those of the "
            "old victim and attack again."
        )


@contextmanager
def damaged_shards_moved_aside() -> Iterator[None]:
    """Move a shard out of the way when reading it fails, so that the next run makes it anew.

    Raises:
        RecordError: The block raised a `ShardError`; the message says where the shard is now.
    """
    try:
        yield
    except ShardError as error:
        aside = integrity.move_aside(error.path)
        raise RecordError(
            f"{error} The shard was moved to {aside.name}: run the same command again, and it "
            "is made anew."
        ) from error
