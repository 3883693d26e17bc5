"""Locks: one process at a time works at a place, and the system frees what a dead one held.

The kernel knows who holds a lock, whether its file is there or not: nothing has to be removed after
a kill. A file system that has no locks is used without.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from seqattack.errors import SeqAttackError
from seqattack.text import clipped

_TAKEN = (errno.EAGAIN, errno.EACCES)


@contextmanager
def alone(path: Path, refusal: str) -> Iterator[None]:
    """Hold a lock while the block runs.

    Args:
        path: A file for the lock alone, made here and removed at the end; folders are made.
        refusal: What is wrong where another process holds it, and what to do.

    Raises:
        SeqAttackError: Another process holds it, or its file cannot be written.
    """
    try:
        file = _locked(path)
    except OSError as error:
        raise SeqAttackError(
            f"{path}: cannot be written ({error.strerror}); choose another place, or free some "
            "space."
        ) from error
    if isinstance(file, str):
        raise SeqAttackError(f"{refusal} (held by {file})")
    with file:
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()


def is_taken(file: IO[Any]) -> bool:
    """Lock an open file until it is closed; whether another process has locked it."""
    try:
        import fcntl
    except ImportError:  # not on this platform
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in _TAKEN  # else this file system has no locks
    return False


def _locked(path: Path) -> IO[bytes] | str:
    """Return the locked file, or who holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        file = path.open("a+b", buffering=0)
        if is_taken(file):
            with file:
                file.seek(0)
                return clipped(file.read(200).decode(errors="replace")) or "a process"
        if is_still(file, path):
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
            return file
        file.close()


def is_still(file: IO[Any], path: Path) -> bool:
    """Whether an open file still has its name; its last holder may just have removed it.

    Args:
        file: The file, locked.
        path: Its name.
    """
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
