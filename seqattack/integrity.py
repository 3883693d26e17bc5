"""Checksums of a run's files: a byte that changed since its job wrote it is noticed.

A job of the pipeline writes the SHA-256 of each file that it makes into a hidden file beside it, in
the format of ``sha256sum``: ``.records.jsonl.sha256`` for ``records.jsonl``. Whoever reads the file
compares. A file without one, such as a user's own, is read as it is.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from seqattack.errors import IntegrityError

RECORDING = "SEQATTACK_CHECKSUMS"
"""The environment variable that the pipeline's rules set: what is made is recorded."""

JOURNAL, WORK, DAMAGED = ".partial", ".work", ".damaged"
"""What is added to a name: for the records so far, for the checkpoints of a training, and for what
was moved aside because it was not as it had been made."""

MADE = ".made"
"""The folder, beside outputs, of what made them."""

CARD = "README.md"
"""The card in a model's folder: it tells of the model, and is no part of it."""

_ENDING = ".sha256"


class State(StrEnum):
    """What a file is, compared with its checksum."""

    INTACT = "intact"
    CHANGED = "changed"
    MISSING = "missing"
    UNRECORDED = "never recorded"


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one file.

    Args:
        path: The file.
        state: Compared with its checksum.
        expected: The SHA-256 that was recorded; None where none was, or it can't be read.
        found: The SHA-256 of the file; None where it is missing or none was recorded.
    """

    path: Path
    state: State
    expected: str | None = None
    found: str | None = None


def checksum_path(path: Path) -> Path:
    """Return the file that holds a file's checksum.

    >>> checksum_path(Path("results/subset.jsonl")).as_posix()
    'results/.subset.jsonl.sha256'
    """
    return path.with_name(f".{path.name}{_ENDING}")


def is_recorded(path: Path) -> bool:
    """Whether a file that is about to be written gets a checksum.

    It does in a job of the pipeline, and where the file that it replaces has one.
    """
    if any(part.endswith(WORK) for part in path.parts):
        return False
    return bool(os.environ.get(RECORDING)) or checksum_path(path).is_file()


def put(temporary: Path, path: Path) -> None:
    """Rename a finished file to its name, and record its checksum if it gets one.

    A kill in between leaves a file without a checksum, never one with that of another.

    Args:
        temporary: The finished file, in the same folder.
        path: Its name from now on.
    """
    if not is_recorded(path):
        temporary.replace(path)
        return
    checksum = checksum_path(path)
    with _written(temporary, path) as new:
        checksum.unlink(missing_ok=True)
        temporary.replace(path)
        new.replace(checksum)


def record(path: Path) -> None:
    """Record the checksum of a file as it is now."""
    with _written(path, path) as new:
        new.replace(checksum_path(path))


def record_folder(folder: Path) -> None:
    """Record the checksums of all files in a folder as they are now."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            record(path)


@contextmanager
def _written(source: Path, path: Path) -> Iterator[Path]:
    """Yield a file, beside `path` and this writer's own, with the checksum of `source` as its own.

    Unless it is renamed in the block, it is removed at the end.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{checksum_path(path).name}.")
    new = Path(name)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(_line(sha256_file(source), path))
            out.flush()
            os.fsync(out.fileno())
        shutil.copymode(source, new)
        yield new
    finally:
        new.unlink(missing_ok=True)


def _line(digest: str, path: Path) -> str:
    return f"{digest}  {path.name}\n"


def sha256_file(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file's bytes as hexadecimal digits."""
    with Path(path).open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def check(path: str | os.PathLike[str]) -> None:
    """Check a file that is about to be read; one that was never recorded passes.

    Raises:
        IntegrityError: It is not as it was when it was made.
    """
    finding = compare(Path(os.path.realpath(path)))
    if finding.state is State.CHANGED:
        raise IntegrityError(
            f"{os.fspath(path)}: changed since it was made (its SHA-256 is {finding.found}; "
            f"{finding.expected or 'what cannot be read'} was recorded). Run the pipeline again, "
            "without naming a target, and it is made anew; if you changed it on purpose, "
            f"`seqattack verify --accept {os.fspath(path)}`."
        )


def check_folder(folder: str | os.PathLike[str]) -> None:
    """Check the files of a folder, such as a model's, but its card.

    Raises:
        IntegrityError: One is not as it was when it was made, or is missing.
    """
    for finding in examine(Path(os.path.realpath(folder))):
        if finding.path.name == CARD:
            continue
        if finding.state is State.CHANGED:
            check(finding.path)
        if finding.state is State.MISSING:
            raise IntegrityError(
                f"{finding.path}: missing, but it was recorded when its folder was made. Run the "
                "pipeline again, without naming a target, and it is made anew."
            )


def compare(path: Path) -> Finding:
    """Compare a file with its checksum.

    Args:
        path: No link.
    """
    checksum = checksum_path(path)
    while (recorded := _read(checksum)) is not None:
        found = sha256_file(path) if path.is_file() else None
        expected = recorded[:64].decode("ascii", "replace") if len(recorded) > 64 else None
        if found and recorded == _line(found, path).encode():
            return Finding(path, State.INTACT, expected, found)
        if _read(checksum) == recorded:  # else a job is writing it
            state = State.CHANGED if found else State.MISSING
            return Finding(path, state, expected, found)
    return Finding(path, State.UNRECORDED)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return None
        raise


def examine(folder: Path) -> Iterator[Finding]:
    """Yield what became of every file below a folder, in the order of their names.

    Hidden files (but not those in `MADE`), journals, checkpoints and what was moved aside are
    passed over.

    Args:
        folder: Of a run's files.
    """
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if _counts(name))
        recorded = {
            name[1 : -len(_ENDING)]
            for name in files
            if name.startswith(".") and name.endswith(_ENDING)
        }
        for name in sorted(recorded | set(filter(_counts, files))):
            yield compare(Path(place) / name)


def _counts(name: str) -> bool:
    return name == MADE or (
        not name.startswith(".") and not name.endswith((JOURNAL, WORK, DAMAGED))
    )


def move_aside(path: Path) -> Path:
    """Give a damaged file or folder another name, and return it; an earlier one is lost."""
    aside = path.with_name(f"{path.name}{DAMAGED}")
    if aside.is_dir():
        shutil.rmtree(aside)
    path.replace(aside)
    return aside
