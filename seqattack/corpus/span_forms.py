"""Objects with a text and the character offsets of its entities, as programs export them.

doccano, Label Studio, spaCy, Argilla and Presidio each have a form; what is common to them is a
text, and spans with start, end and class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from seqattack.corpus import argilla, label_studio, spacy
from seqattack.corpus.keys import TEXTS, tag_keys, token_keys
from seqattack.corpus.options import ReadOptions
from seqattack.corpus.spans import Annotated, parse_spans
from seqattack.errors import CorpusError

SPANS = (
    *("label", "labels", "entities", "spans", "annotation", "annotations", "ents"),
    "expected_protected",
)
"""Keys of the spans: doccano's, spaCy's, Presidio's, Argilla's, OpenMed's."""

_OTHERS: tuple[Callable[[str, Any], Annotated | None], ...] = (
    label_studio.parse,
    argilla.parse,
    spacy.parse,
)


def parse(place: str, value: Any, options: ReadOptions) -> Annotated | None:
    """Return a text with its spans; None where the value is of another kind.

    Args:
        place: Of the value, for messages.
        value: Of a JSON file.
        options: Whose columns may name the key of the tokens, and that of the tags or spans.

    Raises:
        CorpusError: There is a text, but no spans, or spans that can't be read.
    """
    for form in _OTHERS:
        if (found := form(place, value)) is not None:
            return found
    if not isinstance(value, Mapping) or _has_tags(value, options):
        return None
    text_key = next((key for key in TEXTS if isinstance(value.get(key), str)), None)
    if text_key is None:
        return None
    known = (options.tag_column,) if isinstance(options.tag_column, str) else SPANS
    key = next((key for key in known if key in value), None)
    if key is None:
        raise CorpusError(
            f"{place}: a text without character offsets of its entities; it has the keys "
            f"{', '.join(map(repr, value))}. Write them as label: [[start, end, class]], or name "
            "their key: --tag-column KEY."
        )
    spans = parse_spans(place, value[key] or [], value[text_key])
    return Annotated(value[text_key], spans, _tokens(value), _id(value))


def _has_tags(value: Mapping[str, Any], options: ReadOptions) -> bool:
    """Whether an object has tokens and a tag for each, beside its text."""
    tokens = next((value[key] for key in token_keys(options) if key in value), None)
    return isinstance(tokens, list) and any(
        isinstance(tags := value.get(key), list)
        and len(tags) == len(tokens)
        and all(isinstance(tag, str | int | None) for tag in tags)
        for key in tag_keys(options)
    )


def _tokens(value: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the tokens that an object brings beside its text."""
    tokens = value.get("tokens")
    if not isinstance(tokens, list) or not tokens:
        return None
    if all(isinstance(token, Mapping) and isinstance(token.get("text"), str) for token in tokens):
        tokens = [token["text"] for token in tokens]
    return tuple(tokens) if all(isinstance(token, str) and token for token in tokens) else None


def _id(value: Mapping[str, Any]) -> str | None:
    found = value.get("id")
    return str(found) if isinstance(found, str | int) and found != "" else None
