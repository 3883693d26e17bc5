"""The runs and their examples in memory; the records are read when they are shown."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path

from seqattack.app.card import Card, make_card
from seqattack.app.row import EXAMPLE_FIGURES, Row, make_row
from seqattack.app.runs import Run, described, find_runs
from seqattack.app.seqattack_json import read_seqattack
from seqattack.app.tally import Tally, tally
from seqattack.corpus import read_jsonl
from seqattack.errors import RecordError, SeqAttackError
from seqattack.io import json_value
from seqattack.metrics.metric import Metric
from seqattack.metrics.scores import ScoredExample, read_scored
from seqattack.pipeline.layout import AttackFolder, run_layouts
from seqattack.pipeline.picks import Picks
from seqattack.records import AttackRecord, read_placed_records


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
        self.left_out = 0
        self._imported: list[AttackRecord] = []
        self.facts: Mapping[str, str] = {}
        if run.is_imported:
            imported = read_seqattack(run.files[0])
            self._imported, self.left_out = imported.records, imported.left_out
            self.facts = imported.facts
            self.run = described(run, imported.facts)
        scored = _read_scores(AttackFolder(run.folder).scored) if not run.is_imported else {}
        goals: dict[str, None] = {}
        for record, place in self._read():
            goals[record.goal] = None
            self.rows.append(make_row(record, scored.get(record.id), *place))
        self.goal = ", ".join(goals)  # an imported file may have examples of several
        self._by_id = {row.id: row for row in self.rows}

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """All classes of the run in alphabetical order."""
        return tuple(sorted({name for row in self.rows for name in row.classes}))

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        """The metrics that at least one example has, by key."""
        return {
            key: metric
            for key, metric in EXAMPLE_FIGURES.items()
            if any(row.scores.value(metric) is not None for row in self.rows)
        }

    @cached_property
    def tally(self) -> Tally:
        """The counts of all examples."""
        return tally(self.rows)

    @cached_property
    def changes(self) -> Mapping[tuple[str, str], int]:
        """How many examples have a token of one true and another predicted tag, most first."""
        return dict(Counter(pair for row in self.rows for pair in row.changes).most_common())

    @cached_property
    def card(self) -> Card:
        """The run's metrics."""
        folder = self.run.folder if not self.run.is_imported else self.run.files[0]
        return make_card(folder, [row.scores for row in self.rows])

    def prepare(self) -> None:
        """Count the run's examples now, so that its first page need not wait."""
        self.card, self.tally, self.metrics  # noqa: B018

    def decisions(self, picks: Picks, reviewer: str) -> dict[str, str]:
        """Return a reviewer's decisions about the run's examples by sentence id."""
        return {key: pick.decision.value for key, pick in picks.of(self.run.key, reviewer).items()}

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
        self._tests: tuple[dict[Path, int], frozenset[tuple[str, ...]]] = ({}, frozenset())
        self._lock = threading.Lock()

    def refresh(self) -> dict[str, Run]:
        """Look for runs again and return them."""
        self.runs = find_runs(self.results)
        return self.runs

    def index(self, key: str) -> RunIndex | None:
        """Return a run's index; None where there is no such run.

        Raises:
            RecordError: A file of the run does not hold records or scores, or is gone.
        """
        try:
            return self._index(key)
        except OSError as error:  # it changed while it was read
            raise RecordError(f"{key} could not be read ({error.strerror}).") from error

    def _index(self, key: str) -> RunIndex | None:
        run = self.runs.get(key)
        if run is None or not all(file.is_file() for file in run.files):
            run = self.refresh().get(key)
        if run is None:
            return None
        with self._lock:
            index = self._indices.get(key)
            if index is None or index.state != run.state or index.run.files != run.files:
                index = self._indices[key] = RunIndex(run)
            if key in self.runs:  # as other threads go through them
                self.runs[key] = index.run
            return index

    def read_all(self) -> tuple[list[RunIndex], dict[str, str]]:
        """Look for runs again and read those that are new or have changed.

        Returns:
            The indices of the runs, and why others cannot be read, by their keys.
        """
        indices, broken = [], {}
        for key in self.refresh():
            try:
                index = self.index(key)
                if index is not None:
                    index.card  # noqa: B018
                    indices.append(index)
            except SeqAttackError as error:
                broken[key] = str(error)
        return indices, broken

    def described(self) -> dict[str, Run]:
        """Look for runs again; return those that can be read, as their files describe them."""
        return {index.run.key: index.run for index in self.read_all()[0]}

    def test_sentences(self) -> frozenset[tuple[str, ...]]:
        """Return the tokens of the sentences that victims are tested on; none without a corpus."""
        paths = [layout.corpus("test") for layout in run_layouts(self.results).values()]
        state = {path: path.stat().st_mtime_ns for path in paths if path.is_file()}
        if state != self._tests[0]:
            sentences = chain.from_iterable(map(read_jsonl, state))
            self._tests = state, frozenset(sentence.tokens for sentence in sentences)
        return self._tests[1]

    def is_test(self, index: RunIndex) -> bool:
        """Whether a run attacks sentences that victims are tested on."""
        texts = {" ".join(tokens) for tokens in self.test_sentences()}
        return any(row.original in texts for row in index.rows)

    def classes(self) -> tuple[str, ...]:
        """Return the classes of all indexed runs in alphabetical order, so colours are shared."""
        found = {name for index in list(self._indices.values()) for name in index.classes}
        return tuple(sorted(found))
