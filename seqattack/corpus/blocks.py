"""What every reader gives: tokens and tags as they stand in a file, and notes on the reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seqattack.corpus.options import ReadOptions
from seqattack.errors import CorpusError
from seqattack.sentence import Sentence

SPACE = "_"
"""Stands for white space within a token, which a `Sentence` can't have."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from, for messages.

    Args:
        path: The file, or a name of the dataset.
        unit: What is counted: nothing for lines, else a word such as ``item``.
    """

    path: str | Path
    unit: str = ""

    def at(self, line: int) -> str:
        """Return the place of a line or an item.

        >>> Origin("a.txt").at(2), Origin("a.json", "item").at(2)
        ('a.txt:2', 'a.json, item 2')
        """
        return f"{self.path}, {self.unit} {line}" if self.unit else f"{self.path}:{line}"


@dataclass(frozen=True, slots=True)
class Row:
    """A token, its tag in the file's own scheme, and the line or item that it is from."""

    line: int
    token: str
    tag: str


@dataclass(frozen=True, slots=True)
class Block:
    """A sentence as it stands in a file; `id` and `document` are None where it has none."""

    rows: tuple[Row, ...]
    id: str | None = None
    document: str | None = None


@dataclass(slots=True)
class Notes:
    """What a reader guessed, repaired or left out; each is one line for the user.

    Args:
        strict: Refuse what would be counted.
    """

    strict: bool = False
    guesses: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def guess(self, text: str) -> None:
        """Say once what was guessed."""
        if text not in self.guesses:
            self.guesses.append(text)

    def count(self, what: str, place: str) -> None:
        """Count one more of what was repaired or left out.

        Args:
            what: The same words for all of a kind.
            place: Where it was; the first place is told.

        Raises:
            CorpusError: The reading is strict.
        """
        if self.strict:
            raise CorpusError(
                f"{place}: {what}; correct it, or read without --strict (config: strict)."
            )
        self.counts[what] += 1
        self.first.setdefault(what, place)

    def lines(self, name: str | Path) -> list[str]:
        """Return all notes on what is called `name`, one a line."""
        guessed = (f"{name}: {guess}" for guess in self.guesses)
        counted = (
            f"{self.first[what]}: {what} ({count} in all)" for what, count in self.counts.items()
        )
        return [*guessed, *counted]


def assemble(
    origin: Origin,
    blocks: Iterable[tuple[Block, Sequence[str]]],
    split: str,
    options: ReadOptions,
    notes: Notes,
) -> list[Sentence]:
    """Return the sentences of a file.

    Args:
        origin: The file.
        blocks: Its blocks, each with its tags as IOB2.
        split: Begins the ids of sentences that have none: ``test-1``, ``test-2`` ...
        options: Whether ids say the document.
        notes: Tokens that are left out or changed are counted here.

    Raises:
        CorpusError: There is no sentence, an id occurs twice, or a sentence is not valid.
    """
    sentences: dict[str, Sentence] = {}
    for number, (block, tags) in enumerate(blocks, 1):
        rows = _clean(origin, block, tags, notes)
        if not rows:
            continue
        line = block.rows[0].line
        name = block.id if block.id is not None else _made_id(split, block, number, options)
        if name in sentences:
            raise CorpusError(
                f"{origin.at(line)}: the id {name!r} was used before; make ids unique."
            )
        try:
            sentences[name] = Sentence(name, *zip(*rows, strict=True))
        except CorpusError as error:
            raise CorpusError(f"{origin.at(line)}: {error}") from error
    if not sentences:
        raise CorpusError(
            f"{origin.path}: no sentence in it; give a CoNLL file with a token and a tag on each "
            "line and an empty line between sentences, or JSON with tokens and tags."
        )
    return list(sentences.values())


def _made_id(split: str, block: Block, number: int, options: ReadOptions) -> str:
    """Return an id; a document without a name has its number, after a ``#``, as name."""
    document = block.document
    if document is None or (document.startswith("#") and not options.document_ids):
        return f"{split}-{number}"
    return f"{split}-doc{document.lstrip('#')}-{number}"


def _clean(
    origin: Origin, block: Block, tags: Sequence[str], notes: Notes
) -> list[tuple[str, str]]:
    """Return tokens and tags without empty tokens, and without white space in a token.

    An entity whose first token is left out begins at its second.
    """
    kept: list[tuple[str, str]] = []
    begins = ""
    for row, tag in zip(block.rows, tags, strict=True):
        if begins and tag == "I" + begins[1:]:
            tag = begins
        begins = ""
        words = row.token.split()
        if not words:
            notes.count("an empty token was left out", origin.at(row.line))
            begins = tag if tag.startswith("B-") else ""
            continue
        if len(words) > 1 or words[0] != row.token:
            notes.count(f"white space in a token was replaced by {SPACE!r}", origin.at(row.line))
        kept.append((SPACE.join(words), tag))
    return kept
