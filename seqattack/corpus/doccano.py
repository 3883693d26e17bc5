"""doccano's JSON lines: a text and its labels as character offsets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from seqattack import io
from seqattack.corpus.spans import to_spans
from seqattack.sentence import Sentence


def write(path: str | Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences as lines of text and label, atomically.

    The text is the tokens joined by spaces. doccano keeps the tokens as metadata.
    """
    io.write_jsonl(path, map(_line, sentences))


def _line(sentence: Sentence) -> dict[str, Any]:
    spans = to_spans(sentence.tokens, sentence.entities)
    return {
        "id": sentence.id,
        "text": sentence.text,
        "label": [[span.start, span.end, span.label] for span in spans],
        "tokens": list(sentence.tokens),
    }
