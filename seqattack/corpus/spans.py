"""Entities given as character offsets, or by their words, aligned to tokens."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqattack.corpus.blocks import Block, Notes, Origin, Row
from seqattack.corpus.plain import token_spans
from seqattack.errors import CorpusError
from seqattack.tags import OUTSIDE, Entity, is_class


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` up to, not including, `end`, of class `label`.

    One that is `sought` was given by its words, and looked for in the text.
    """

    start: int
    end: int
    label: str
    sought: bool = False


@dataclass(frozen=True, slots=True)
class Annotated:
    """A text with its entities as character offsets.

    Args:
        text: The text.
        spans: Its entities, in any order.
        tokens: Its tokens, where they are given; else the text is split.
        id: None where it has none.
    """

    text: str
    spans: tuple[Span, ...]
    tokens: tuple[str, ...] | None = None
    id: str | None = None


_STARTS = ("start", "start_offset", "start_position", "begin")
_ENDS = ("end", "end_offset", "end_position")
_WORDS = ("value", "text", "word")
_LABELS = ("label", "labels", "entity_type", "entity_group", "entity", "type", "tag")


def parse_spans(place: str, value: Any, text: str) -> tuple[Span, ...]:
    """Return the spans in a JSON value.

    Args:
        place: For messages.
        value: A list of ``[start, end, label]``, ``[label, start, end]`` or objects with ``start``,
            ``end`` and ``label`` (or the names that common programs have for them), or an object
            of three such lists. An object with ``value`` instead of ``start`` and ``end`` stands
            for every place where the text has these words.
        text: The text.

    Raises:
        CorpusError: One is something else, or its words are not in the text.
    """
    if isinstance(value, Mapping):
        lists = [each for each in value.values() if isinstance(each, list)]
        if len(lists) == len(value):
            value = [dict(zip(value, row, strict=True)) for row in zip(*lists, strict=False)]
        else:
            value = [value]
    if not isinstance(value, list | tuple):
        raise CorpusError(f"{place}: spans must be a list, not {value!r:.40}.")
    return tuple(span for each in value for span in _spans(place, each, text))


def _spans(place: str, value: Any, text: str) -> Iterator[Span]:
    """Yield the span that a value stands for, or all places where the text has its words."""
    has_offsets = not isinstance(value, Mapping) or any(key in value for key in (*_STARTS, *_ENDS))
    words = None if has_offsets else _first(value, _WORDS)
    if not isinstance(words, str) or not words.strip():
        yield _span(place, value)
        return
    words = words.strip()
    before, after = (
        r"(?<!\w)" if words[0].isalnum() else "",
        r"(?!\w)" if words[-1].isalnum() else "",
    )
    found = list(re.finditer(before + re.escape(words) + after, text))
    if not found:
        raise CorpusError(
            f"{place}: {words!r:.60} is not in the text; give the words as the text has them, or "
            "start and end."
        )
    label = _label(place, value, _first(value, _LABELS))
    for each in found:
        yield Span(each.start(), each.end(), label, sought=True)


def _span(place: str, value: Any) -> Span:
    parts: Sequence[Any] = ()
    if isinstance(value, Mapping):
        parts = [_first(value, _STARTS), _first(value, _ENDS), _first(value, _LABELS)]
    elif isinstance(value, list | tuple):
        parts = list(value[:3])
        if len(parts) == 3 and isinstance(parts[0], str):
            parts = [*parts[1:], parts[0]]
    if len(parts) == 3 and isinstance(parts[2], list) and len(parts[2]) == 1:
        parts = [*parts[:2], parts[2][0]]
    if len(parts) != 3 or not all(type(each) is int for each in parts[:2]):
        raise CorpusError(
            f"{place}: {value!r:.60} is no span; write [start, end, class] or an object with "
            "start, end and label."
        )
    return Span(parts[0], parts[1], _label(place, value, parts[2]))


def _label(place: str, value: Any, label: Any) -> str:
    found = " ".join(label.split()) if isinstance(label, str) else ""
    if not is_class(found):
        raise CorpusError(
            f"{place}: the span {value!r:.60} has no class, or one that is called O; write one."
        )
    return found


def _first(value: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def align(origin: Origin, line: int, annotated: Annotated, notes: Notes) -> Block:
    """Return a text's tokens with its entities as IOB2 tags.

    A span that begins or ends within a token takes the whole token. Of spans that share a token
    only the longest is kept, of equal ones the first. Both are counted.

    Args:
        origin: The file.
        line: The text's place in it.
        annotated: The text.
        notes: Spans that did not align are counted here.

    Raises:
        CorpusError: A span is not within the text, or a given token does not occur in it.
    """
    place = origin.at(line)
    found = _given(place, annotated) if annotated.tokens else token_spans(annotated.text)
    tags = [OUTSIDE] * len(found)
    starts, ends = [left for left, _ in found], [right for _, right in found]
    for span in sorted(annotated.spans, key=lambda span: span.start - span.end):
        if span.sought:
            notes.count("an entity given by its words was looked for in the text", place)
        start, end = _trimmed(place, annotated.text, span)
        covered = range(bisect_right(ends, start), bisect_left(starts, end))
        if not covered:
            notes.count("a span without a token was left out", place)
        elif any(tags[i] != OUTSIDE for i in covered):
            notes.count("a span that overlaps a longer one was left out", place)
        else:
            if (found[covered[0]][0], found[covered[-1]][1]) != (start, end):
                notes.count("a span that ends within a token took the whole token", place)
            for i in covered:
                tags[i] = f"{'B' if i == covered[0] else 'I'}-{span.label}"
    rows = (
        Row(line, annotated.text[left:right], tag)
        for (left, right), tag in zip(found, tags, strict=True)
    )
    return Block(tuple(rows), annotated.id)


def _trimmed(place: str, text: str, span: Span) -> tuple[int, int]:
    """Return a span's borders without the white space that it begins or ends with."""
    if not 0 <= span.start < span.end <= len(text):
        raise CorpusError(
            f"{place}: the span [{span.start}, {span.end}] is not within the text, which has "
            f"{len(text)} characters; correct it."
        )
    inside = text[span.start : span.end]
    return (
        span.start + len(inside) - len(inside.lstrip()),
        span.end - len(inside) + len(inside.rstrip()),
    )


def _given(place: str, annotated: Annotated) -> list[tuple[int, int]]:
    """Return where the given tokens stand in the text."""
    found = []
    position = 0
    for token in annotated.tokens or ():
        start = annotated.text.find(token, position)
        if start < 0:
            raise CorpusError(
                f"{place}: the token {token!r:.40} is not in the text after character {position}; "
                "give the tokens in the text's order and spelling."
            )
        position = start + len(token)
        found.append((start, position))
    return found


def to_spans(tokens: Sequence[str], entities: Sequence[Entity]) -> list[Span]:
    """Return entities as character offsets in the tokens joined by single spaces.

    Args:
        tokens: The tokens.
        entities: Their entities.
    """
    starts = [0]
    for token in tokens:
        starts.append(starts[-1] + len(token) + 1)
    return [Span(starts[e.start], starts[e.end] - 1, e.label) for e in entities]
