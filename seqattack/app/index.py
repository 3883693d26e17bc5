"""What is kept of a run's examples in memory; the records are read when they are shown."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from seqattack.app.card import Card, make_card
from seqattack.app.runs import Run, find_runs
from seqattack.app.seqattack_json import read_seqattack
from seqattack.errors import RecordError
from seqattack.io import json_value
from seqattack.metrics.entity_outcomes import compare_entities
from seqattack.metrics.scores import ScoredExample, read_scored, score_record
from seqattack.pipeline.layout import AttackFolder
from seqattack.records import AttackRecord, read_placed_records
from seqattack.tags import OUTSIDE, tag_class

NEWLY_BROKEN = "newly-broken"
ALREADY_WRONG = "already-wrong"
KINDS = ("type", "boundary", "missed", "spurious", NEWLY_BROKEN, ALREADY_WRONG)
"""Kinds of error that an example may show, the most telling ones first."""


@dataclass(frozen=True, slots=True)
class Row:
    """What filters, sorting and comparisons need of an example.

    Args:
        scores: The example's scores; similarity and grammar only if the pipeline measured them.
        original: The original text.
        search: Original and adversarial text in lower case.
        classes: Classes of the entities, true or predicted.
        kinds: Kinds of error of the final text.
        file: Number of the run's file.
        offset: Where the record begins in the file, in bytes; in an imported file, its position.
        length: Length of the record in bytes.
    """

    scores: ScoredExample
    original: str
    search: str
    classes: frozenset[str]
    kinds: frozenset[str]
    file: int
    offset: int
    length: int

    @property
    def id(self) -> str:
        """The sentence's id."""
        return self.scores.id


class RunIndex:
    """The examples of one run.

    Args:
        run: The run.

    Raises:
        RecordError: A file does not hold records or scores.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.state = run.state
        self.rows: list[Row] = []
        self.goal = ""
        self.left_out = 0
        self._imported: list[AttackRecord] = []
        if run.is_imported:
            imported = read_seqattack(run.files[0])
            self._imported, self.left_out = imported.records, imported.left_out
        scored = _read_scores(AttackFolder(run.folder).scored) if not run.is_imported else {}
        for record, place in self._read():
            self.goal = record.goal
            self.rows.append(_row(record, scored.get(record.id), *place))
        self._by_id = {row.id: row for row in self.rows}

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """All classes of the run in alphabetical order."""
        return tuple(sorted({name for row in self.rows for name in row.classes}))

    @cached_property
    def card(self) -> Card:
        """The run's metrics."""
        folder = self.run.folder if not self.run.is_imported else self.run.files[0]
        return make_card(folder, [row.scores for row in self.rows])

    def row(self, sentence_id: str) -> Row | None:
        """Return the example of a sentence; None without one."""
        return self._by_id.get(sentence_id)

    def record(self, row: Row) -> AttackRecord:
        """Read an example's record.

        Raises:
            RecordError: The file has changed since it was indexed.
        """
        if self._imported:
            return self._imported[row.offset]
        path = self.run.files[row.file]
        try:
            with path.open("rb") as handle:
                handle.seek(row.offset)
                record = AttackRecord.from_json(json_value(handle.read(row.length)))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _changed(path) from error
        if record.id != row.id:
            raise _changed(path)
        return record

    def _read(self) -> Iterator[tuple[AttackRecord, tuple[int, int, int]]]:
        """Yield every record with its file, offset and length."""
        for position, record in enumerate(self._imported):
            yield record, (0, position, 0)
        if self._imported:
            return
        for number, path in enumerate(self.run.files):
            if path.suffix == ".jsonl":
                for record, offset, length in read_placed_records(path):
                    yield record, (number, offset, length)


def _changed(path: Path) -> RecordError:
    return RecordError(f"{path} has changed on the disk; load the page again.")


def _read_scores(path: Path) -> Mapping[str, ScoredExample]:
    if not path.is_file():
        return {}
    try:
        return {example.id: example for example in read_scored(path)}
    except (ValueError, TypeError) as error:
        raise RecordError(f"{path}: not the scores of an attack ({error}).") from error


def _row(
    record: AttackRecord, scores: ScoredExample | None, file: int, offset: int, length: int
) -> Row:
    final = record.final
    original = " ".join(record.original.tokens)
    texts = original if final is record.original else f"{original}\n{' '.join(final.tokens)}"
    tags = {*record.original.tags, *record.original.predicted, *final.tags, *final.predicted}
    kinds = {kind for kind in compare_entities(final.tags, final.predicted) if kind != "found"}
    if record.newly_broken:
        kinds.add(NEWLY_BROKEN)
    if record.already_wrong:
        kinds.add(ALREADY_WRONG)
    return Row(
        scores=scores or score_record(record),
        original=original,
        search=texts.casefold(),
        classes=frozenset(map(tag_class, tags - {OUTSIDE})),
        kinds=frozenset(kinds),
        file=file,
        offset=offset,
        length=length,
    )


class Library:
    """All runs below a results folder, indexed once, and again when their files change.

    Args:
        results: The folder.

    Raises:
        SeqAttackError: The folder does not exist.
    """

    def __init__(self, results: Path) -> None:
        self.results = results.resolve()
        self.runs = find_runs(results)
        self._indices: dict[str, RunIndex] = {}
        self._lock = threading.Lock()

    def refresh(self) -> dict[str, Run]:
        """Look for runs again and return them."""
        self.runs = find_runs(self.results)
        return self.runs

    def index(self, key: str) -> RunIndex | None:
        """Return a run's index; None where there is no such run.

        Raises:
            RecordError: A file of the run does not hold records or scores.
        """
        run = self.runs.get(key)
        if run is None or not all(file.is_file() for file in run.files):
            run = self.refresh().get(key)
        if run is None:
            return None
        with self._lock:
            index = self._indices.get(key)
            if index is None or index.state != run.state or index.run.files != run.files:
                index = self._indices[key] = RunIndex(run)
            return index

    def classes(self) -> tuple[str, ...]:
        """Return the classes of all indexed runs in alphabetical order, so colours are shared."""
        found = {name for index in list(self._indices.values()) for name in index.classes}
        return tuple(sorted(found))
