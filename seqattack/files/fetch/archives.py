"""Archives: unpacked without anything outside their folder."""

from __future__ import annotations

import gzip
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path

from seqattack.errors import BackendError

_BROKEN = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error)


def unpack(path: Path, folder: Path, name: str) -> None:
    """Unpack a tar or zip archive; refuse members other than files and folders inside `folder`.

    Args:
        path: The archive.
        folder: Where its members go.
        name: What messages call it.

    Raises:
        BackendError: It is not such an archive, is damaged, or would write elsewhere.
    """
    try:
        if zipfile.is_zipfile(path):
            _unpack_zip(path, folder)
        else:
            with tarfile.open(path) as members:
                members.extractall(folder, filter="data")
    except (*_BROKEN, ValueError, NotImplementedError, RuntimeError) as error:
        raise BackendError(
            f"{name}: not a tar or zip archive that can be unpacked safely "
            f"({type(error).__name__}: {error}). Nothing of it was kept."
        ) from error


def _unpack_zip(path: Path, folder: Path) -> None:
    """Unpack a zip archive as tar archives are: no links, nothing outside."""
    with zipfile.ZipFile(path) as members:
        for member in members.infolist():
            target = (folder / member.filename).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise ValueError(f"{member.filename} lies outside")
            if stat.S_ISLNK(member.external_attr >> 16):
                raise ValueError(f"{member.filename} is a link")
        members.extractall(folder)
