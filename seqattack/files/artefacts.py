"""Everything that comes from outside the Python packages, listed once in ``artefacts.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True)
class Artefact:
    """A corpus, model or program that is fetched.

    Args:
        title: What it is.
        version: Version, or commit on a hub.
        address: Where it comes from.
        licence: Under which it may be used.
        config: The configuration's key that names it; None where none does.
        files: SHA-256 of each file that is used; None where it is not known.
    """

    title: str
    version: str
    address: str
    licence: str
    config: str | None
    files: Mapping[str, str | None]


@cache
def artefacts() -> Mapping[str, Artefact]:
    """Return all external artefacts by name.

    >>> artefacts()["universal-sentence-encoder"].licence
    'Apache-2.0'
    """
    text = (resources.files("seqattack.files") / "artefacts.yaml").read_text(encoding="utf-8")
    return {name: Artefact(**entry) for name, entry in yaml.safe_load(text).items()}
