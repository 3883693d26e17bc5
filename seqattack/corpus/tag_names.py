"""Names of tags that a file gives as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqattack.corpus.blocks import Notes
from seqattack.corpus.keys import tag_features
from seqattack.corpus.options import ReadOptions
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


def names_beside(path: str | Path, options: ReadOptions, notes: Notes) -> tuple[str, ...]:
    """Return the names of the tags from a file beside `path`; nothing where there is none.

    Args:
        path: The corpus file.
        options: Whose ``tag_column`` may name the tags, where the file beside it names several.
        notes: Where the names are from is written here.

    Raises:
        CorpusError: Such a file can't be read.
    """
    path = Path(path)
    for pattern in SIDECARS:
        sidecar = path.parent / pattern.format(stem=path.stem)
        if not sidecar.is_file():
            continue
        text = read_text(sidecar)
        is_list = sidecar.suffix == ".txt"
        names = text.split() if is_list else _names(_json(sidecar, text), options)
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


def _names(value: Any, options: ReadOptions) -> list[str]:
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
        return _names(names, options)
    inner = value.get("features", value.get("feature"))
    is_dataset = isinstance(inner, Mapping)
    parts = tag_features(inner, options) if is_dataset else value.values()
    return next(filter(None, (_names(part, options) for part in parts)), [])
