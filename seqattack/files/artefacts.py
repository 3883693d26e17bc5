"""Everything that comes from outside the Python packages, listed once in ``artefacts.yaml``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from seqattack.checks import check_mapping, check_number, check_text, shown
from seqattack.errors import ConfigError
from seqattack.suggest import did_you_mean
from seqattack.text import clipped

OWN_LIST = "SEQATTACK_ARTEFACTS"
"""The environment variable that names a list of artefacts of one's own."""

HUB = "https://huggingface.co"

_ADDRESS = re.compile(r"https?://\S+")


class Kind(StrEnum):
    """How an artefact is fetched."""

    MODEL = "model"
    DATASET = "dataset"
    ARCHIVE = "archive"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Artefact:
    """A corpus, model or program from outside.

    Args:
        name: What the list and commands call it.
        title: What it is.
        kind: ``model`` or ``dataset`` on a hub, a tar or zip ``archive``, or a Python ``package``.
        version: Its version, or its commit on a hub.
        addresses: Where it comes from, mirrors included; the first that answers is taken.
        licence: The licence under which it may be used.
        megabytes: What is downloaded, about; None where it is not known.
        config: The configuration's key that names it.
        files: The SHA-256 of files, None where it is not known. Of a hub's repository only these
            are fetched; without any, those that a model is loaded from. The files of an archive
            are the archive itself, called ``archive``, and what is in it.
    """

    name: str
    title: str
    kind: Kind
    version: str
    addresses: tuple[str, ...]
    licence: str = "see its page"
    megabytes: int | None = None
    config: str | None = None
    files: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def repository(self) -> str:
        """The repository on a hub, such as ``google-bert/bert-base-cased``."""
        return urlsplit(self.addresses[0]).path.strip("/").removeprefix("datasets/")

    @property
    def said(self) -> str:
        """What it is, how big, and under which licence, in one line."""
        size = "size not known" if self.megabytes is None else f"about {self.megabytes} MB"
        return f"{self.title} ({size}; licence: {self.licence})"

    @property
    def identity(self) -> dict[str, Any]:
        """What decides which bytes are fetched; mirrors and descriptions do not."""
        return {"name": self.name, "version": self.version, "files": dict(self.files)}


@cache
def artefacts() -> Mapping[str, Artefact]:
    """Return all listed artefacts by name; those of one's own list come first.

    The environment variable ``SEQATTACK_ARTEFACTS`` names a YAML file of the same form. What it
    says of an artefact replaces what ``artefacts.yaml`` says: mirrors, checksums, or all of it.

    Raises:
        ConfigError: One's own list cannot be read, or has a wrong entry.

    >>> artefacts()["universal-sentence-encoder"].licence
    'Apache-2.0'
    """
    text = (resources.files("seqattack.files") / "artefacts.yaml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = yaml.safe_load(text)
    if path := os.environ.get(OWN_LIST):
        for name, entry in _own_list(Path(path)).items():
            entries[name] = {**entries.get(name, {}), **entry}
    return {name: _artefact(name, entry) for name, entry in entries.items()}


def find_artefact(name: str) -> Artefact:
    """Return a listed artefact, or one of a hub, written ``model:NAME@REVISION``.

    A dataset is written ``dataset:NAME@REVISION:PATH,PATH``.

    Raises:
        ConfigError: There is none.

    >>> find_artefact("model:google-bert/bert-base-cased@cd5ef92a9fb2f889e972770a36d4ed042daf221e")\
.name
    'bert-base-cased'
    """
    if name in artefacts():
        return artefacts()[name]
    match = re.fullmatch(r"(model|dataset):([^@:\s]+)@([\w.-]+)(?::(\S+))?", name)
    if match is None:
        raise ConfigError(
            f"there is no artefact {clipped(name)!r}{did_you_mean(name, artefacts())} Or write "
            "model:NAME@REVISION for a model on the hub."
        )
    kind, repository, revision, paths = match.groups()
    return hub_artefact(Kind(kind), repository, revision, paths.split(",") if paths else ())


def hub_artefact(kind: Kind, repository: str, revision: str, files: Iterable[str] = ()) -> Artefact:
    """Return a repository of the hub as an artefact: the listed one where there is one.

    Args:
        kind: `Kind.MODEL` or `Kind.DATASET`.
        repository: Such as ``google-bert/bert-base-cased``.
        revision: Its commit.
        files: Those that are wanted; none means what a model is loaded from.
    """
    for listed in artefacts().values():
        same = listed.kind == kind and listed.repository == repository
        if same and listed.version == revision and set(files) <= set(listed.files or files):
            return listed
    paths = sorted(files)
    name = f"{kind}:{repository}@{revision}" + (f":{','.join(paths)}" if paths else "")
    place = f"datasets/{repository}" if kind == Kind.DATASET else repository
    return Artefact(
        name, repository, kind, revision, (f"{HUB}/{place}",), files=dict.fromkeys(paths)
    )


def file_name(artefact: Artefact) -> str:
    """Return an artefact's name as that of a file.

    >>> file_name(find_artefact("model:org/name@1a2b"))
    'model-org-name-1a2b'
    """
    return re.sub(r"[^\w.-]+", "-", artefact.name)


def _own_list(path: Path) -> dict[str, dict[str, Any]]:
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{OWN_LIST}: {path} cannot be read ({error}).") from error
    if not isinstance(entries, dict) or not all(isinstance(e, dict) for e in entries.values()):
        raise ConfigError(f"{OWN_LIST}: {path} must map names of artefacts to what they are.")
    return entries


def _artefact(name: str, entry: Mapping[str, Any]) -> Artefact:
    known = {each.name for each in fields(Artefact)}
    if unknown := set(entry) - known:
        raise ConfigError(f"{OWN_LIST}: {name} has an unknown key {min(unknown)!r}.")
    try:
        made = Artefact(**{**entry, "name": name, "kind": Kind(entry["kind"])})
        for key in ("title", "version", "licence"):
            check_text(key, getattr(made, key))
        for path, checksum in check_mapping("files", made.files).items():
            if checksum is not None:
                check_text(f"files.{path}", checksum)
        if made.megabytes is not None:
            check_number("megabytes", made.megabytes, 0)
        return replace(made, addresses=tuple(_addresses(made.addresses)))
    except (TypeError, ValueError, KeyError) as error:
        raise ConfigError(f"{OWN_LIST}: {name} is not described well ({error}).") from error
    except ConfigError as error:
        raise ConfigError(f"{OWN_LIST}: {name}.{error}") from error


def _addresses(value: Any) -> list[str]:
    """Return a list of addresses on the web that was checked."""
    if isinstance(value, list) and value and all(map(_ADDRESS.fullmatch, map(str, value))):
        return value
    raise ConfigError(
        f"addresses: {shown(value)} is not allowed; write a list of addresses, such as "
        "[https://mirror.example.org/file.zip]."
    )
