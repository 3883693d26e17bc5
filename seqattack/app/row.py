"""What is kept in memory of an example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from seqattack.metrics.alignment import aligned_tokens
from seqattack.metrics.entity_outcomes import each_outcome
from seqattack.metrics.metric import METRICS, Metric
from seqattack.metrics.scores import ScoredExample, score_record
from seqattack.records import AttackRecord
from seqattack.tags import OUTSIDE, tag_class

NEWLY_BROKEN = "newly-broken"
ALREADY_WRONG = "already-wrong"
KINDS = ("type", "boundary", "missed", "spurious", NEWLY_BROKEN, ALREADY_WRONG)
"""Kinds of error that an example may show, the most telling ones first."""

EXAMPLE_FIGURES: Mapping[str, Metric] = {
    metric.key: metric for metric in METRICS if hasattr(ScoredExample, metric.key)
}
"""Every metric that one example can have."""


@dataclass(frozen=True, slots=True)
class Row:
    """What filters, sorting and comparisons need of an example.

    Args:
        scores: The example's scores; similarity and grammar only if the pipeline measured them.
        original: The original text.
        texts: Original and adversarial text, a line each.
        search: The same in lower case.
        classes: Classes of the entities, true or predicted.
        errors: Errors of the final text: kind and class.
        changes: True and predicted tag of each token of the final text where they differ.
        confused: The same of their classes.
        gold: Classes of the original's true entities.
        edits: What the attack replaced by what; empty is nothing.
        file: Number of the run's file.
        offset: Where the record begins in the file, in bytes; in an imported file, its position.
        length: Length of the record in bytes.
    """

    scores: ScoredExample
    original: str
    texts: str
    search: str
    classes: frozenset[str]
    errors: frozenset[tuple[str, str]]
    changes: frozenset[tuple[str, str]]
    confused: frozenset[tuple[str, str]]
    gold: frozenset[str]
    edits: tuple[tuple[str, str], ...]
    file: int
    offset: int
    length: int

    @property
    def id(self) -> str:
        """The sentence's id."""
        return self.scores.id


def make_row(
    record: AttackRecord, scores: ScoredExample | None, file: int, offset: int, length: int
) -> Row:
    """Return the row of a record.

    Args:
        record: The record.
        scores: Its scores; None computes those that need no backend.
        file: Number of the run's file.
        offset: Where the record begins in the file.
        length: Its length in bytes.
    """
    final = record.final
    original = " ".join(record.original.tokens)
    texts = original if final is record.original else f"{original}\n{' '.join(final.tokens)}"
    tags = {*record.original.tags, *record.original.predicted, *final.tags, *final.predicted}
    pairs = zip(final.tags, final.predicted, strict=True)
    changes = frozenset((gold, found) for gold, found in pairs if gold != found)
    return Row(
        scores=scores or score_record(record),
        original=original,
        texts=texts,
        search=texts.casefold(),
        classes=frozenset(map(tag_class, tags - {OUTSIDE})),
        errors=frozenset(_errors(record)),
        changes=changes,
        confused=frozenset((tag_class(gold), tag_class(found)) for gold, found in changes),
        gold=frozenset(map(tag_class, {*record.original.tags} - {OUTSIDE})),
        edits=tuple(_edits(record)),
        file=file,
        offset=offset,
        length=length,
    )


def _edits(record: AttackRecord) -> Iterator[tuple[str, str]]:
    """Yield what the attack replaced by what, token by token."""
    old, new = record.original.tokens, record.final.tokens
    if record.adversarial is None:
        return
    for edit, a, b in aligned_tokens(old, new):
        if edit != "equal":
            yield "" if a is None else old[a], "" if b is None else new[b]


def _errors(record: AttackRecord) -> Iterator[tuple[str, str]]:
    """Yield the kind and the class of every error of the final text."""
    final = record.final
    for kind, classes in each_outcome(final.tags, final.predicted):
        if kind != "found":
            yield from ((kind, name) for name in classes)
    yield from _wrong(NEWLY_BROKEN, record.newly_broken, final.tags)
    yield from _wrong(ALREADY_WRONG, record.already_wrong, record.original.tags)


def _wrong(kind: str, indices: Sequence[int], tags: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from ((kind, tag_class(tags[index])) for index in indices)
