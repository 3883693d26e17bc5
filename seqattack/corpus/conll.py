"""Column files: a token and a tag on each line, in any columns and any scheme.

CoNLL-2003, CoNLL-U, GermEval, WikiNEuRal, WikiANN and what else people keep in columns. A first
line ``# global.columns = FORM NER``, as in CoNLL-U Plus, names the columns: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from seqattack.corpus.blocks import Block, Notes, Origin, Row, assemble
from seqattack.corpus.columns import Layout, Line, find_layout, header_layout, is_multi_word
from seqattack.corpus.options import DEFAULT, ReadOptions
from seqattack.corpus.schemes import is_tag_of_any_scheme, to_iob2
from seqattack.corpus.text import read_text, split_lines
from seqattack.errors import CorpusError
from seqattack.io import write_text
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE

DECLARATION = "# global.columns ="
"""Begins a first line that names the columns."""

_DOCUMENT = re.compile(
    r"(?:\d+[ \t]+)?[-#]+ ?-*DOCSTART-*(?P<rest>.*)"
    r"|# ?newdoc(?: id ?= ?(?P<id>\S+))?.*"
    r"|#begin document ?(?P<name>[^;]*).*",
)
_IN_DOCUMENT = re.compile(r"-doc(?P<name>[^\s()]+)-\d+$")
_NUMBER = re.compile(r"\d+(?:[-.]\d+)?")
_NO_NAME = re.compile(r"-X-|O|_|[-#]*DOCSTART[-#]*")
_KEY_VALUE = re.compile(r"#\s*(?:text|sent_id|newpar|global\.\w+|source|id)\w*\s*=")


@dataclass(frozen=True, slots=True)
class _Section:
    """The lines of a sentence, and the document that it is in."""

    lines: tuple[Line, ...]
    document: str | None


def read_conll(
    path: str | Path,
    split: str,
    options: ReadOptions = DEFAULT,
    notes: Notes | None = None,
) -> list[Sentence]:
    """Read a column file.

    Columns are separated by tabs if every line has one, else by spaces or tabs; sentences by empty
    lines. Which columns hold token and tag, and the scheme, are found out. Comments, a header line,
    a byte-order mark and CRLF line ends are left out; ``-DOCSTART-`` and its like begin a document.

    Args:
        path: The file.
        split: Begins the ids of the sentences: ``test-1``, ``test-2`` ... or, in a document that
            has a name, ``test-docNAME-1``.
        options: What is known of the file.
        notes: What is guessed, repaired or left out is written here.

    Raises:
        CorpusError: The file is missing, empty or not UTF-8, a line has too few or too many
            columns or an unknown tag, or it can't be guessed which columns to read; the message
            names the line.
    """
    return parse_conll(path, read_text(path), split, options, notes or Notes(options.strict))


def parse_conll(
    path: str | Path, text: str, split: str, options: ReadOptions, notes: Notes
) -> list[Sentence]:
    """Return the sentences in the text of a column file.

    Args:
        path: The file, for messages.
        text: What is in it.
        split: As for `read_conll`, and so are the others.
        options: What is known of the file.
        notes: What is guessed, repaired or left out is written here.

    Raises:
        CorpusError: As `read_conll`.
    """
    origin = Origin(path)
    lines = split_lines(text)
    is_literal = lines[0].startswith(DECLARATION)
    options = _declared(origin, lines[0], options) if is_literal else options
    sections = _sections(lines, is_literal, options)
    blocks: list[Block] = []
    if sections:
        sections, options = _without_header(sections, options, notes)
    if sections:
        layout = _layout(origin, sections, options, notes)
        blocks = list(_blocks(origin, sections, layout, notes))
    tags = to_iob2(origin, blocks, options, notes)
    return assemble(origin, zip(blocks, tags, strict=True), split, options, notes)


def write_conll(path: str | Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences as a file of two columns, token and IOB2 tag, atomically."""
    write_text(path, conll_text(sentences))


def conll_text(sentences: Iterable[Sentence]) -> str:
    """Return sentences as a file of two columns, token and IOB2 tag.

    Where a reader would have to guess and could guess wrong (a corpus of nothing but ``1``, ``2``,
    ``3``), a first line names the columns. Where a class has spaces in its name, tabs separate.
    Documents that ids name (``test-docNAME-1``) begin with ``-DOCSTART- (NAME) O``.
    """
    sentences = list(sentences)
    has_spaces = any(" " in tag for sentence in sentences for tag in sentence.tags)
    blocks = [conll_block(each, "\t" if has_spaces else " ") for each in sentences]
    with_borders = "".join(map(str.__add__, _borders(sentences), blocks))
    if _is_plain(with_borders, sentences):
        return with_borders
    text = "".join(blocks)
    return text if _is_plain(text, sentences) else f"{DECLARATION} FORM NER\n{text}"


def _is_plain(text: str, sentences: Sequence[Sentence]) -> bool:
    """Whether the text is read as the sentences, without being told its columns."""
    wanted = [(sentence.tokens, sentence.tags) for sentence in sentences]
    try:
        found = parse_conll("export", text.removeprefix("\ufeff"), "", DEFAULT, Notes())
    except CorpusError:
        found = []
    return wanted == [(sentence.tokens, sentence.tags) for sentence in found]


def _borders(sentences: Sequence[Sentence]) -> Iterator[str]:
    """Yield, for each sentence, the lines that begin its document; nothing within one."""
    before = None
    for sentence in sentences:
        match = _IN_DOCUMENT.search(sentence.id)
        name = match["name"] if match else None
        yield f"-DOCSTART- ({name}) O\n\n" if name not in (None, before) else ""
        before = name


def conll_block(sentence: Sentence, separator: str = " ") -> str:
    r"""Return a sentence as lines of token and IOB2 tag, followed by an empty line.

    >>> conll_block(Sentence("s", ("EU", "rejects"), ("B-ORG", "O")))
    'EU B-ORG\nrejects O\n\n'
    """
    pairs = zip(sentence.tokens, sentence.tags, strict=True)
    lines = (f"{token}{separator}{tag}\n" for token, tag in pairs)
    return "".join(lines) + "\n"


def _declared(origin: Origin, line: str, options: ReadOptions) -> ReadOptions:
    """Return the options with the columns that the first line names."""
    names = line.removeprefix(DECLARATION).split()
    if "FORM" not in names:
        raise CorpusError(f"{origin.at(1)}: no column is named FORM; name the token's column so.")
    tag = names.index("NER") + 1 if "NER" in names else options.tag_column
    return replace(options, token_column=names.index("FORM") + 1, tag_column=tag)


@dataclass(slots=True)
class _Collector:
    """Collects the lines of sentences; comments and borders of documents are no lines of theirs."""

    tabs: bool
    width: int
    is_numbered: bool
    is_literal: bool
    is_bare: bool
    found: list[_Section] = field(default_factory=list)
    open_lines: list[Line] = field(default_factory=list)
    document: str | None = None
    documents: int = 0

    def add(self, number: int, text: str) -> None:
        """Take one line of the file."""
        border = None if self.is_literal else _DOCUMENT.match(text)
        if border or not text.strip():
            self.close()
        if border:
            self.documents += 1
            self.document = _document_name(border) or f"#{self.documents}"
        elif text.strip():
            fields = _fields(text, self.tabs)
            if self.open_lines or not self._is_comment(fields):
                self.open_lines.append(Line(number, fields))

    def close(self) -> None:
        """End a sentence."""
        if self.open_lines:
            self.found.append(_Section(tuple(self.open_lines), self.document))
            self.open_lines.clear()

    def _is_comment(self, fields: Sequence[str]) -> bool:
        """Whether a line before a sentence is a comment; a token may be ``#`` or ``#x``, too."""
        if not fields[0].startswith("#"):
            return False
        if len(fields) != self.width or self.is_numbered:
            return True
        if not self.is_literal and _KEY_VALUE.match(" ".join(fields)):
            return True
        if re.match(r"#+\S*$", fields[0]) and (self.is_bare or fields[0].strip("#")):
            return False
        return not is_tag_of_any_scheme(fields[-1])


def _sections(lines: Sequence[str], is_literal: bool, options: ReadOptions) -> list[_Section]:
    """Return the lines of sentences; a literal file's first line names the columns."""
    is_bare = options.scheme == "io" or bool(options.tag_names)
    content = [
        line.rstrip()
        for line in lines[is_literal:]
        if line.strip() and (is_literal or line[0] != "#")
    ]
    tabs = bool(content) and all("\t" in line for line in content)
    rows = [_fields(line, tabs) for line in content] or [("",)]
    is_numbered = not is_literal and all(_NUMBER.fullmatch(fields[0]) for fields in rows)
    collector = _Collector(tabs, len(rows[0]), is_numbered, is_literal, is_bare)
    for number, text in enumerate(lines[is_literal:], 1 + is_literal):
        collector.add(number, text)
    collector.close()
    return collector.found


def _fields(line: str, tabs: bool) -> tuple[str, ...]:
    """Return the columns of a line; a token of a space is one where tabs separate."""
    if tabs:
        return tuple(field.strip(" ") or field for field in line.rstrip().split("\t"))
    return tuple(re.split("[ \t]+", line.rstrip().lstrip(" \t")))


def _document_name(border: re.Match[str]) -> str | None:
    """Return the name that a border of documents gives, without white space or brackets."""
    rest = border["rest"]
    if rest is None:
        rest = border["id"] or border["name"] or ""
    else:
        rest = " ".join(w for w in rest.split() if not _NO_NAME.fullmatch(w))
    name = re.sub(r"\s+", "_", rest.strip(" ()_=:"))
    return name or None


def _without_header(
    sections: list[_Section], options: ReadOptions, notes: Notes
) -> tuple[list[_Section], ReadOptions]:
    """Return sections without a header line, and the options with the columns that it names."""
    first = sections[0].lines[0]
    named = header_layout(first)
    if named is None or options.token_column is not None:
        return sections, options
    notes.guess(
        f"the first line is a header; the token is in column {named.token_column}, the tag in "
        f"column {options.tag_column or named.tag_column}"
    )
    columns = replace(
        options,
        token_column=named.token_column,
        tag_column=options.tag_column or named.tag_column,
    )
    rest = replace(sections[0], lines=sections[0].lines[1:])
    return ([rest] if rest.lines else []) + sections[1:], columns


def _layout(
    origin: Origin, sections: Sequence[_Section], options: ReadOptions, notes: Notes
) -> Layout:
    """Return the columns to read, after a check that all lines have the same number of them."""
    lines = [section.lines for section in sections]
    width = len(lines[0][0].fields)
    for block in lines:
        for line in block:
            if len(line.fields) != width:
                raise CorpusError(
                    f"{origin.at(line.number)}: {len(line.fields)} column(s), but {width} are "
                    "needed, as in the lines before; separate columns by spaces or tabs."
                )
    for name in ("token_column", "tag_column"):
        column = getattr(options, name)
        if isinstance(column, str):
            raise CorpusError(
                f"{origin.path}: {name.replace('_', ' ')} {column!r}: columns of this file have "
                "no names; write a number, such as 1."
            )
        if isinstance(column, int) and not -width <= column <= width:
            raise CorpusError(
                f"{origin.path}: {name.replace('_', ' ')} {column} does not exist; there are "
                f"{width} columns."
            )
    return find_layout(origin, lines, options, notes)


def _blocks(
    origin: Origin, sections: Sequence[_Section], layout: Layout, notes: Notes
) -> Iterator[Block]:
    """Yield the sentences' tokens and tags."""
    for section in sections:
        rows = []
        for line in section.lines:
            if layout.counts and is_multi_word(line):
                continue
            token = line.fields[layout.token].removeprefix(layout.prefix)
            rows.append(Row(line.number, token, _tag(line, layout)))
        if rows:
            yield Block(tuple(rows), document=section.document)


def _tag(line: Line, layout: Layout) -> str:
    value = line.fields[layout.tag]
    if not layout.key:
        return value
    pairs = dict(pair.partition("=")[::2] for pair in value.split("|"))
    return pairs.get(layout.key, OUTSIDE)
