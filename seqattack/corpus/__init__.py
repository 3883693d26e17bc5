"""Corpora: CoNLL files, JSON lines, hub datasets and the generated newswire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seqattack.corpus.conll import read_conll, write_conll
from seqattack.corpus.jsonl import read_jsonl, write_jsonl
from seqattack.errors import ConfigError
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE, tag_class

SPLITS = ("train", "dev", "test")
"""The parts of a corpus."""

__all__ = [
    "SPLITS",
    "corpus_statistics",
    "load_corpus",
    "read_conll",
    "read_jsonl",
    "read_sentences",
    "tag_set",
    "write_conll",
    "write_jsonl",
]


def load_corpus(source: Mapping[str, Any]) -> dict[str, list[Sentence]]:
    """Read or generate a corpus.

    Args:
        source: The config's ``corpus``: one key of ``newswire``, ``conll``, ``jsonl`` or ``hub``.

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
    if kind == "newswire":
        from seqattack.corpus.newswire import generate_newswire

        return generate_newswire(**options)
    if kind == "conll":
        return {split: read_conll(options[split], split) for split in SPLITS}
    if kind == "jsonl":
        return {split: read_jsonl(options[split]) for split in SPLITS}
    if kind == "hub":
        from seqattack.corpus.hub import HubFile, HubSource, load_hub

        files = {split: HubFile(**options["files"][split]) for split in SPLITS}
        return load_hub(HubSource(**{**options, "files": files}))
    raise ConfigError(f"corpus.{kind}: unknown source; write newswire, conll, jsonl or hub.")


def read_sentences(path: str | Path) -> list[Sentence]:
    """Read JSON lines (``.jsonl``) or, with any other ending, a CoNLL column file.

    Raises:
        CorpusError: The file is missing, or malformed for its ending.
    """
    path = Path(path)
    return read_jsonl(path) if path.suffix == ".jsonl" else read_conll(path, path.stem)


def tag_set(sentences: Iterable[Sentence]) -> tuple[str, ...]:
    """Return ``O`` and, for every class in alphabetical order, its ``B-`` and ``I-`` tag."""
    classes = {tag_class(tag) for sentence in sentences for tag in sentence.tags} - {OUTSIDE}
    return (OUTSIDE, *(f"{prefix}-{name}" for name in sorted(classes) for prefix in "BI"))


def corpus_statistics(sentences: Iterable[Sentence]) -> dict[str, Any]:
    """Return the numbers of sentences, tokens and entities of each class."""
    counts: Counter[str] = Counter()
    total = tokens = 0
    for sentence in sentences:
        total += 1
        tokens += len(sentence.tokens)
        counts.update(entity.label for entity in sentence.entities)
    return {"sentences": total, "tokens": tokens, "entities": dict(sorted(counts.items()))}
