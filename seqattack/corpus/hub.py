"""Corpora from the Hugging Face hub at a pinned revision: parquet files, or datasets by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqattack.corpus.blocks import Notes
from seqattack.corpus.options import DEFAULT, ReadOptions
from seqattack.corpus.parquet import read_dataset, read_parquet
from seqattack.errors import BackendError, CorpusError
from seqattack.files.cache import cache_folder
from seqattack.files.checksums import check_sha256
from seqattack.io import read_json, write_json
from seqattack.sentence import Sentence
from seqattack.text import reason_of

SPLIT_NAMES = {
    "train": ("train",),
    "dev": ("validation", "dev", "valid", "val"),
    "test": ("test",),
}
"""What the hub's datasets call each split."""


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
        revision: A commit, so that the corpus never changes. None: the newest when it was first
            used, which is written down.
        files: One parquet file for each split; without, the dataset is loaded by its name.
        config: The dataset's configuration, where it has several.
        splits: What the dataset calls the splits, where that is not usual.
        options: How its rows are read.
    """

    name: str
    revision: str | None = None
    files: Mapping[str, HubFile] = field(default_factory=dict)
    config: str | None = None
    splits: Mapping[str, str] = field(default_factory=dict)
    options: ReadOptions = DEFAULT

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> HubSource:
        """Return the source that the config's ``corpus.hub`` describes."""
        columns = {"token": options.get("tokens"), "tag": options.get("tags")}
        return cls(
            options["name"],
            options.get("revision"),
            {split: HubFile(**file) for split, file in (options.get("files") or {}).items()},
            options.get("config"),
            options.get("splits") or {},
            ReadOptions.of({"columns": columns, **options}),
        )


def load_hub(
    source: HubSource, notes: Mapping[str, Notes] | None = None
) -> dict[str, list[Sentence]]:
    """Download a dataset, or take it from the cache, and read its splits.

    Args:
        source: The dataset.
        notes: For each split, takes what is guessed, repaired or left out.

    Raises:
        BackendError: The hub can't be reached, the dataset is gated, a file is missing there, or
            it has another SHA-256 than the known one.
        CorpusError: A split or a column is not there, or a row is not a sentence.
    """
    options = source.options
    notes = notes or {split: Notes(options.strict) for split in SPLIT_NAMES}
    if source.files:
        return {
            split: read_parquet(_fetch(source, file), split, options, notes[split])
            for split, file in source.files.items()
        }
    revision = source.revision or _first_revision(source)
    data = _load_dataset(source, revision)
    found = {}
    for split in SPLIT_NAMES:
        if source.revision is None:
            line = f"revision {revision} of {source.name}; pin it: corpus.hub.revision"
            notes[split].guess(line)
        name = _split_name(source, split, data)
        called = f"{source.name} ({name})"
        found[split] = read_dataset(called, data[name], split, options, notes[split])
    return found


def _fetch(source: HubSource, file: HubFile) -> Path:
    """Download a file, or take it from the cache, and check it."""
    from huggingface_hub import hf_hub_download

    try:
        path = Path(
            hf_hub_download(source.name, file.path, repo_type="dataset", revision=source.revision)
        )
    except Exception as error:  # each version of the hub's client has errors of its own
        raise _not_had(f"{source.name}/{file.path}", source.revision, error) from error
    cure = (
        "the download is damaged or another file. Delete it and run again, or correct corpus.hub."
    )
    check_sha256(path, file.sha256, cure)
    return path


def _load_dataset(source: HubSource, revision: str) -> Any:
    """Return all splits of a dataset."""
    from datasets import load_dataset

    try:
        return load_dataset(source.name, source.config, revision=revision)
    except ValueError as error:  # no such configuration: the message lists those that there are
        raise CorpusError(
            f"{source.name}: {reason_of(error):.300} Set corpus.hub.config."
        ) from error
    except Exception as error:  # each version of the hub's client has errors of its own
        raise _not_had(source.name, revision, error) from error


def _first_revision(source: HubSource) -> str:
    """Return the revision at which a dataset was first used; now, if it never was."""
    path = cache_folder() / "hub-revisions.json"
    known: dict[str, str] = read_json(path) if path.is_file() else {}
    if source.name not in known:
        from huggingface_hub import HfApi

        try:
            known[source.name] = str(HfApi().dataset_info(source.name).sha)
        except Exception as error:  # as above
            raise _not_had(source.name, None, error) from error
        write_json(path, known)
    return known[source.name]


def _not_had(name: str, revision: str | None, error: Exception) -> BackendError:
    kind = type(error).__name__
    if "scripts" in str(error):
        return BackendError(
            f"{name} is loaded by a script, which is not run; name its parquet files "
            "(corpus.hub.files) or another copy of it."
        )
    if "Gated" in kind or "is a gated" in str(error):
        return BackendError(
            f"{name} is gated: accept its terms on the hub, and set HF_TOKEN to a token of yours."
        )
    return BackendError(
        f"{name} at revision {revision or 'main'} could not be had from the hub ({kind}). Check "
        "the network and the names, or download the corpus elsewhere and set corpus.conll to the "
        "files."
    )


def _split_name(source: HubSource, split: str, data: Any) -> str:
    names = [source.splits[split]] if split in source.splits else SPLIT_NAMES[split]
    found = next((name for name in names if name in data), None)
    if found is None:
        raise CorpusError(
            f"{source.name}: no split for {split}; it has {', '.join(data)}. Name it: "
            f"corpus.hub.splits: {{{split}: NAME}}."
        )
    return found
