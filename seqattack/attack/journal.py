"""The append-only journal of a run: killed at any point, it goes on where it stopped.

Finished sentences are appended to a file beside the output, in the order in which they finish. Its
first line names the run it belongs to. When all sentences are done their lines are written to the
output in corpus order and the journal is removed, so the output has the same bytes however often
the run was killed and however many sentences were in flight.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from seqattack.errors import RecordError, SeqAttackError
from seqattack.files.lock import is_still, is_taken
from seqattack.integrity import JOURNAL
from seqattack.io import atomic_open, beside, dump_line, json_value
from seqattack.records import AttackRecord
from seqattack.text import clipped

logger = logging.getLogger(__name__)


class Journal:
    """The records of one run, kept on disk as they come.

    Args:
        output: Where the finished records go; the journal is ``<output>.partial``.
        run: What the records depend on (recipe, seed, victim, sentences ...), by what it is called.
        overwrite: Whether a journal of another run is discarded; else it is refused.

    Raises:
        RecordError: The journal is of another run.
        SeqAttackError: The journal cannot be written, or another process is writing it.
    """

    def __init__(
        self, output: str | Path, run: Mapping[str, Any], *, overwrite: bool = False
    ) -> None:
        self.output = Path(output)
        self.path = beside(self.output, JOURNAL)
        self._lines: dict[str, tuple[int, int]] = {}
        self._file = self._open(run, overwrite)

    @property
    def finished(self) -> frozenset[str]:
        """Ids of the sentences that need not be attacked again."""
        return frozenset(self._lines)

    def append(self, record: AttackRecord) -> None:
        """Add a record; it is on the disk when this returns."""
        self._append(record.id, dump_line(record.to_json()).encode())

    def finish(self, ids: list[str]) -> None:
        """Write the records of `ids`, in this order, to the output and remove the journal."""
        with atomic_open(self.output) as out, self.path.open("rb") as journal:
            for sentence_id in ids:
                offset, length = self._lines[sentence_id]
                journal.seek(offset)
                out.write(journal.read(length).decode())
        self.path.unlink()  # before the lock is free, so that no other process goes on with it
        self._file.close()

    def close(self) -> None:
        """Close the journal and leave it for the next start."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _locked(self) -> FileIO:
        """Return the journal's file, which no other process writes."""
        while True:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                # Unbuffered, so that a failed write leaves nothing to be written later.
                file = self.path.open("ab", buffering=0)
            except OSError as error:
                raise SeqAttackError(
                    f"{self.path}: cannot be written ({error.strerror}); choose another output, or "
                    "free some space."
                ) from error
            if is_taken(file):
                file.close()
                raise SeqAttackError(
                    f"{self.path}: another process is attacking into this file; wait for it or "
                    "choose another output."
                )
            if is_still(file, self.path):
                return file
            file.close()  # another process has finished and removed it

    def _open(self, run: Mapping[str, Any], overwrite: bool) -> FileIO:
        file = self._locked()
        header = dump_line({"run": run}).encode()
        with self.path.open("rb") as journal:
            first = journal.readline()
            if first == header:
                file.truncate(self._load(journal))
                return file
            has_records = journal.readline().endswith(b"\n")
        if has_records:  # else it stopped before the first
            self._leave(file, first, run, overwrite)
        file.truncate(0)
        self._write(file, header)
        return file

    def _leave(self, file: FileIO, first: bytes, run: Mapping[str, Any], overwrite: bool) -> None:
        """Say in what another run's journal differs; refuse it unless it may be overwritten."""
        differs = f"{self.path} belongs to another run: {_differences(first, run)}"
        if overwrite:
            logger.warning("%s; starting afresh", differs)
            return
        file.close()
        raise RecordError(
            f"{differs}. Give back what was there to go on, or start afresh with --overwrite "
            "(in Python: overwrite=True)."
        )

    def _load(self, journal: IO[bytes]) -> int:
        """Index the whole lines; return where they end, before what a kill or a bad disk left."""
        while True:
            offset = journal.tell()
            line = journal.readline()
            if not line.endswith(b"\n"):
                return offset
            try:
                record = AttackRecord.from_json(json_value(line))
            except (ValueError, KeyError, TypeError) as error:
                logger.warning(
                    "%s is damaged at byte %d (%r); going on from there", self.path, offset, error
                )
                return offset
            self._lines[record.id] = (offset, len(line))

    def _append(self, sentence_id: str, line: bytes) -> None:
        offset = os.fstat(self._file.fileno()).st_size
        self._write(self._file, line)
        self._lines[sentence_id] = (offset, len(line))

    def _write(self, file: FileIO, line: bytes) -> None:
        try:
            while line:
                line = line[file.write(line) :]
            os.fsync(file.fileno())
        except OSError as error:
            raise SeqAttackError(
                f"{self.path}: cannot be written ({error.strerror}). Free some space and run "
                "again: finished sentences are kept."
            ) from error


def _differences(first: bytes, run: Mapping[str, Any]) -> str:
    """Return what differs between a journal's first line and a run, by name.

    >>> _differences(b'{"run": {"torch": "2.12", "seed": 1}}', {"torch": "2.13", "seed": 1})
    'torch was 2.12 and is 2.13'
    """
    try:
        old = dict(json_value(first)["run"])
    except (ValueError, KeyError, TypeError):
        return "its first line is damaged"
    names = [name for name in {**old, **run} if old.get(name) != run.get(name)]
    return ", ".join(
        f"{name} was {_said(old.get(name))} and is {_said(run.get(name))}" for name in names
    )


def _said(value: Any) -> str:
    text = "missing" if value is None else str(value)
    return text[:12] if re.fullmatch("[0-9a-f]{64}", text) else clipped(text, 60)
