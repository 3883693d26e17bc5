"""Archives from the net: downloaded once by pooch, checked, and unpacked into the cache."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import sys
import tarfile
import tempfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

from seqattack.errors import BackendError
from seqattack.files.cache import cache_folder
from seqattack.files.checksums import check_sha256
from seqattack.io import read_json, synchronise, write_json

TIMEOUT = (10, 60)
"""Seconds to wait for a connection, and for the next piece of an answer."""

RETRIES = 2
"""How often a failed download is tried again."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A tar archive on the net.

    Args:
        address: Its URL.
        sha256: Its SHA-256, checked before it is unpacked; None where it is not known.
    """

    address: str
    sha256: str | None = None


def is_address(text: str) -> bool:
    """Whether `text` is a URL and not a path.

    >>> is_address("https://example.org/encoder.tar.gz"), is_address("models/encoder")
    (True, False)
    """
    return text.startswith(("https://", "http://"))


def find_archive(archive: Archive) -> Path | None:
    """Return the folder of an archive that was fetched before; None if it was not.

    Raises:
        BackendError: The archive that was fetched has another SHA-256.
    """
    entry = _entry(archive)
    if not entry.is_dir():
        return None
    found = read_json(entry / "archive.json")["sha256"]
    if archive.sha256 not in (None, found):
        raise BackendError(
            f"{entry}: was fetched from {archive.address} with SHA-256 {found}, but "
            f"{archive.sha256} is expected. Delete the folder and fetch again, or correct the "
            "SHA-256."
        )
    return entry / "content"


def archive_sha256(archive: Archive) -> str:
    """Return the SHA-256 of an archive that was fetched, so that it can be pinned."""
    record = read_json(_entry(archive) / "archive.json")
    return str(record["sha256"])


def fetch_archive(archive: Archive) -> Path:
    """Return the folder of an archive's files; download it if it was not fetched before.

    The folder appears under its name only when everything is downloaded, checked and unpacked.

    Raises:
        BackendError: The archive could not be downloaded or unpacked, has another SHA-256 than
            the known one, or has members that would lie outside the folder.
    """
    if (found := find_archive(archive)) is not None:
        return found
    entry = _entry(archive)
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=entry.parent, prefix=".fetch-", ignore_cleanup_errors=True
        ) as name:
            made = Path(name) / "made"
            path = _download(archive, Path(name))
            digest = check_sha256(
                path,
                archive.sha256,
                "the download is damaged or another file. Nothing was unpacked.",
                name=archive.address,
            )
            _unpack(archive, path, made / "content")
            write_json(made / "archive.json", asdict(Archive(archive.address, digest)))
            _publish(made, entry)
    except OSError as error:
        raise BackendError(
            f"{entry.parent}: could not be written ({error.strerror or error}). Free some space, "
            "or set SEQATTACK_CACHE to another folder; nothing was left half-written."
        ) from error
    return entry / "content"


def _entry(archive: Archive) -> Path:
    return cache_folder() / hashlib.sha256(archive.address.encode()).hexdigest()[:16]


def _download(archive: Archive, folder: Path) -> Path:
    """Download an archive into a folder and return its path."""
    import pooch
    import requests

    pooch.get_logger().setLevel("WARNING")  # the progress bar says enough
    downloads = pooch.create(
        folder,
        base_url="",
        registry={"archive": None},
        urls={"archive": archive.address},
        retry_if_failed=RETRIES,
    )
    download = pooch.HTTPDownloader(timeout=TIMEOUT, progressbar=sys.stderr.isatty())
    try:
        return Path(downloads.fetch("archive", downloader=download))
    except requests.RequestException as error:
        raise BackendError(
            f"{archive.address} could not be downloaded ({type(error).__name__}: {error}). Check "
            "the address and the network and run again, or download and unpack it elsewhere and "
            "give its folder."
        ) from error


def _unpack(archive: Archive, path: Path, folder: Path) -> None:
    """Unpack a tar archive; refuse members other than files and folders inside `folder`."""
    try:
        with tarfile.open(path) as members:
            members.extractall(folder, filter="data")
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BackendError(
            f"{archive.address}: not a tar archive that can be unpacked safely "
            f"({type(error).__name__}: {error}). Nothing of it was kept."
        ) from error


def _publish(made: Path, entry: Path) -> None:
    """Move a finished folder to its place, unless another process was faster."""
    for path in made.rglob("*"):
        if path.is_file():
            synchronise(path)
    try:
        made.rename(entry)
    except OSError:
        if not entry.is_dir():
            raise
        shutil.rmtree(made)
