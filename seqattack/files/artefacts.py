"""Everything that comes from outside the Python packages, listed once in ``artefacts.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True)
class Artefact:
    """A corpus, model or program from outside.

    Args:
        title: What it is.
        version: Its version, or its commit on a hub.
        address: Where it comes from.
        licence: The licence under which it may be used.
        config: The configuration's key that names it; None where no key does.
        files: The SHA-256 of each file that is used; None where it is not known.
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
