"""Corpora: files in the formats that people keep, hub datasets and the generated newswire."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

from seqattack.corpus.blocks import Notes
from seqattack.corpus.conll import read_conll, write_conll
from seqattack.corpus.formats import read_file
from seqattack.corpus.jsonl import read_jsonl, write_jsonl
from seqattack.corpus.labels import rename
from seqattack.corpus.options import DEFAULT, ReadOptions
from seqattack.corpus.statistics import corpus_statistics, tag_set
from seqattack.errors import ConfigError
from seqattack.sentence import Sentence
from seqattack.text import printable

SPLITS = ("train", "dev", "test")
"""The parts of a corpus."""

_READERS = {"conll": read_conll, "jsonl": read_jsonl, "files": read_file}
"""How the files of a source are read: as columns, as JSON, or as what they are."""

__all__ = [
    "SPLITS",
    "ReadOptions",
    "corpus_statistics",
    "load_corpus",
    "read_conll",
    "read_jsonl",
    "read_sentences",
    "tag_set",
    "write_conll",
    "write_jsonl",
]


def say(line: str) -> None:
    """Print a line to stderr; characters that could steer a terminal are escaped."""
    print(printable(line), file=sys.stderr)


def load_corpus(
    source: Mapping[str, Any],
    labels: Mapping[str, str] | None = None,
    tell: Callable[[str], None] = say,
) -> dict[str, list[Sentence]]:
    """Read or generate a corpus.

    Args:
        source: The config's ``corpus``: one key of ``newswire``, ``conll``, ``jsonl``, ``files`` or
            ``hub``.
        labels: The config's ``labels``: new names of classes; an empty one leaves a class out.
        tell: Takes each line about what was guessed, repaired or left out.

    Returns:
        The sentences of the splits ``train``, ``dev`` and ``test``.

    Raises:
        CorpusError: A file is missing or malformed.
        BackendError: The hub can't be reached, or a checksum does not match.
        ConfigError: `source` does not have exactly one of the keys.
    """
    if len(source) != 1:
        raise ConfigError(f"corpus: exactly one source is needed, not {len(source)}.")
    ((kind, options),) = source.items()
    notes = {split: Notes(bool(options.get("strict"))) for split in SPLITS}
    corpus = _load(kind, options, notes)
    found = Notes()
    whole = chain.from_iterable(corpus[split] for split in SPLITS)
    renamed = iter(rename(whole, labels or {}, found))
    corpus = {split: list(islice(renamed, len(corpus[split]))) for split in SPLITS}
    lines = [line for split in SPLITS for line in notes[split].lines(split)]
    for line in [*lines, *found.lines("corpus")]:
        tell(line)
    return corpus


def _load(
    kind: str, options: Mapping[str, Any], notes: Mapping[str, Notes]
) -> dict[str, list[Sentence]]:
    if kind == "newswire":
        from seqattack.corpus.newswire import generate_newswire

        return generate_newswire(**options)
    if kind in _READERS:
        read, known = _READERS[kind], ReadOptions.of(options)
        return {split: read(options[split], split, known, notes[split]) for split in SPLITS}
    if kind == "hub":
        from seqattack.corpus.hub import HubSource, load_hub

        return load_hub(HubSource.of(options), notes)
    raise ConfigError(
        f"corpus.{kind}: unknown source; write newswire, {', '.join(_READERS)} or hub."
    )


def read_sentences(
    path: str | Path,
    options: ReadOptions = DEFAULT,
    tell: Callable[[str], None] = say,
) -> list[Sentence]:
    """Read a file of any format: columns, JSON in many forms, or parquet.

    Args:
        path: The file.
        options: What is known of the file; the rest is found out.
        tell: Takes each line about what was guessed, repaired or left out; prints it to stderr
            without one.

    Raises:
        CorpusError: The file is missing or malformed; the message names the line.
    """
    path = Path(path)
    notes = Notes(options.strict)
    sentences = read_file(path, path.stem, options, notes)
    for line in notes.lines(path):
        tell(line)
    return sentences
