"""Sentences as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from seqattack import io
from seqattack.errors import CorpusError
from seqattack.sentence import Sentence


def read_jsonl(path: str | Path) -> list[Sentence]:
    """Read sentences: each line is a JSON object with id, tokens and tags.

    Raises:
        CorpusError: The file is missing or empty, a line is not a sentence, or an id occurs twice;
            the message names the line.
    """
    sentences: dict[str, Sentence] = {}
    if not Path(path).is_file():
        raise CorpusError(f"{path}: no such file; check the path.")
    with Path(path).open(encoding="utf-8-sig") as handle:
        for number, line in enumerate(handle, 1):
            try:
                sentence = Sentence.from_json(json.loads(line))
            except (ValueError, CorpusError) as error:
                raise CorpusError(f"{path}:{number}: {error}") from error
            if sentence.id in sentences:
                raise CorpusError(
                    f"{path}:{number}: the id {sentence.id!r} was used before; make ids unique."
                )
            sentences[sentence.id] = sentence
    if not sentences:
        raise CorpusError(f"{path}: has no sentence; write one JSON object per line.")
    return list(sentences.values())


def write_jsonl(path: str | Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences as JSON lines, atomically."""
    io.write_jsonl(path, (sentence.to_json() for sentence in sentences))
