"""Picked adversarial examples: a file that people's decisions are kept in, and what it gives.

The web application writes it, the pipeline reads it to train a robust victim on the accepted
examples. A pick holds its attack record, so that the file needs nothing beside it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    """

    run: str
    decision: Decision
    note: str
    version: int
    record: AttackRecord

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
        )


@dataclass(frozen=True, slots=True)
class Picks:
    """All decisions about a results folder.

    Args:
        revision: How often the file has changed.
        picks: By run and sentence id, in the order in which they were first decided.
    """

    revision: int
    picks: Mapping[tuple[str, str], Pick]

    def of(self, run: str) -> dict[str, Pick]:
        """Return a run's picks by sentence id."""
        return {pick.id: pick for pick in self.picks.values() if pick.run == run}

    @property
    def accepted(self) -> list[Pick]:
        """The accepted picks, in the order in which they were first decided."""
        return [p for p in self.picks.values() if p.decision is Decision.ACCEPTED]


def read_picks(path: str | Path) -> Picks:
    """Read a file of picks; one that is not there has none.

    Raises:
        PickError: The file is not what the web application writes.
    """
    try:
        value = read_json(path)
        picks = [Pick.from_json(each) for each in value["picks"]]
        return Picks(int(value["revision"]), {(pick.run, pick.id): pick for pick in picks})
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
        (pick.run, pick.id): replace(pick, record=record)
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
    tests = {sentence.tokens for sentence in held_out}
    seen = [pick for pick in accepted if pick.record.original.tokens in tests]
    if seen:
        raise PickError(
            f"{len(seen)} of {len(accepted)} accepted examples, such as {seen[0].id} of "
            f"{seen[0].run}, are made of test sentences, which the victims are tried on. Pick from "
            "the attack on the training set (augmentation/ in the results folder), or set "
            "allow_test_sentences: true."
        )
    return [pick.sentence for pick in accepted]


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
        self, run: str, record: AttackRecord, version: int, **values: Any
    ) -> tuple[Pick, bool]:
        """Change decision or note of one pick.

        Args:
            run: The run's key.
            record: Of a successful attack.
            version: The pick's version that the change was made from; 0 where there was none.
            **values: ``decision``, ``note`` or both.

        Returns:
            The pick, and whether it was changed: not where its version is another one by now.

        Raises:
            PickError: There is no adversarial example, or the note is too long.
        """
        if record.adversarial is None:
            raise PickError(f"{record.id}: the attack found no example that could be picked.")
        if len(values.get("note", "")) > LONGEST_NOTE:
            raise PickError(f"a note may have {LONGEST_NOTE} characters; shorten it.")
        with self._lock, self._file_lock():
            now = self._read()
            new = Pick(run, Decision.UNDECIDED, "", 0, record)
            pick = now.picks.get((run, record.id), new)
            if pick.version != version:
                return pick, False
            revision = now.revision + 1
            pick = replace(pick, **values, version=revision, record=record)
            picks = {**now.picks, (run, record.id): pick}
            self._write(Picks(revision, picks))
            return pick, True

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


def _state(path: Path) -> tuple[int, int, int] | None:
    """Return what changes whenever the file is replaced; None where there is none."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
