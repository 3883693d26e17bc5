"""spaCy's training data as JSON: pairs of a text and its annotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seqattack.corpus.spans import Annotated, parse_spans, to_spans
from seqattack.io import dump_line, write_text
from seqattack.sentence import Sentence


def parse(place: str, value: Any) -> Annotated | None:
    """Return the text and spans of a pair; None where the value is none.

    Args:
        place: Of the value, for messages.
        value: Of a JSON file, such as ``["Ann won", {"entities": [[0, 3, "PER"]]}]``.

    Raises:
        CorpusError: The spans can't be read.
    """
    if not isinstance(value, list) or len(value) != 2:
        return None
    text, annotations = value
    if not isinstance(text, str) or not isinstance(annotations, Mapping):
        return None
    words = annotations.get("words")
    has_words = isinstance(words, list) and words and all(isinstance(w, str) and w for w in words)
    return Annotated(
        text,
        parse_spans(place, annotations.get("entities") or [], text),
        tuple(words) if has_words and isinstance(words, list) else None,
    )


def write(path: str | Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences as an array of pairs, atomically; their ids are lost.

    Each pair is what ``Example.from_dict`` of spaCy takes: a text, and a dictionary of words and
    entities.
    """
    pairs = (dump_line(_pair(sentence)).rstrip() for sentence in sentences)
    write_text(path, "[\n" + ",\n".join(pairs) + "\n]\n")


def _pair(sentence: Sentence) -> list[Any]:
    spans = to_spans(sentence.tokens, sentence.entities)
    entities = [[span.start, span.end, span.label] for span in spans]
    return [sentence.text, {"words": list(sentence.tokens), "entities": entities}]
