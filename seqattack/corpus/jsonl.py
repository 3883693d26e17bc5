"""Sentences as JSON: lines or one array, with tags or with character offsets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seqattack import io
from seqattack.corpus import span_forms
from seqattack.corpus.blocks import Block, Notes, Origin, Row, assemble
from seqattack.corpus.json_values import json_values
from seqattack.corpus.keys import TAGS, TOKENS
from seqattack.corpus.options import DEFAULT, ReadOptions
from seqattack.corpus.schemes import to_iob2
from seqattack.corpus.spans import align
from seqattack.corpus.tag_names import names_beside
from seqattack.corpus.text import read_text
from seqattack.errors import CorpusError
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE

IGNORED = -100
"""The number of a tag that a training ignores."""


def read_jsonl(
    path: str | Path,
    split: str | None = None,
    options: ReadOptions = DEFAULT,
    notes: Notes | None = None,
) -> list[Sentence]:
    """Read sentences from JSON lines or a JSON array.

    An object has tokens and tags, or a text and the character offsets of its entities.

    Args:
        path: The file.
        split: Begins the ids of sentences that have none; the file's name without one.
        options: What is known of the file.
        notes: What is guessed, repaired or left out is written here.

    Raises:
        CorpusError: The file is missing, empty or not UTF-8, an object is not a sentence, or an
            id occurs twice; the message names the line.
    """
    notes = notes or Notes(options.strict)
    return parse_json(path, read_text(path), split or Path(path).stem, options, notes)


def write_jsonl(path: str | Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences as JSON lines, atomically."""
    io.write_jsonl(path, (sentence.to_json() for sentence in sentences))


def parse_json(
    path: str | Path, text: str, split: str, options: ReadOptions, notes: Notes
) -> list[Sentence]:
    """Return the sentences in the text of a JSON file.

    Args:
        path: The file, for messages.
        text: What is in it.
        split: As for `read_jsonl`, and so are the others.
        options: What is known of the file.
        notes: What is guessed, repaired or left out is written here.

    Raises:
        CorpusError: As `read_jsonl`.
    """
    origin, values = json_values(path, text)
    return parse_values(origin, values, split, options, notes)


def parse_values(
    origin: Origin,
    values: Iterable[tuple[int, Any]],
    split: str,
    options: ReadOptions,
    notes: Notes,
) -> list[Sentence]:
    """Return the sentences in values of a JSON or parquet file.

    Args:
        origin: Where they come from.
        values: Each with its line or its place.
        split: Begins the ids of sentences that have none.
        options: What is known of the file.
        notes: What is guessed, repaired or left out is written here.

    Raises:
        CorpusError: A value is not a sentence; the message names its place.
    """
    values = list(values)
    if (found := _own(values, options)) is not None:
        return found
    reader = _Reader(origin, options, notes)
    blocks = [block for line, value in values for block in reader.blocks(line, value)]
    options = replace(options, scheme="iob2") if reader.has_spans else options
    tags = to_iob2(origin, blocks, options, notes)
    return assemble(origin, zip(blocks, tags, strict=True), split, options, notes)


def _own(values: Sequence[tuple[int, Any]], options: ReadOptions) -> list[Sentence] | None:
    """Return sentences that are as `write_jsonl` writes them, the quick way; None for others."""
    if replace(options, strict=False, labels={}) != DEFAULT:
        return None
    try:
        found = {value["id"]: Sentence.from_json(value) for _, value in values if _has_lists(value)}
    except (KeyError, TypeError, CorpusError):
        return None
    return list(found.values()) if values and len(found) == len(values) else None


def _has_lists(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("id"), str)
        and all(
            isinstance(value.get(key), list) and all(isinstance(each, str) for each in value[key])
            for key in ("tokens", "tags")
        )
    )


@dataclass(slots=True)
class _Reader:
    """Reads the values of one file."""

    origin: Origin
    options: ReadOptions
    notes: Notes
    has_spans: bool = False
    names: tuple[str, ...] | None = None

    def blocks(self, line: int, value: Any) -> Iterator[Block]:
        """Yield the sentences in a value, usually one."""
        place = self.origin.at(line)
        if isinstance(value, Mapping) and isinstance(value.get("paragraphs"), list):
            yield from self._paragraphs(line, value["paragraphs"])
            return
        annotated = span_forms.parse(place, value, self.options)
        if annotated is not None:
            self.has_spans = True
            block = align(self.origin, line, annotated, self.notes)
            if block.rows:
                yield block
            else:
                self.notes.count("a text without a token was left out", place)
            return
        if not isinstance(value, Mapping):
            raise CorpusError(
                f"{place}: {value!r:.40} is no object with tokens and tags; write "
                '{"tokens": [...], "tags": [...]}.'
            )
        yield from self._tagged(line, value)

    def _paragraphs(self, line: int, paragraphs: Any) -> Iterator[Block]:
        """Yield the sentences of a document in spaCy's format before version 3."""
        place = self.origin.at(line)
        try:
            for paragraph in paragraphs:
                for sentence in paragraph["sentences"]:
                    yield from self._tagged(line, sentence)
        except (KeyError, TypeError) as error:
            raise CorpusError(
                f"{place}: paragraphs need sentences with tokens; {error} is missing or wrong."
            ) from error

    def _tagged(self, line: int, value: Mapping[str, Any]) -> Iterator[Block]:
        """Yield the sentence of an object with tokens and tags; none where they are null."""
        place = self.origin.at(line)
        tokens, tags = self._columns(place, value)
        if tokens is None or tags is None:
            self.notes.count("a sentence without tokens or tags (null) was left out", place)
            return
        if not isinstance(tokens, list) or not all(isinstance(t, str | None) for t in tokens):
            raise CorpusError(f"{place}: tokens must be a list of strings, not {tokens!r:.40}.")
        if not isinstance(tags, list):
            raise CorpusError(f"{place}: tags must be a list, not {tags!r:.40}.")
        if len(tokens) != len(tags):
            raise CorpusError(
                f"{place}: {len(tokens)} tokens but {len(tags)} tags; give each token one tag."
            )
        if not tokens:
            self.notes.count("a sentence that has no tokens was left out", place)
            return
        rows = (
            Row(line, token or "", self._tag(place, tag))
            for token, tag in zip(tokens, tags, strict=True)
        )
        yield Block(tuple(rows), made_id(place, value))

    def _columns(self, place: str, value: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return the lists of tokens and of tags."""
        token_key = _key(value, self.options.token_column, TOKENS)
        tokens = value.get(token_key) if token_key else None
        tag_key = _key(value, self.options.tag_column, TAGS)
        if (rows := _struct(tokens)) is not None:
            token_key = _key(rows, self.options.token_column, (*TOKENS, "text", "token"))
            tag_key = _key(rows, self.options.tag_column, TAGS)
            value, tokens = rows, rows.get(token_key or "")
        if token_key is None or tag_key is None:
            missing = "tokens" if token_key is None else "tags"
            raise CorpusError(
                f"{place}: {missing!r} is missing; it has the keys {', '.join(map(repr, value))}. "
                "Write tokens (words) and tags (ner_tags, ner, labels), or text and label with "
                "character offsets; or name the keys: --token-column, --tag-column."
            )
        return tokens, value[tag_key]

    def _tag(self, place: str, tag: Any) -> str:
        """Return a tag's name; what a training ignores is outside."""
        if tag is None or tag == IGNORED:
            self.notes.count("a token without a tag (null or -100) was read as O", place)
            return OUTSIDE
        if isinstance(tag, str):
            return tag
        if type(tag) is not int:
            raise CorpusError(f"{place}: {tag!r:.40} is no tag; write a string or a number.")
        if self.names is None:
            self.names = self.options.tag_names or names_beside(
                self.origin.path, self.options, self.notes
            )
        if not 0 <= tag < len(self.names):
            raise CorpusError(
                f"{place}: the tag {tag} has no name; list the names of all tags in the order of "
                "their numbers: --tag-names O B-PER I-PER ... (config: tag_names)."
            )
        return self.names[tag]


def made_id(place: str, value: Mapping[str, Any]) -> str | None:
    """Return an object's id as a string; None where it has none.

    Raises:
        CorpusError: It is neither a string nor a number.
    """
    found = value.get("id")
    if found is None or found == "":
        return None
    if not isinstance(found, str | int):
        raise CorpusError(f"{place}: the id {found!r:.40} is neither a string nor a number.")
    return str(found)


def _key(value: Mapping[str, Any], wanted: int | str | None, known: Iterable[str]) -> str | None:
    """Return the key that is wanted, or the first known one that is there."""
    if isinstance(wanted, str):
        return wanted if wanted in value else None
    return next((key for key in known if key in value), None)


def _struct(tokens: Any) -> Mapping[str, Any] | None:
    """Return the lists of tokens that are objects, or an object of lists; None for others."""
    if isinstance(tokens, Mapping):
        return tokens
    if not isinstance(tokens, list) or not tokens or not isinstance(tokens[0], Mapping):
        return None
    rows = [row if isinstance(row, Mapping) else {} for row in tokens]
    return {key: [row.get(key) for row in rows] for key in tokens[0]}
