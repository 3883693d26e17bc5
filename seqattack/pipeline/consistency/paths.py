"""Paths that cannot be used."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seqattack.text import clipped

PATHS = frozenset(
    ("results", "figures", "logs", "train", "dev", "test", "path", "picks", "parser_path")
)
"""The keys that name files or folders of the user's."""


FOLDERS = frozenset(("results", "figures", "logs"))
"""Those that name folders to be made."""


_UNLISTED = frozenset(("Cc", "Cs", "Zl", "Zp"))
"""Unicode's categories of control characters, bytes that are no text, and breaks of lines."""


def name_problem(where: str, path: str) -> Iterator[str]:
    """Yield a line where a path has a character that Snakemake or a list of paths cannot hold.

    Args:
        where: What the path is of.
        path: The path.
    """
    if "{" in path or "}" in path:
        yield f"{where}: {path} has a brace, which Snakemake takes for a placeholder; rename it"
    elif any(unicodedata.category(character) in _UNLISTED for character in path):
        yield (
            f"{where}: {clipped(path, 200)} has a line break, another control character "
            "or bytes that are not UTF-8; rename it"
        )


def path_problems(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each path of a configuration that cannot be used."""
    yield from _within(value)
    for index, entry in enumerate(value["adversarial_training"]):
        yield from _within(entry, f"adversarial_training.{index}.")


def _within(value: Any, where: str = "") -> Iterator[str]:
    for name, each in value.items() if isinstance(value, Mapping) else ():
        if name in PATHS and isinstance(each, str):
            yield from _path_problem(f"{where}{name}", each, name in FOLDERS)
        yield from _within(each, f"{where}{name}.")


def _path_problem(where: str, path: str, is_folder: bool) -> Iterator[str]:
    """Yield a line if a path cannot be used; a folder to be made may not be below a file."""
    if not path.strip():
        yield f"{where}: an empty path names nothing; write one, or remove the key"
    elif path[0] in "-~":
        yield (
            f"{where}: {path} begins with {path[0]}, which commands and shells read in their own "
            f"ways; write the whole path, or ./{path}"
        )
    else:
        yield from name_problem(where, path)
    if is_folder:
        yield from _folder_problem(where, Path(os.path.abspath(path)))


def _folder_problem(where: str, folder: Path) -> Iterator[str]:
    """Yield a line if a folder cannot be there, such as below a file."""
    try:
        folder.lstat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        yield f"{where}: {clipped(str(folder), 200)} cannot be used ({error.strerror})"
        return
    nearest = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
    if not nearest.is_dir():
        yield f"{where}: {nearest} is no folder; name another, or move it away"
