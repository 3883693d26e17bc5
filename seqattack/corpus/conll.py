"""CoNLL column files: 2 to 4 columns, IOB1, IOB2 or BIOES in, IOB2 out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqattack.errors import CorpusError
from seqattack.io import atomic_open
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE, from_bioes, repair_iob2, tag_class

_TAG = re.compile(r"O|[BIESLU]-\S+")
_COLUMNS = range(2, 5)

STRAYS = 0.01
"""Share of entities in an IOB1 file that may begin as in IOB2, and the other way round."""


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    token: str
    tag: str


def read_conll(path: str | Path, split: str) -> list[Sentence]:
    """Read a CoNLL column file.

    The token is in the first column and the tag in the last. Columns are separated by spaces or
    tabs, sentences by empty lines. ``-DOCSTART-`` lines, a byte-order mark and CRLF line ends are
    left out.

    Args:
        path: The file.
        split: Begins the ids of the sentences: ``test-1``, ``test-2`` ...

    Raises:
        CorpusError: The file is missing, empty or not UTF-8, a line has too few or too many
            columns or an unknown tag, or the file mixes schemes; the message names the line.
    """
    blocks = list(_blocks(path))
    if not blocks:
        raise CorpusError(
            f"{path}: no sentence in it; give a CoNLL file with a token and a tag on each line and "
            "an empty line between sentences."
        )
    converted = _converted(path, blocks)
    return [
        Sentence(f"{split}-{number}", tuple(row.token for row in rows), tuple(tags))
        for number, (rows, tags) in enumerate(zip(blocks, converted, strict=True), 1)
    ]


def write_conll(path: str | Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences as a file of two columns, token and IOB2 tag, atomically."""
    with atomic_open(path) as out:
        out.writelines(map(conll_block, sentences))


def conll_block(sentence: Sentence) -> str:
    r"""Return a sentence as lines of token and IOB2 tag, followed by an empty line.

    >>> conll_block(Sentence("s", ("EU", "rejects"), ("B-ORG", "O")))
    'EU B-ORG\nrejects O\n\n'
    """
    lines = (f"{token} {tag}\n" for token, tag in zip(sentence.tokens, sentence.tags, strict=True))
    return "".join(lines) + "\n"


def to_iob2(path: str | Path, tags: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return tag sequences as IOB2; their scheme is found out.

    Args:
        path: Where they come from, for messages.
        tags: IOB1, IOB2 or BIOES, all in one scheme. Messages name the number of the sequence as
            the line.
    """
    rows = [
        [_Row(number, f"token {position}", tag) for position, tag in enumerate(sequence, 1)]
        for number, sequence in enumerate(tags, 1)
    ]
    for sequence in rows:
        for row in sequence:
            _check_tag(path, row)
    return _converted(path, rows)


def _blocks(path: str | Path) -> Iterator[list[_Row]]:
    rows: list[_Row] = []
    width: int | None = None
    for number, line in enumerate(_lines(path), 1):
        fields = line.split()
        if not fields or fields[0] == "-DOCSTART-":
            if rows:
                yield rows
            rows = []
            continue
        width = width or len(fields)
        if len(fields) not in _COLUMNS or len(fields) != width:
            needed = width if width in _COLUMNS else "2 to 4"
            raise CorpusError(
                f"{path}:{number}: {len(fields)} column(s), but {needed} are needed: the token "
                "first, the tag last, separated by spaces or tabs."
            )
        row = _Row(number, fields[0], fields[-1])
        _check_tag(path, row)
        rows.append(row)
    if rows:
        yield rows


def _lines(path: str | Path) -> list[str]:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise CorpusError(
            f"{path}: cannot be read ({error.strerror}); check the path in the config's `corpus`."
        ) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CorpusError(f"{path}:{line}: not UTF-8; convert the file to UTF-8.") from error
    return re.split("\r\n|\n|\r", text)


def _check_tag(path: str | Path, row: _Row) -> None:
    if not _TAG.fullmatch(row.tag):
        raise CorpusError(
            f"{path}:{row.line}: unknown tag {row.tag!r}; write O, or B- or I- "
            "(E- and S- in BIOES) and a class, such as B-PER."
        )


def _converted(path: str | Path, blocks: Sequence[Sequence[_Row]]) -> list[list[str]]:
    """Return the tags of every block as IOB2, after finding out the file's scheme."""
    last = next((r for rows in blocks for r in rows if r.tag[:2] in ("E-", "S-", "L-", "U-")), None)
    if last is not None:
        for rows in blocks:
            _check_bioes(path, rows, last)
        return [from_bioes([row.tag for row in rows]) for rows in blocks]
    _check_iob(path, blocks)
    return [repair_iob2([row.tag for row in rows]) for rows in blocks]


def _check_bioes(path: str | Path, rows: Sequence[_Row], example: _Row) -> None:
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        continues = (
            following is not None
            and following.tag[:2] in ("I-", "E-", "L-")
            and tag_class(following.tag) == tag_class(row.tag)
        )
        if row.tag[:2] in ("B-", "I-") and not continues:
            raise CorpusError(
                f"{path}:{row.line}: {row.tag} ends an entity, but line {example.line} has "
                f"{example.tag}, so the file is BIOES, where entities end with E- or S-; "
                "write the whole file in one scheme."
            )


def _check_iob(path: str | Path, blocks: Sequence[Sequence[_Row]]) -> None:
    """Refuse a file in which many entities can only be IOB1 and many others only IOB2.

    A few do no harm, as both are read in the same way: in CoNLL-2003 itself, which is IOB1, two of
    23,499 entities begin as in IOB2.
    """
    iob1: list[_Row] = []
    iob2: list[_Row] = []
    for rows in blocks:
        previous = OUTSIDE
        for row in rows:
            if row.tag != OUTSIDE and tag_class(previous) != tag_class(row.tag):
                (iob1 if row.tag.startswith("I-") else iob2).append(row)
            previous = row.tag
    if min(len(iob1), len(iob2)) > STRAYS * (len(iob1) + len(iob2)):
        raise CorpusError(
            f"{path}: mixed schemes: {len(iob1)} entities begin as in IOB1 (line {iob1[0].line}: "
            f"{iob1[0].tag}) and {len(iob2)} as in IOB2 (line {iob2[0].line}: {iob2[0].tag}); "
            "write the whole file in one of them."
        )
