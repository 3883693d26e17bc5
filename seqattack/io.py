"""Files: atomic writes, JSON and JSON lines.

A file appears under its name only when it is complete, so that a killed or failing job never
leaves half-written output.
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from seqattack import integrity
from seqattack.errors import SeqAttackError


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path that replaces `path` when the block ends without an error.

    A link stays, and the file behind it is replaced. What is no regular file (a device, a pipe) is
    written to once the block has ended.

    Args:
        path: Where the finished file goes; missing parent folders are made.

    Raises:
        SeqAttackError: The file could not be written (a full disk, no permission), or a folder has
            its name.
    """
    target = Path(path)
    special = is_special(target)
    if not special:
        target = Path(os.path.realpath(target))
    with _writing(path):
        temporary = _temporary(target, None if special else target.parent)
    try:
        with _writing(path, temporary):
            yield temporary
            if special:
                with temporary.open("rb") as source, target.open("wb") as out:
                    shutil.copyfileobj(source, out)
            else:
                _replace(target, temporary)
    finally:
        temporary.unlink(missing_ok=True)


def check_writable(folder: Path) -> None:
    """Write a little into a folder, and remove it again.

    Raises:
        SeqAttackError: Nothing can be written there: a full disk, a quota, no permission.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(_LITTLE))
            probe.flush()
    except OSError as error:
        raise SeqAttackError(
            f"{folder}: cannot be written ({error.strerror}); free some space, or choose another "
            "place."
        ) from error


_LITTLE = 2**16
"""Bytes without which a run need not begin."""


def is_special(path: Path) -> bool:
    """Whether a path, or what its link leads to, is there but no regular file, such as a device.

    >>> is_special(Path(os.devnull)), is_special(Path("missing"))
    (True, False)
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def beside(output: Path, ending: str) -> Path:
    """Return where a job keeps what it has done so far: beside its output.

    That of a device or a pipe is in the system's folder for temporary files, and of this process.

    Args:
        output: The file or folder that the job makes.
        ending: Is added to its name.
    """
    if is_special(output):
        return Path(tempfile.gettempdir()) / f"{output.name}.{os.getpid()}{ending}"
    return output.parent / f"{output.name}{ending}"


def _temporary(target: Path, folder: Path | None) -> Path:
    """Return a new empty file in a folder, or in the system's folder for temporary files."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{target.name}.", suffix=target.suffix)
    os.close(handle)
    return Path(name)


def _replace(target: Path, temporary: Path) -> None:
    synchronise(temporary)
    # mkstemp makes files that only the owner can read; others may read results.
    umask = os.umask(0)
    os.umask(umask)
    temporary.chmod(0o666 & ~umask)
    integrity.put(temporary, target)


@contextmanager
def _writing(path: str | os.PathLike[str], temporary: Path | None = None) -> Iterator[None]:
    """Turn an error of the file system into one that says what to do.

    With `temporary` it must be an error at this file, or at none that has a name.
    """
    try:
        yield
    except OSError as error:
        ours = (None, str(temporary), os.fspath(path), os.path.realpath(path))
        if temporary is not None and error.filename not in ours:
            raise  # the block failed at another file
        raise SeqAttackError(
            f"{os.fspath(path)}: could not be written ({error.strerror or error}). "
            "Free some space or choose another place; nothing was left half-written."
        ) from error


@contextmanager
def atomic_open(path: str | os.PathLike[str]) -> Iterator[IO[str]]:
    """Like `atomic_path`, with the temporary file open for UTF-8 text."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as out:
        yield out


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` to `path` atomically."""
    with atomic_open(path) as out:
        out.write(text)


def json_value(text: str | bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: It is not JSON in UTF-8, is nested too deeply, or has NaN, infinity, which are
            no JSON, or a number that would be read as infinity.
    """
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:20]} is too large a number")
    return value


def read_json(path: str | os.PathLike[str]) -> Any:
    """Return the value of a JSON file.

    Raises:
        IntegrityError: It is a run's and changed since it was made.
        OSError: It cannot be read.
        ValueError: As `json_value`.
    """
    integrity.check(path)
    return json_value(Path(path).read_bytes())


def dump_json(value: Any, indent: int | None = 2) -> str:
    r"""Return `value` as JSON, keys in the order given, ending in a line break.

    Characters that could steer a terminal or reorder its text are escaped, as JSON allows.

    Args:
        value: Of numbers, strings, lists, dictionaries ...
        indent: Spaces of a level; None gives one line without spaces.

    Raises:
        SeqAttackError: It has NaN or infinity, which are no JSON.

    Example:
        >>> print(dump_json({"é": ["a" + chr(0x202E)]}, indent=None), end="")
        {"é":["a\u202e"]}
    """
    separators = (",", ":") if indent is None else None
    try:
        text = json.dumps(
            value, indent=indent, separators=separators, ensure_ascii=False, allow_nan=False
        )
    except ValueError as error:
        raise SeqAttackError(
            f"a number to be written is NaN or infinite ({error}); nothing was written. A model "
            "or a metric that is broken gives such numbers: check them."
        ) from error
    return _STEERING.sub(_escaped, text) + "\n"


_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters that JSON leaves as they are, ends of lines, and marks of direction."""


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write `value` to `path` as indented JSON, atomically; see `dump_json`."""
    write_text(path, dump_json(value))


def dump_line(value: Any) -> str:
    """Return `value` as one line of JSON, without spaces, ending in a line break."""
    return dump_json(value, indent=None)


def write_jsonl(path: str | os.PathLike[str], values: Iterable[Any]) -> None:
    """Write `values` to `path` as JSON lines, atomically."""
    with atomic_open(path) as out:
        out.writelines(dump_line(value) for value in values)


def synchronise(path: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
