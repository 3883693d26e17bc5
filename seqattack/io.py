"""Files: atomic writes, JSON and JSON lines.

A file appears under its name only when it is complete, so that a killed or failing job never
leaves half-written output.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from seqattack.errors import SeqAttackError


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path that replaces `path` when the block ends without an error.

    Args:
        path: Where the finished file goes; missing parent folders are made.

    Raises:
        SeqAttackError: The file could not be written (a full disk, no permission).
    """
    target = Path(path)
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.name}.", suffix=target.suffix
        )
        os.close(handle)
        temporary = Path(name)
        yield temporary
        synchronise(temporary)
        # mkstemp makes files that only the owner can read; others may read results.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(target)
    except OSError as error:
        if error.filename and Path(error.filename).parent != target.parent:
            raise  # the block failed at another file
        raise SeqAttackError(
            f"{target}: could not be written ({error.strerror or error}). "
            "Free some space or choose another folder; nothing was left half-written."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_open(path: str | os.PathLike[str]) -> Iterator[IO[str]]:
    """Like `atomic_path`, with the temporary file open for UTF-8 text."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as out:
        yield out


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` to `path` atomically."""
    with atomic_open(path) as out:
        out.write(text)


def read_json(path: str | os.PathLike[str]) -> Any:
    """Return the value of a JSON file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not JSON in UTF-8.
    """
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write `value` to `path` as indented JSON, atomically, keys in the order given."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def dump_line(value: Any) -> str:
    """Return `value` as one line of JSON, without spaces, ending in a line break."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def write_jsonl(path: str | os.PathLike[str], values: Iterable[Any]) -> None:
    """Write `values` to `path` as JSON lines, atomically."""
    with atomic_open(path) as out:
        out.writelines(dump_line(value) for value in values)


def synchronise(path: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
