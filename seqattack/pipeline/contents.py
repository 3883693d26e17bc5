"""Checksums of the files that a configuration names, so that new bytes at an old path are noticed.

Snakemake compares times of files, and a folder's time says nothing of what is in it. Rules carry
these checksums as a parameter.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from seqattack.errors import SeqAttackError
from seqattack.files.cache import cache_folder
from seqattack.files.checksums import sha256_file, sha256_json
from seqattack.io import read_json, write_json
from seqattack.models.training_report import REPORT
from seqattack.victim.source import VictimSource

SETTLED = 2.0
"""Seconds after its last change from which a file's checksum is kept: by then, another change
leaves another time."""


def contents(value: Any, results: Path) -> str:
    """Return a checksum of the files and folders that are named in a part of a configuration.

    Files of the run itself do not count: Snakemake knows what makes them.

    Args:
        value: Plain JSON. A string that is the path of a file or folder names it.
        results: The run's folder.

    Returns:
        Of 16 hexadecimal digits; empty where nothing is named.
    """
    run = results.resolve()
    paths = sorted(set(_paths(value)))
    named = [path for path in paths if not path.resolve().is_relative_to(run)]
    found = [
        [file.relative_to(path).as_posix(), _checksum(file)]
        for path in named
        for file in _files(path)
    ]
    return sha256_json(found)[:16] if found else ""


def victim_contents(word: str, results: Path) -> str:
    """Return a checksum of the files that a ready victim is loaded from; see `contents`.

    Args:
        word: The victim as commands name it.
        results: The run's folder.
    """
    source = VictimSource.of(word)
    if source.kind == "python":
        return contents(_module_file(source.name.partition(":")[0]), results)
    if source.kind == "spacy" and not Path(source.name).exists():
        return contents(_module_file(source.name, package=True), results)
    return contents(source.name, results)


def kept_checksum(path: Path) -> str:
    """Return the SHA-256 of a file, from the cache where the file has not changed since.

    Args:
        path: The file. It is known by its path, size, times and inode.
    """
    stat = path.stat()
    state = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_dev]
    name = sha256_json(str(path.resolve()))[:32]
    kept = cache_folder() / "contents" / f"{name}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        known = read_json(kept)
        if known["state"] == state:
            return str(known["sha256"])
    found = sha256_file(path)
    if time.time() - max(stat.st_mtime, stat.st_ctime) > SETTLED:
        with suppress(SeqAttackError):  # without a cache it is only slower
            write_json(kept, {"path": str(path.resolve()), "state": state, "sha256": found})
    return found


def _checksum(path: Path) -> str:
    try:
        return kept_checksum(path)
    except OSError:
        return "not readable"  # the job that reads it says so


def _paths(value: Any) -> Iterator[Path]:
    """Yield the paths of files and folders that there are, of all strings of a JSON value."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, str):
        with suppress(OSError, ValueError):  # no path at all
            if value and (path := Path(value)).exists():
                yield path
    elif isinstance(value, Sequence):
        for each in value:
            yield from _paths(each)


def _files(path: Path) -> list[Path]:
    """Return a file, or all of a folder that may decide something."""
    if path.is_file():
        return [path]
    return [
        file
        for file in sorted(path.rglob("*"))
        if file.is_file()
        and file.name != REPORT
        and file.suffix not in (".md", ".pyc")
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    ]


def _module_file(name: str, *, package: bool = False) -> str:
    """Return the file of a module of the current folder or an installed one; empty without one."""
    here = Path(*name.split(".")).with_suffix(".py")
    if here.is_file():
        return str(here)
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return ""
    if spec is None or spec.origin is None:
        return ""
    return str(Path(spec.origin).parent) if package else spec.origin
