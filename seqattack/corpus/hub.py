"""Corpora from the Hugging Face hub: parquet files at a pinned revision, checked before use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqattack.corpus.conll import to_iob2
from seqattack.errors import BackendError, CorpusError
from seqattack.files.checksums import check_sha256
from seqattack.sentence import Sentence


@dataclass(frozen=True, slots=True)
class HubFile:
    """A parquet file of a hub dataset and its SHA-256, None where that is not known."""

    path: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class HubSource:
    """A dataset on the hub.

    Args:
        name: Such as ``lhoestq/conll2003``.
        revision: A commit, so that the corpus never changes.
        files: One parquet file for each split.
        tokens: The column of the tokens.
        tags: The column of the tags, which are strings, or class labels whose names the file's
            features give.
        endpoint: Address of the hub; None is the public one.
        cache: Folder of the downloads; None is the hub's usual cache.
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
        BackendError: The hub can't be reached, a file is missing there, or it has another SHA-256
            than the known one.
        CorpusError: The columns are not those that `source` names.
    """
    return {
        split: _read_parquet(source, split, _fetch(source, file))
        for split, file in source.files.items()
    }


def _fetch(source: HubSource, file: HubFile) -> Path:
    """Download a file, or take it from the cache, and check it."""
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
    cure = (
        "the download is damaged or another file. Delete it and run again, or correct corpus.hub."
    )
    check_sha256(path, file.sha256, cure)
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
