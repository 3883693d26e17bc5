"""Corpora from the Hugging Face hub: parquet files at a pinned revision, checked before use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqattack.corpus.conll import to_iob2
from seqattack.errors import BackendError, CorpusError
from seqattack.files.checksums import sha256_file
from seqattack.sentence import Sentence


@dataclass(frozen=True, slots=True)
class HubFile:
    """A parquet file of a hub dataset and, if known, its SHA-256."""

    path: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class HubSource:
    """A dataset on the hub.

    Args:
        name: Such as ``lhoestq/conll2003``.
        revision: A commit, so that the corpus never changes.
        files: One parquet file a split.
        tokens: Column of the tokens.
        tags: Column of the tags: class labels (their names are taken from the file's features) or
            strings.
        endpoint: Another hub than the public one.
        cache: Another folder than the hub's usual cache.
    """

    name: str
    revision: str
    files: Mapping[str, HubFile]
    tokens: str = "tokens"
    tags: str = "ner_tags"
    endpoint: str | None = None
    cache: str | None = None


def load_hub(source: HubSource) -> dict[str, list[Sentence]]:
    """Download a dataset, or take it from the cache, and read its splits.

    Raises:
        BackendError: The hub can't be reached, the file is not there, or it is not the one whose
            checksum is known.
        CorpusError: The columns are not what `source` says.
    """
    return {
        split: _read_parquet(source, split, _fetch(source, file))
        for split, file in source.files.items()
    }


def _fetch(source: HubSource, file: HubFile) -> Path:
    from huggingface_hub import hf_hub_download

    try:
        path = Path(
            hf_hub_download(
                source.name,
                file.path,
                repo_type="dataset",
                revision=source.revision,
                endpoint=source.endpoint,
                cache_dir=source.cache,
            )
        )
    except Exception as error:  # each version of the hub's client has errors of its own
        raise BackendError(
            f"{source.name}/{file.path} at revision {source.revision} could not be had from the "
            f"hub ({type(error).__name__}). Check the network and the names, or download the "
            "corpus elsewhere and set corpus.conll to the files."
        ) from error
    found = sha256_file(path)
    if file.sha256 is not None and found != file.sha256:
        raise BackendError(
            f"{path}: its SHA-256 is {found}, but {file.sha256} is expected: the download is "
            "damaged or another file. Delete it and run again, or correct corpus.hub."
        )
    return path


def _read_parquet(source: HubSource, split: str, path: Path) -> list[Sentence]:
    from datasets import Dataset

    data = Dataset.from_parquet(str(path), keep_in_memory=True)
    for column in (source.tokens, source.tags):
        if column not in data.column_names:
            raise CorpusError(
                f"{source.name}/{path.name}: no column {column!r}; it has "
                f"{', '.join(data.column_names)}. Set corpus.hub.tokens and corpus.hub.tags."
            )
    names = _label_names(data.features[source.tags])
    tags = [[names[tag] if names else tag for tag in row] for row in data[source.tags]]
    rows = zip(data[source.tokens], to_iob2(f"{source.name} {split}", tags), strict=True)
    return [
        Sentence(f"{split}-{number}", tuple(tokens), tuple(row))
        for number, (tokens, row) in enumerate(rows, 1)
    ]


def _label_names(feature: Any) -> Sequence[str] | None:
    """Return the class names of a list of class labels; None for a list of strings."""
    names: Sequence[str] | None = getattr(getattr(feature, "feature", None), "names", None)
    return names
