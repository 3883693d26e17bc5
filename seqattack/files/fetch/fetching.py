"""Artefacts: found in the cache, fetched into it, and checked."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from seqattack.errors import BackendError
from seqattack.files.artefacts import Artefact, Kind, file_name
from seqattack.files.cache import cache_folder
from seqattack.files.checksums import check_sha256, sha256_file, sha256_folder
from seqattack.files.fetch.archives import unpack
from seqattack.files.fetch.download import download, reason
from seqattack.files.fetch.hub import (
    endpoint,
    fetch_repository,
    find_repository,
    hub_cache,
    repository_paths,
)
from seqattack.io import read_json, synchronise, write_json

T = TypeVar("T")

ARCHIVE = "archive"
"""What an archive itself is called among its files."""

PATIENCE = 5.0
"""Seconds that a server has to say that it has an artefact."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An artefact in the cache.

    Args:
        folder: Of its files.
        files: The SHA-256 of each file by its path in the folder.
        size: Of all of them, in bytes.
    """

    folder: Path
    files: Mapping[str, str]
    size: int


def find_fetched(artefact: Artefact) -> Fetched | None:
    """Return an artefact that was fetched before; None if it was not.

    Nothing is checked again, so this is quick.

    Args:
        artefact: With files of a known SHA-256 where it has any.
    """
    record = _record(artefact)
    if not record.is_file():
        return None
    found = read_json(record)
    folder, files = Path(found["folder"]), found["files"]
    if artefact.kind != Kind.ARCHIVE and not folder.is_relative_to(hub_cache().absolute()):
        return None  # the hub's cache is another folder now
    same = all(files.get(path) == known for path, known in artefact.files.items() if known)
    if not same or not all((folder / path).is_file() for path in files if path != ARCHIVE):
        return None
    return Fetched(folder, files, found["size"])


def is_fetched(artefact: Artefact) -> bool:
    """Whether an artefact is in the cache, or in that of the hub's own client."""
    if find_fetched(artefact) is not None:
        return True
    return artefact.kind in (Kind.MODEL, Kind.DATASET) and find_repository(artefact) is not None


def fetched_folder(artefact: Artefact) -> Path:
    """Return the folder of an artefact that was fetched before.

    Raises:
        BackendError: It was not; the message says how to fetch it.
    """
    found = find_fetched(artefact)
    if found is None:
        raise BackendError(
            f"{artefact.title} has not been fetched; run `seqattack fetch {artefact.name}` "
            "(the pipeline does so by itself)."
        )
    return found.folder


def fetch_artefact(artefact: Artefact) -> Fetched:
    """Fetch an artefact, or find it in the cache, and check every file of it.

    Several processes may ask at the same time; one fetches, and the others wait. What appears in
    the cache is whole.

    Args:
        artefact: Not a Python package.

    Raises:
        BackendError: No address has it, or what came is damaged or another file.
    """
    if artefact.kind == Kind.PACKAGE:
        raise BackendError(f"{artefact.title}: a Python package; install it with pip.")
    with _alone(artefact):
        is_whole = True
        if artefact.kind == Kind.ARCHIVE:
            found = _fetch_archive(artefact)
        else:
            found, is_whole = _fetch_repository(artefact)
        _check_first(artefact, found)
        if is_whole:  # else the hub is asked again next time
            write_json(
                _record(artefact),
                {"folder": str(found.folder), "files": dict(found.files), "size": found.size},
            )
    return found


def why_unavailable(artefact: Artefact) -> str | None:
    """Return why an artefact cannot be fetched now, address by address; None if it can.

    Only asks whether it is there, and does not download it.
    """
    reasons = []
    for address in artefact.addresses:
        if (problem := _problem(artefact, address)) is None:
            return None
        reasons.append(f"{address} {problem}")
    return "; ".join(reasons)


def _problem(artefact: Artefact, address: str) -> str | None:
    import requests

    asked = address
    if artefact.kind != Kind.ARCHIVE:
        kinds = f"{artefact.kind}s/{artefact.repository}/revision/{artefact.version}"
        asked = f"{endpoint(address)}/api/{kinds}"
    try:
        # Some servers do not know HEAD; a stream that is not read costs no more.
        with requests.get(asked, stream=True, timeout=PATIENCE) as answer:
            answer.raise_for_status()
    except requests.RequestException as error:
        return reason(error)
    return None


def _fetch_repository(artefact: Artefact) -> tuple[Fetched, bool]:
    """Fetch a repository, and return whether that is known to be all of it; see `_places`."""
    places, is_whole = _places(artefact)
    files = {path: sha256_file(place) for path, place in places.items()}
    for path, known in artefact.files.items():
        check_sha256(places[path], known, "delete the file and fetch again.")
    some_path, some_place = next(iter(places.items()))
    folder = Path(some_place).parents[some_path.count("/")]
    size = sum(Path(place).stat().st_size for place in places.values())
    return Fetched(folder, files, size), is_whole


def _places(artefact: Artefact) -> tuple[dict[str, str], bool]:
    """Return where a repository's files lie, and whether these are known to be all of them.

    What is missing is fetched from the first server that has it. Where the files are not listed and
    no server says which there are, the cache is taken as it is.
    """
    cached = find_repository(artefact)
    if artefact.files and cached is not None:
        return cached, True
    if not artefact.files and (known := find_fetched(artefact)) is not None:
        return {path: str(known.folder / path) for path in known.files}, True
    try:
        paths = _first(artefact, lambda address: repository_paths(artefact, address))
    except BackendError:
        if cached is None:
            raise
        return cached, False
    return _first(artefact, lambda address: fetch_repository(artefact, address, paths)), True


def _fetch_archive(artefact: Artefact) -> Fetched:
    """Fetch an archive from the first server that has it, if it is not in the cache."""
    entry = cache_folder() / _key(artefact)
    known = find_fetched(artefact)
    if known is None:
        known = _first(artefact, lambda address: _from_address(artefact, address, entry))
    for path, checksum in known.files.items():
        if path != ARCHIVE:
            cure = f"delete {entry} and fetch again."
            check_sha256(known.folder / path, checksum, cure)
    return known


def _from_address(artefact: Artefact, address: str, entry: Path) -> Fetched:
    """Download and unpack an archive; its folder appears only when it is whole."""
    digits = hashlib.sha256(address.encode()).hexdigest()[:8]
    partial = cache_folder() / "partial" / f"{_key(artefact)}-{digits}"
    partial.parent.mkdir(parents=True, exist_ok=True)
    download(address, partial)
    made = entry.with_name(f".{entry.name}")
    shutil.rmtree(made, ignore_errors=True)
    try:
        digest = check_sha256(
            partial,
            artefact.files.get(ARCHIVE),
            "the download is damaged or another file. Nothing was unpacked.",
            name=address,
        )
        unpack(partial, made, address)
        files = {ARCHIVE: digest, **sha256_folder(made)}
        for path in files:
            if path != ARCHIVE:
                synchronise(made / path)
        shutil.rmtree(entry, ignore_errors=True)
        made.rename(entry)
    finally:
        partial.unlink(missing_ok=True)
        shutil.rmtree(made, ignore_errors=True)
    size = sum((entry / path).stat().st_size for path in files if path != ARCHIVE)
    return Fetched(entry, files, size)


def _first(artefact: Artefact, fetch_from: Callable[[str], T]) -> T:
    """Return what the first address gives.

    Raises:
        BackendError: None gives it; the message has the reason of each.
    """
    reasons = []
    for address in artefact.addresses:
        try:
            return fetch_from(address)
        except BackendError as error:
            reasons.append(str(error))
    raise BackendError(
        f"{artefact.title} could not be fetched:\n"
        + "".join(f"  {each}\n" for each in reasons)
        + "Check the network and run again, or name another address in a list of your own "
        "(SEQATTACK_ARTEFACTS)."
    )


def _check_first(artefact: Artefact, found: Fetched) -> None:
    """Compare an artefact with what was fetched of it first, or write that down.

    Two mirrors may pack the same files into different archives, so the archive's own checksum is
    compared only with a known one.

    Raises:
        BackendError: It is not the same.
    """
    path = cache_folder() / "checksums" / f"{_key(artefact)}.json"
    files = {name: digest for name, digest in found.files.items() if name != ARCHIVE}
    if not path.is_file():
        write_json(path, files)
        return
    first = read_json(path)
    changed = sorted(name for name in first.keys() & files.keys() if first[name] != files[name])
    if changed or (artefact.kind == Kind.ARCHIVE and first.keys() != files.keys()):
        raise BackendError(
            f"{artefact.title}: {', '.join(changed) or 'its list of files'} is not what was "
            f"fetched the first time. If its publisher meant to change it, delete {path} and run "
            "again."
        )


@contextmanager
def _alone(artefact: Artefact) -> Iterator[None]:
    """Keep other processes from fetching the same artefact in the meantime."""
    from filelock import FileLock

    folder = cache_folder()
    try:
        (folder / "locks").mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "locks" / f"{_key(artefact)}.lock"):
            yield
    except OSError as error:
        raise BackendError(
            f"{folder}: could not be written ({error.strerror or error}). Free some space, or set "
            "SEQATTACK_CACHE to another folder; nothing was left half-written."
        ) from error


def _key(artefact: Artefact) -> str:
    """Return what an artefact's files and folders in the cache are called."""
    version = re.sub(r"[^\w.-]+", "-", artefact.version)
    name = file_name(artefact)
    return name if version in name else f"{name}-{version}"


def _record(artefact: Artefact) -> Path:
    return cache_folder() / "fetched" / f"{_key(artefact)}.json"
