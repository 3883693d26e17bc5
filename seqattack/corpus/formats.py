"""The file formats: which one a file has, and how each is read and written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from seqattack.corpus import doccano, label_studio, spacy
from seqattack.corpus.blocks import Notes
from seqattack.corpus.conll import parse_conll, write_conll
from seqattack.corpus.jsonl import parse_json, write_jsonl
from seqattack.corpus.labels import rename
from seqattack.corpus.options import ReadOptions
from seqattack.corpus.parquet import read_parquet, write_hf_json, write_parquet
from seqattack.corpus.text import check_regular, read_text
from seqattack.errors import CorpusError
from seqattack.sentence import Sentence

JSON_ENDINGS = frozenset({".json", ".jsonl", ".ndjson"})
"""Endings of files that hold JSON; other files are JSON if they begin like it."""

WRITERS: Mapping[str, Callable[[str | Path, Iterable[Sentence]], None]] = {
    "conll": write_conll,
    "jsonl": write_jsonl,
    "hf-json": write_hf_json,
    "parquet": write_parquet,
    "doccano": doccano.write,
    "label-studio": label_studio.write,
    "spacy": spacy.write,
}
"""How each format is written."""

_BINARY = {
    b"PK": "a zip archive; unpack it",
    b"\x1f\x8b": "compressed by gzip; unpack it (gunzip)",
    b"SQLite": "a database; export its sentences",
}
_JSON_START = re.compile(r'\s*(\{\s*("|\}|$)|\[\s*(\{|\[\s*"))')


def read_file(path: str | Path, split: str, options: ReadOptions, notes: Notes) -> list[Sentence]:
    """Read a file of any format; which one is found out from its ending and its beginning.

    Args:
        path: The file.
        split: Begins the ids of sentences that have none.
        options: What is known of the file.
        notes: What is guessed, repaired or left out is written here.

    Raises:
        CorpusError: The file is missing, malformed, or of a format that is not known; the message
            names the line and says what to write.
    """
    path = Path(path)
    start = _start(path)
    if path.suffix == ".spacy":
        raise CorpusError(
            f"{path}: a binary file of spaCy; save it as JSON: "
            "[doc.to_json() for doc in DocBin().from_disk(PATH).get_docs(nlp.vocab)]."
        )
    if path.suffix == ".csv":
        raise CorpusError(f"{path}: is separated by commas; save it with tabs, as .tsv.")
    if start.startswith(b"PAR1"):
        found = read_parquet(path, split, options, notes)
    else:
        _refuse_binary(path, start)
        text = read_text(path)
        is_json = path.suffix in JSON_ENDINGS or _JSON_START.match(text) is not None
        if is_json and path.suffix not in JSON_ENDINGS:
            notes.guess("the file is JSON")
        parse = parse_json if is_json else parse_conll
        found = parse(path, text, split, options, notes)
    return rename(found, options.labels, notes)


def _start(path: Path) -> bytes:
    check_regular(path)
    try:
        with path.open("rb") as handle:
            return handle.read(8)
    except OSError as error:
        reason = "no such file" if not path.exists() else f"cannot be read ({error.strerror})"
        raise CorpusError(f"{path}: {reason}; check the path.") from error


def _refuse_binary(path: Path, start: bytes) -> None:
    for magic, what in _BINARY.items():
        if start.startswith(magic):
            raise CorpusError(f"{path}: is {what} first.")
