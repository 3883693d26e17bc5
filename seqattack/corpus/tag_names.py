"""Names of tags that a file gives as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqattack.corpus.blocks import Notes
from seqattack.corpus.text import read_text
from seqattack.errors import CorpusError
from seqattack.io import json_value, write_json

SIDECARS = (
    "{stem}.labels.json",
    "labels.json",
    "label.json",
    "labels.txt",
    "dataset_info.json",
    "dataset_infos.json",
)
"""Files beside a corpus file in which the names of its tags are looked for."""


def names_beside(path: str | Path, notes: Notes) -> tuple[str, ...]:
    """Return the names of the tags from a file beside `path`; nothing where there is none.

    Raises:
        CorpusError: Such a file can't be read.
    """
    path = Path(path)
    for pattern in SIDECARS:
        sidecar = path.parent / pattern.format(stem=path.stem)
        if not sidecar.is_file():
            continue
        text = read_text(sidecar)
        names = text.split() if sidecar.suffix == ".txt" else _names(_json(sidecar, text))
        if names:
            notes.guess(f"the names of the tags are from {sidecar.name}: {' '.join(names[:9])}")
            return tuple(names)
    return ()


def write_names(path: Path, names: Sequence[str]) -> None:
    """Write the names of tags beside a corpus file, where `names_beside` finds them first."""
    write_json(path.parent / SIDECARS[0].format(stem=path.stem), list(names))


def _json(path: Path, text: str) -> Any:
    try:
        return json_value(text)
    except ValueError as error:
        raise CorpusError(f"{path}: not JSON ({error}); correct or remove it.") from error


def _names(value: Any) -> list[str]:
    """Return the names in a list, a mapping from or to numbers, or a dataset's features."""
    if isinstance(value, list):
        return [name for name in value if isinstance(name, str)]
    if not isinstance(value, Mapping):
        return []
    if value and all(type(number) is int for number in value.values()):
        return sorted(value, key=lambda name: int(value[name]))
    if value and all(key.isdecimal() and isinstance(value[key], str) for key in value):
        return [value[key] for key in sorted(value, key=int)]
    names = value.get("names")
    if isinstance(names, list | Mapping):
        return _names(names)
    return next(filter(None, map(_names, value.values())), [])
