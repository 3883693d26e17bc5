"""Label Studio's JSON: tasks with the results of their annotators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seqattack.corpus.spans import Annotated, Span, parse_spans, to_spans
from seqattack.errors import CorpusError
from seqattack.io import write_json
from seqattack.sentence import Sentence


def parse(place: str, value: Any) -> Annotated | None:
    """Return the text and spans of a task; None where the value is none.

    The first annotation that was not cancelled counts.

    Args:
        place: Of the value, for messages.
        value: Of a JSON file.

    Raises:
        CorpusError: The task has no text, or a result can't be read.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("data"), Mapping):
        return None
    data = value["data"]
    text = next((each for key, each in data.items() if key in ("text", "sentence")), None)
    if not isinstance(text, str):
        raise CorpusError(f"{place}: the task's data has no text; name the field text.")
    tokens = data.get("tokens")
    given = data.get("id", value.get("id"))
    return Annotated(
        text,
        _spans(place, value.get("annotations") or value.get("completions") or [], text),
        tuple(map(str, tokens)) if isinstance(tokens, list) and tokens else None,
        None if given is None else str(given),
    )


def write(path: str | Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences as tasks with one annotation each, atomically.

    The text is the tokens joined by spaces; ``data`` keeps the tokens and the id.
    """
    write_json(path, [_task(sentence) for sentence in sentences])


def _spans(place: str, annotations: Any, text: str) -> tuple[Span, ...]:
    if not isinstance(annotations, list):
        raise CorpusError(f"{place}: annotations must be a list.")
    for annotation in annotations:
        if isinstance(annotation, Mapping) and not annotation.get("was_cancelled"):
            results = annotation.get("result") or []
            found = [each.get("value") for each in results if _is_label(each)]
            return parse_spans(place, found, text)
    return ()


def _is_label(result: Any) -> bool:
    return isinstance(result, Mapping) and result.get("type", "labels") == "labels"


def _task(sentence: Sentence) -> dict[str, Any]:
    results = [
        {
            "type": "labels",
            "from_name": "label",
            "to_name": "text",
            "value": {
                "start": span.start,
                "end": span.end,
                "text": sentence.text[span.start : span.end],
                "labels": [span.label],
            },
        }
        for span in to_spans(sentence.tokens, sentence.entities)
    ]
    data = {"text": sentence.text, "tokens": list(sentence.tokens), "id": sentence.id}
    return {"data": data, "annotations": [{"result": results}]}
