"""Tagging schemes: which one a file has, and its tags as IOB2."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from seqattack.corpus.blocks import Block, Notes, Origin, Row
from seqattack.corpus.options import ReadOptions
from seqattack.errors import CorpusError
from seqattack.tags import OUTSIDE, repair_iob2, tag_class

ONE_CLASS = "ENT"
"""The class of tags that name none: a bare ``B`` or ``I``."""

STRAYS = 0.01
"""Share of entities in an IOB1 file that may begin as in IOB2, without a note."""

TAG = re.compile(r"O|[BIESLUMW]-(?!O$)\S+(?: \S+)*|[BIESLUMW]")
"""A tag of any scheme but bare classes."""

_BEGINS = dict.fromkeys("BSUW", "B")
_INSIDE = dict.fromkeys("IMEL", "I")
_PREFIXES = {**_BEGINS, **_INSIDE}
_ENDS = re.compile(r"[ESLUW](-|$)")
_UNFINISHED = re.compile(r"[BIM](-|$)")


def to_iob2(
    origin: Origin, blocks: Sequence[Block], options: ReadOptions, notes: Notes
) -> list[list[str]]:
    """Return the tags of blocks as IOB2.

    An ``I-`` tag that continues no entity begins one. In a file that is not IOB1 it is counted.

    Args:
        origin: Where the blocks come from.
        blocks: All of a file, since the scheme is the file's.
        options: The scheme, where it is known.
        notes: Tags that break the scheme are counted here.

    Raises:
        CorpusError: A tag is unknown, or the reading is strict and a tag breaks the scheme.
    """
    rows = [[_named(origin, row, options, notes) for row in block.rows] for block in blocks]
    if options.scheme == "io":
        return [repair_iob2([row.tag for row in block]) for block in rows]
    last = next((row for block in rows for row in block if _ENDS.match(row.tag)), None)
    if options.scheme == "bioes" or (options.scheme == "auto" and last is not None):
        for block in rows:
            _count_unfinished(origin, block, notes)
    has_others = any(row.tag[0] not in "OBI" for block in rows for row in block)
    plain = [_with_two_prefixes(block) for block in rows] if has_others else rows
    _count_strays(origin, plain, options, last is not None, notes)
    return [repair_iob2([row.tag for row in block]) for block in plain]


@lru_cache(maxsize=1000)
def is_tag_of_any_scheme(tag: str) -> bool:
    """Whether `tag` is ``O`` or has the prefix of a scheme.

    >>> [is_tag_of_any_scheme(tag) for tag in ("O", "M-PER", "B", "PER", "B_PER", "B-")]
    [True, True, True, False, False, False]
    """
    return TAG.fullmatch(tag) is not None


def _named(origin: Origin, row: Row, options: ReadOptions, notes: Notes) -> Row:
    """Return a row whose tag has a prefix and a class, or is ``O``."""
    tag = row.tag
    if options.tag_names and tag.isdecimal() and int(tag) < len(options.tag_names):
        tag = options.tag_names[int(tag)]
    if tag == OUTSIDE:
        return row if row.tag == tag else Row(row.line, row.token, tag)
    if options.scheme == "io":
        return Row(row.line, row.token, _bare_class(origin, row.line, tag))
    if not is_tag_of_any_scheme(tag):
        raise CorpusError(
            f"{origin.at(row.line)}: unknown tag {tag!r}; write O, or B- or I- (E- and S- in "
            "BIOES) and a class, such as B-PER. If the tags are classes without a prefix, say so: "
            "--scheme io (config: scheme: io)."
        )
    if len(tag) == 1:
        notes.guess(f"tags that name no class, such as {tag}, are read as the class {ONE_CLASS}")
        tag = f"{tag}-{ONE_CLASS}"
    return row if row.tag == tag else Row(row.line, row.token, tag)


def _bare_class(origin: Origin, line: int, tag: str) -> str:
    """Return the ``I-`` tag of a bare class."""
    if re.match(r"[BESLUMW]-|[BIESLUMW][_:/.]", tag):
        raise CorpusError(
            f"{origin.at(line)}: {tag!r} has a prefix, so the scheme is not io; leave out the "
            "scheme (--scheme io; config: scheme: io)."
        )
    if not tag or re.search(r"\s", tag):
        raise CorpusError(f"{origin.at(line)}: unknown tag {tag!r}; write O or a class.")
    return tag if re.match(r"I-.", tag) else f"I-{tag}"


def _with_two_prefixes(rows: Sequence[Row]) -> list[Row]:
    """Return rows with B- and I- for the prefixes of every scheme."""
    found = []
    ended = ""
    for row in rows:
        tag = row.tag if row.tag == OUTSIDE else _PREFIXES[row.tag[0]] + row.tag[1:]
        if ended and tag == f"I-{ended}":
            tag = f"B-{ended}"
        ended = tag_class(row.tag) if _ENDS.match(row.tag) else ""
        found.append(Row(row.line, row.token, tag))
    return found


def _count_unfinished(origin: Origin, rows: Sequence[Row], notes: Notes) -> None:
    """Count entities of a BIOES file that have no last tag."""
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        if not _UNFINISHED.match(row.tag):
            continue
        continues = (
            following is not None
            and following.tag[0] in _INSIDE
            and tag_class(following.tag) == tag_class(row.tag)
        )
        if not continues:
            notes.count(
                "an entity of a BIOES file ends with B- or I-, not with E- or S-; it was read "
                "as if it ended there",
                origin.at(row.line),
            )


def _count_strays(
    origin: Origin, blocks: Sequence[Sequence[Row]], options: ReadOptions, bioes: bool, notes: Notes
) -> None:
    """Count entities that begin with ``I-``, unless the file is IOB1, where most do.

    In CoNLL-2003 itself, which is IOB1, two of 23,499 entities begin as in IOB2.
    """
    strays = list(_openings(blocks, "I"))
    if not strays or options.scheme == "iob1":
        return
    regular = sum(1 for _ in _openings(blocks, "B"))
    is_iob1 = regular <= STRAYS * (regular + len(strays)) and not bioes
    if options.scheme == "auto" and is_iob1:
        return
    for row in strays:
        notes.count(
            f"an entity begins with I- (E- in BIOES), although {regular} begin with B-; it was "
            "read as if it began with B-",
            origin.at(row.line),
        )


def _openings(blocks: Sequence[Sequence[Row]], prefix: str) -> Iterator[Row]:
    """Yield the first rows of entities that begin with a prefix and follow none of their class."""
    for rows in blocks:
        previous = OUTSIDE
        for row in rows:
            if row.tag[0] == prefix and tag_class(previous) != tag_class(row.tag):
                yield row
            previous = row.tag
