"""Which columns of a column file hold the token and the tag.

A column that counts (CoNLL-U, GermEval, WikiNEuRal) is not the token, nor is one of other numbers
or one that is the same in every line. The tags are in the last column that looks like tags; where
an earlier one has the same classes, the last holds nested entities, and the outer ones are read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from seqattack.corpus.blocks import Notes, Origin
from seqattack.corpus.options import ReadOptions
from seqattack.corpus.schemes import is_tag_of_any_scheme
from seqattack.errors import CorpusError
from seqattack.tags import tag_class

TOKEN_NAMES = frozenset({"token", "tokens", "word", "words", "form", "text"})
TAG_NAMES = frozenset({"tag", "tags", "ner", "ner_tag", "ner_tags", "label", "labels", "iob"})
"""Lower-case names of columns in a header line."""

CHUNKS = frozenset(["NP", "VP", "PP", "ADVP", "ADJP", "SBAR", "PRT", "INTJ", "CONJP", "LST", "UCP"])
"""The classes of syntactic chunks, whose column comes before that of the entities."""

COUNTED = 0.9
"""Share of steps by one from which on a column counts."""

FEW = 3
"""Lines from which on a column that is the same in each is not the token."""

_PREFIX = re.compile(r"([a-z]{2,3}(?:-[a-z]+)*):")
_MULTI_WORD = re.compile(r"\d+[-.]\d+")
_CURE = "say which: --token-column N --tag-column N (config: columns: {token: N, tag: N})."


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column file: its number and its columns."""

    number: int
    fields: tuple[str, ...]


Lines = Sequence[Sequence[Line]]
"""The lines of a file by sentence."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where tokens and tags are.

    Args:
        token: The token's column, from 0.
        tag: The tag's column, from 0.
        counts: Whether the first column counts, so that lines such as ``3-4`` are no tokens.
        prefix: What every token begins with, such as ``en:``.
        key: Where the tag column is CoNLL-U's MISC, the key of the tag in it.
    """

    token: int
    tag: int
    counts: bool = False
    prefix: str = ""
    key: str = ""


def find_layout(origin: Origin, lines: Lines, options: ReadOptions, notes: Notes) -> Layout:
    """Return where the tokens and tags of a file are.

    Args:
        origin: The file.
        lines: Its lines by sentence, all with the same number of columns.
        options: The columns, where they are known.
        notes: What is guessed is said here.

    Raises:
        CorpusError: It can't be guessed; the message says what to write.
    """
    first = lines[0][0]
    if len(first.fields) < 2:
        raise CorpusError(
            f"{origin.at(first.number)}: 1 column(s), but 2 are needed: the token first, the tag "
            "last, separated by spaces or tabs."
        )
    counts = _first_counts(origin, lines, options)
    rows = [
        line.fields
        for block in lines
        for line in block
        if not (counts and _MULTI_WORD.fullmatch(line.fields[0]))
    ]
    token = _number(options.token_column)
    if token is None:
        token = _token_column(origin, lines, rows, counts)
    token %= len(rows[0])
    tag, nested = _number(options.tag_column), None
    key = ""
    if tag is None:
        tag, nested = _tag_column(origin, rows, token, options)
        key = _misc_key(rows) if tag == -1 else ""
    tag = tag % len(rows[0])
    if tag == token and options.tag_column is None:
        tag -= 1  # the token is in the last column, so the tag is in the one before
    prefix = "" if options.token_column is not None else _prefix([row[token] for row in rows])
    layout = Layout(token, tag, counts, prefix, key)
    is_usual = layout.token == 0 and layout.tag == len(rows[0]) - 1
    is_given = options.token_column is not None and options.tag_column is not None
    _tell(layout, notes, nested, is_usual or is_given)
    return layout


def header_layout(line: Line) -> ReadOptions | None:
    """Return the columns that a header line names; None where the line is no header.

    >>> header_layout(Line(1, ("Token", "POS", "Tag"))).tag_column
    3
    """
    names = [name.lower() for name in line.fields]
    tokens = [i for i, name in enumerate(names, 1) if name in TOKEN_NAMES]
    tags = [i for i, name in enumerate(names, 1) if name in TAG_NAMES]
    if not tokens or not tags:
        return None
    return ReadOptions(token_column=tokens[0], tag_column=tags[-1])


def is_multi_word(line: Line) -> bool:
    """Whether a line of CoNLL-U is a range of words (``3-4``) or an empty node (``8.1``)."""
    return _MULTI_WORD.fullmatch(line.fields[0]) is not None


def _number(column: Any) -> int | None:
    """Return a column's number from 0; None where it is not said or is the key of a JSON object."""
    if not isinstance(column, int):
        return None
    return column - 1 if column > 0 else column


def _first_counts(origin: Origin, lines: Lines, options: ReadOptions) -> bool:
    """Whether the first column counts 0, 1, 2 ... or 1, 2, 3 ... in each sentence."""
    steps, total = _steps(lines, 0)
    width = len(lines[0][0].fields)
    counts = total > 1 and steps >= COUNTED * total
    if counts and width > 2:
        return True
    ones = {block[0].fields[0] for block in lines} <= {"0", "1"}
    doubtful = counts or (width > 2 and (steps > total / 2 if total else ones))
    if doubtful and options.token_column is None:
        raise CorpusError(
            f"{origin.at(lines[0][0].number)}: the first column seems to count, so it is unclear "
            f"which column is the token; {_CURE}"
        )
    return False


def _steps(lines: Lines, column: int) -> tuple[int, int]:
    """Return how often a value is the one before it plus one, and out of how often."""
    steps = total = 0
    for block in lines:
        values = [line.fields[column] for line in block if not is_multi_word(line)]
        for before, after in pairwise(values):
            total += 1
            steps += _is_number(before) and _is_number(after) and int(after) == int(before) + 1
    return steps, total


def _is_number(value: str) -> bool:
    return value.isdecimal() and len(value) < 10


def _token_column(origin: Origin, lines: Lines, rows: Sequence[Sequence[str]], counts: bool) -> int:
    """Return the first column that is the token: no numbers, no tags, and not always the same."""
    width = len(rows[0])
    is_last_tags = _are_tags(rows, width - 1)
    for column in range(int(counts), width):
        if column == width - 1 if is_last_tags else _are_tags(rows, column):
            continue
        is_name = _is_constant(rows, column) or _is_constant_in_sentences(lines, column)
        if not is_name and not _are_numbers(rows, column):
            return column
    if width == 2 and len(rows) < FEW * FEW:
        return 0
    raise CorpusError(
        f"{origin.path}: no column but the last has different values, so it is unclear which is "
        f"the token; {_CURE}"
    )


def _are_numbers(rows: Sequence[Sequence[str]], column: int) -> bool:
    return len(rows) >= FEW and all(row[column].isdecimal() for row in rows)


def _is_constant(rows: Sequence[Sequence[str]], column: int) -> bool:
    return len(rows) >= FEW and len({row[column] for row in rows}) == 1


def _is_constant_in_sentences(lines: Lines, column: int) -> bool:
    """Whether a column only names the sentence: it is the same in all lines of each."""
    longer = [block for block in lines if len(block) > 1]
    is_long = sum(map(len, longer)) >= FEW
    return is_long and all(len({line.fields[column] for line in block}) == 1 for block in longer)


def _tag_column(
    origin: Origin, rows: Sequence[Sequence[str]], token: int, options: ReadOptions
) -> tuple[int, int | None]:
    """Return the column of the tags, -1 where none looks like tags, and that of nested ones."""
    if options.scheme == "io" or options.tag_names:
        return len(rows[0]) - 1, None
    found = {
        column: _classes(rows, column)
        for column in range(len(rows[0]))
        if column != token and _are_tags(rows, column)
    }
    found = {column: found[column] for column in found if not _are_chunks(found[column])}
    if not found:
        return -1, None
    outer, *others = [column for column in found if found[column]] or list(found)[:1]
    if not others:
        return outer, None
    if not found[outer] & found[others[-1]]:
        raise CorpusError(
            f"{origin.path}: columns {outer + 1} and {others[-1] + 1} both hold tags; {_CURE}"
        )
    return outer, others[-1]


def _are_chunks(classes: set[str]) -> bool:
    return bool(classes) and classes <= CHUNKS


def _are_tags(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether most values of a column are tags; the wrong ones are found when they are read."""
    counts = Counter(row[column] for row in rows)
    return sum(n for value, n in counts.items() if is_tag_of_any_scheme(value)) > len(rows) / 2


def _classes(rows: Sequence[Sequence[str]], column: int) -> set[str]:
    values = filter(is_tag_of_any_scheme, {row[column] for row in rows})
    return {tag_class(value) or value for value in values} - {"O"}


def _misc_key(rows: Sequence[Sequence[str]]) -> str:
    """Return the key of the entity tags in CoNLL-U's last column, such as ``ner=B-PER``."""
    if len(rows[0]) != 10:
        return ""
    found = (re.search(r"(?:^|\|)(ner|ne|name)=", row[9], re.IGNORECASE) for row in rows)
    return next((match[1] for match in found if match), "")


def _prefix(tokens: Sequence[str]) -> str:
    """Return the language that every token begins with, such as ``en:``; else nothing."""
    match = _PREFIX.match(tokens[0])
    if match is None or len(tokens) < FEW:
        return ""
    return match[0] if all(token.startswith(match[0]) for token in tokens) else ""


def _tell(layout: Layout, notes: Notes, nested: int | None, is_plain: bool) -> None:
    """Say in one line what was guessed, where it is not the usual: first token, last tag."""
    said = ["the first column counts"] if layout.counts else []
    if not is_plain:
        key = f"{layout.key}= in " if layout.key else ""
        said.append(f"the token is in column {layout.token + 1}")
        said.append(f"the tag is in {key}column {layout.tag + 1}")
    if nested is not None:
        said.append(f"column {nested + 1} holds nested entities (--tag-column {nested + 1})")
    if layout.prefix:
        said.append(f"every token begins with {layout.prefix!r}, which is left out")
    if said:
        notes.guess("; ".join(said))
