"""SHA-256 checksums of files and values."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from seqattack.errors import BackendError
from seqattack.integrity import sha256_file as sha256_file


def sha256_folder(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in a folder by its path inside, in their order."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_file(path) for path in files}


def check_sha256(
    path: str | os.PathLike[str], expected: str | None, cure: str, name: str | None = None
) -> str:
    """Check a file against its known SHA-256.

    Args:
        path: The file.
        expected: Its SHA-256; None where it is not known.
        cure: What to do about a missing or wrong file; ends the message.
        name: What the message calls the file; None calls it by its path.

    Returns:
        Its SHA-256.

    Raises:
        BackendError: The file is missing, or has another SHA-256.
    """
    name = name or str(path)
    if not Path(path).is_file():
        raise BackendError(f"{name}: missing (expected: SHA-256 {expected}); {cure}")
    found = sha256_file(path)
    if expected not in (None, found):
        raise BackendError(f"{name}: its SHA-256 is {found}, but {expected} is expected; {cure}")
    return found


def sha256_json(value: Any) -> str:
    """Return the SHA-256 of `value` as canonical JSON (sorted keys, no spaces)."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
