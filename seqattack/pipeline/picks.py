"""Picked adversarial examples: a file that people's decisions are kept in, and what it gives.

The web application writes it, the pipeline reads it to train a robust victim on the accepted
examples. A pick holds its attack record, so that the file needs nothing beside it.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from filelock import FileLock

from seqattack.errors import SeqAttackError, ShortageError
from seqattack.io import read_json, write_json
from seqattack.records import AttackRecord
from seqattack.sentence import Sentence

LONGEST_NOTE = 2000
"""Characters of the longest note."""

REASONS = (
    "not fluent",
    "another meaning",
    "tags no longer true",
    "odd characters",
    "too similar to another",
)
"""Why an example may be rejected."""


class PickError(SeqAttackError):
    """A file of picks cannot be read, or a pick is not possible."""


class Decision(StrEnum):
    """What a person decided about an adversarial example."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Pick:
    """A decision about one adversarial example.

    Args:
        run: The run's key.
        decision: What was decided.
        note: A person's words.
        version: The file's revision in which the pick last changed.
        record: The attack record.
        reason: Why it was rejected, one of `REASONS`; empty where nobody said.
        reviewer: Who decided; empty where only one person does.
    """

    run: str
    decision: Decision
    note: str
    version: int
    record: AttackRecord
    reason: str = ""
    reviewer: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Run, sentence id and reviewer, of which there is one pick."""
        return self.run, self.id, self.reviewer

    @property
    def judgement(self) -> Mapping[str, Any]:
        """Decision and reason."""
        return {"decision": self.decision, "reason": self.reason}

    @property
    def is_decided(self) -> bool:
        """Whether it is accepted or rejected."""
        return self.decision is not Decision.UNDECIDED

    @property
    def id(self) -> str:
        """The sentence's id."""
        return self.record.id

    @property
    def sentence(self) -> Sentence:
        """The adversarial example with its true tags."""
        text = self.record.final
        return Sentence(f"{self.run}/{self.id}-picked", text.tokens, text.tags)

    def to_json(self) -> dict[str, Any]:
        """Return the pick as a JSON object."""
        return {
            "run": self.run,
            "decision": self.decision.value,
            "note": self.note,
            "reason": self.reason,
            "reviewer": self.reviewer,
            "version": self.version,
            "record": self.record.to_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Pick:
        """Return the pick that `to_json` wrote."""
        return cls(
            run=str(value["run"]),
            decision=Decision(value["decision"]),
            note=str(value["note"]),
            version=int(value["version"]),
            record=AttackRecord.from_json(value["record"]),
            reason=str(value.get("reason", "")),
            reviewer=str(value.get("reviewer", "")),
        )


@dataclass(frozen=True, slots=True)
class Picks:
    """All decisions about a results folder.

    Args:
        revision: How often the file has changed.
        picks: By run, sentence id and reviewer, in the order in which they were first decided.
    """

    revision: int
    picks: Mapping[tuple[str, str, str], Pick]

    def of(self, run: str, reviewer: str = "") -> dict[str, Pick]:
        """Return a reviewer's picks of a run by sentence id."""
        return {
            pick.id: pick
            for pick in self.picks.values()
            if pick.run == run and pick.reviewer == reviewer
        }

    @property
    def decided(self) -> list[Pick]:
        """The picks that somebody accepted or rejected."""
        return [pick for pick in self.picks.values() if pick.is_decided]

    @property
    def reviewers(self) -> list[str]:
        """Who decided something, in alphabetical order."""
        return sorted({pick.reviewer for pick in self.decided})

    @property
    def accepted(self) -> list[Pick]:
        """One pick of each example that somebody accepted and nobody rejected, first ones first."""
        rejected = {(p.run, p.id) for p in self.decided if p.decision is Decision.REJECTED}
        found: dict[tuple[str, str], Pick] = {}
        for pick in self.decided:
            if (pick.run, pick.id) not in rejected:
                found.setdefault((pick.run, pick.id), pick)
        return list(found.values())

    @property
    def rejected(self) -> list[Pick]:
        """The rejected picks, in the order in which they were first decided."""
        return [pick for pick in self.decided if pick.decision is Decision.REJECTED]


def read_picks(path: str | Path) -> Picks:
    """Read a file of picks; one that is not there has none.

    Raises:
        PickError: The file is not what the web application writes.
    """
    try:
        value = read_json(path)
        picks = [Pick.from_json(each) for each in value["picks"]]
        return Picks(int(value["revision"]), {pick.key: pick for pick in picks})
    except FileNotFoundError:
        return Picks(0, {})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PickError(
            f"{path}: not a file of picks ({error}); move it away and pick again."
        ) from error


def with_records(picks: Picks, records: Sequence[AttackRecord]) -> Picks:
    """Return picks whose accepted ones have other records.

    Args:
        picks: What was picked.
        records: Of the accepted picks, in their order.
    """
    changed = {
        pick.key: replace(pick, record=record)
        for pick, record in zip(picks.accepted, records, strict=True)
    }
    return Picks(picks.revision, {**picks.picks, **changed})


def picked_examples(picks: Picks, held_out: Iterable[Sentence]) -> list[Sentence]:
    """Return the accepted examples, in the order in which they were first decided.

    Args:
        picks: What was picked.
        held_out: Sentences that robust victims are tried on; no example may be made of one.

    Raises:
        ShortageError: Nothing is accepted.
        PickError: An example is made of a held-out sentence.
    """
    accepted = picks.accepted
    if not accepted:
        raise ShortageError("no example is accepted; pick some with `seqattack app`.")
    if seen := made_of(accepted, {sentence.tokens for sentence in held_out}):
        raise PickError(
            f"{len(seen)} of {len(accepted)} accepted examples, such as {seen[0].id} of "
            f"{seen[0].run}, are made of test sentences, which the victims are tried on. Pick from "
            "the attack on the training set (augmentation/ in the results folder), or set "
            "allow_test_sentences: true."
        )
    return [pick.sentence for pick in accepted]


def made_of(picks: Iterable[Pick], sentences: Collection[tuple[str, ...]]) -> list[Pick]:
    """Return the picks whose originals are among some sentences, given by their tokens."""
    return [pick for pick in picks if pick.record.original.tokens in sentences]


class PickStore:
    """A file of picks that several tabs, and several servers, may change at once.

    Every change is on the disk when it returns. It names the version that it was made from, so
    that a change made meanwhile in another tab is never overwritten unseen.

    Args:
        path: The file; it is made with the first pick.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._state: tuple[int, int, int] | None = None
        self._picks = Picks(0, {})

    def read(self) -> Picks:
        """Return the picks as they are on the disk.

        Raises:
            PickError: The file is damaged.
        """
        with self._lock:
            return self._read()

    def change(
        self, run: str, record: AttackRecord, version: int, reviewer: str = "", **values: Any
    ) -> tuple[Pick, bool]:
        """Change one pick.

        Args:
            run: The run's key.
            record: Of a successful attack.
            version: The pick's version that the change was made from; 0 where there was none.
            reviewer: Whose pick it is.
            **values: ``decision``, ``reason`` and ``note``, or some of them.

        Returns:
            The pick, and whether it was changed: not where its version is another one by now.

        Raises:
            PickError: There is no adversarial example, the note is too long, or the reason unknown.
        """
        _check(record, values)
        with self._lock, self._file_lock():
            now = self._read()
            new = Pick(run, Decision.UNDECIDED, "", 0, record, reviewer=reviewer)
            pick = now.picks.get(new.key, new)
            if pick.version != version:
                return pick, False
            revision = now.revision + 1
            pick = replace(pick, **values, version=revision, record=record)
            self._write(Picks(revision, {**now.picks, pick.key: pick}))
            return pick, True

    def decide(
        self, run: str, records: Sequence[AttackRecord], decision: Decision, reviewer: str = ""
    ) -> list[Pick]:
        """Decide about all examples of a run that are undecided so far, in one step.

        Args:
            run: The run's key.
            records: Of successful attacks.
            decision: The decision.
            reviewer: Whose picks they are.

        Returns:
            The picks that were changed.
        """
        for record in records:
            _check(record, {})
        with self._lock, self._file_lock():
            now = self._read()
            revision = now.revision + 1
            new = (Pick(run, decision, "", revision, each, reviewer=reviewer) for each in records)
            old = {pick.key: now.picks.get(pick.key, pick) for pick in new}
            changed = [
                replace(pick, decision=decision, version=revision)
                for key, pick in old.items()
                if key not in now.picks or not pick.is_decided
            ]
            if changed:
                self._write(Picks(revision, {**now.picks, **{p.key: p for p in changed}}))
            return changed

    def restore(self, seen: Sequence[Pick], values: Sequence[Mapping[str, Any]]) -> list[Pick]:
        """Change several picks in one step, all of them or none.

        Args:
            seen: The picks, with the decisions and reasons that they must still have.
            values: Decision and reason of each from now on.

        Returns:
            The picks as they are now.

        Raises:
            PickError: Another decision was made meanwhile.
        """
        with self._lock, self._file_lock():
            now = self._read()
            revision = now.revision + 1
            changed = []
            for pick, value in zip(seen, values, strict=True):
                current = now.picks.get(pick.key)
                if current is None or current.judgement != pick.judgement:
                    raise PickError(f"{pick.id} was decided anew meanwhile; nothing was changed.")
                changed.append(replace(current, **value, version=revision))
            self._write(Picks(revision, {**now.picks, **{p.key: p for p in changed}}))
            return changed

    def _read(self) -> Picks:
        state = _state(self.path)
        if state != self._state or state is None:
            self._picks = read_picks(self.path)
            self._state = state
        return self._picks

    def _write(self, picks: Picks) -> None:
        values = [pick.to_json() for pick in picks.picks.values()]
        write_json(self.path, {"revision": picks.revision, "picks": values})
        self._picks, self._state = picks, _state(self.path)

    @contextmanager
    def _file_lock(self) -> Iterator[None]:
        """Keep other processes from writing."""
        name = self.path.with_name(f".{self.path.name}.lock")
        lock = FileLock(name)
        try:
            lock.acquire()
        except OSError as error:
            raise PickError(f"{name}: cannot be written ({error.strerror}).") from error
        try:
            yield
        finally:
            lock.release()


def _check(record: AttackRecord, values: Mapping[str, Any]) -> None:
    if record.adversarial is None:
        raise PickError(f"{record.id}: the attack found no example that could be picked.")
    if len(values.get("note", "")) > LONGEST_NOTE:
        raise PickError(f"a note may have at most {LONGEST_NOTE} characters; shorten it.")
    if values.get("reason", "") not in ("", *REASONS):
        raise PickError(f"reason: write one of {', '.join(REASONS)}, or none.")


def _state(path: Path) -> tuple[int, int, int] | None:
    """Return what changes whenever the file is replaced; None where there is none."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
