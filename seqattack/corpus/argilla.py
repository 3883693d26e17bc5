"""Argilla's records: fields, and the spans of responses or suggestions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqattack.corpus.spans import Annotated, parse_spans
from seqattack.errors import CorpusError


def parse(place: str, value: Any) -> Annotated | None:
    """Return the text and spans of a record; None where the value is none.

    A response counts before a suggestion, and the first question with spans.

    Args:
        place: Of the value, for messages.
        value: Of a JSON file.

    Raises:
        CorpusError: The record has no text, or its spans can't be read.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("fields"), Mapping):
        return None
    text = next((each for each in value["fields"].values() if isinstance(each, str)), None)
    if text is None:
        raise CorpusError(f"{place}: the record's fields hold no text.")
    spans = _answer(value.get("responses"))
    if spans is None:
        spans = _answer(value.get("suggestions"))
    given = value.get("id")
    return Annotated(
        text, parse_spans(place, spans or [], text), id=None if given is None else str(given)
    )


def _answer(answers: Any) -> Any:
    """Return the value of the first answer that is a list of spans."""
    if isinstance(answers, Mapping):
        answers = list(answers.values())
    if not isinstance(answers, list):
        return None
    for answer in answers:
        if isinstance(answer, Mapping) and isinstance(answer.get("value"), list):
            return answer["value"]
        if isinstance(answer, list) and (found := _answer(answer)) is not None:
            return found
    return None
