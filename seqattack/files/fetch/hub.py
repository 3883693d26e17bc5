"""Repositories on the Hugging Face hub, or on another server that speaks its language."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from seqattack.errors import BackendError
from seqattack.files.artefacts import HUB, Artefact
from seqattack.files.checksums import sha256_file

_LOADED = (".json", ".txt", ".model", ".safetensors")
_SETTINGS = ("config.json", "gliner_config.json")
_PART = re.compile(r"(.+)-\d{5}-of-(\d{5})(\.safetensors|\.bin)")
_OTHER_FORMATS = ("onnx", "openvino", "coreml", "flax", "tf_model", "rust_model")


def endpoint(address: str) -> str:
    """Return the server of a repository's address; ``HF_ENDPOINT`` replaces the public hub.

    >>> endpoint("https://hub.example.org/google-bert/bert-base-cased")
    'https://hub.example.org'
    """
    parts = urlsplit(address)
    server = f"{parts.scheme}://{parts.netloc}"
    return os.environ.get("HF_ENDPOINT", HUB).rstrip("/") if server == HUB else server


def hub_cache() -> Path:
    """Return the folder of the hub's cache, as its client chooses it, which need not be here."""
    variables = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")
    given = next((os.environ[name] for name in variables if os.environ.get(name)), None)
    if given:
        return Path(given).expanduser()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = os.environ.get("HF_HOME") or caches / "huggingface"
    return Path(home).expanduser() / "hub"


def repository_paths(artefact: Artefact, address: str) -> list[str]:
    """Return the paths of the files of a repository that are wanted.

    Args:
        artefact: The repository, at its revision.
        address: The server to ask, and the repository there.

    Raises:
        BackendError: It does not say which files there are.
    """
    from huggingface_hub import HfApi

    if artefact.files:
        return sorted(artefact.files)
    name, kind, revision = artefact.repository, artefact.kind.value, artefact.version
    try:
        found = HfApi(endpoint(address)).list_repo_files(name, revision=revision, repo_type=kind)
    except Exception as error:  # each version of the hub's client has errors of its own
        raise BackendError(f"{address}: {_reason(error)}") from error
    return loaded_files(found)


def fetch_repository(artefact: Artefact, address: str, paths: Iterable[str]) -> dict[str, str]:
    """Download files of a repository into the hub's cache, the weights last.

    So a download that broke off has no weights, or not all of them; see `find_repository`.

    Args:
        artefact: The repository, at its revision.
        address: The server to take it from, and the repository there.
        paths: The files.

    Returns:
        By path in the repository, where each file lies.

    Raises:
        BackendError: A file could not be had, or is not what the hub says that it is.
    """
    from huggingface_hub import hf_hub_download

    name, kind, revision = artefact.repository, artefact.kind.value, artefact.version
    download = partial(hf_hub_download, name, repo_type=kind, revision=revision)
    found: dict[str, str] = {}
    for path in sorted(paths, key=lambda path: (_is_weights(path), path)):
        try:
            found[path] = str(download(path, endpoint=endpoint(address)))
        except Exception as error:
            raise BackendError(f"{address}: {_reason(error)}") from error
        check_blob(path, Path(found[path]))
    return found


def find_repository(artefact: Artefact) -> dict[str, str] | None:
    """Return where a repository's files lie in the hub's cache; None where one is missing.

    Without a list of files, there must be settings and weights, of which no part is missing. More
    cannot be seen: another program may have put them there without the tokenizer.
    """
    if artefact.files:
        places = {path: _cached(artefact, path) for path in sorted(artefact.files)}
        found = {path: place for path, place in places.items() if place is not None}
        return found if len(found) == len(places) else None
    settings = next(filter(None, (_cached(artefact, name) for name in _SETTINGS)), None)
    if settings is None:
        return None
    folder = Path(settings).parent
    there = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    paths = loaded_files(there)
    is_whole = any(map(_is_weights, paths)) and {*_needed_parts(paths)} <= {*paths}
    return {path: str(folder / path) for path in paths} if is_whole else None


def _cached(artefact: Artefact, path: str) -> str | None:
    """Return where a file of a repository lies in the hub's cache; None where it does not."""
    if find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import try_to_load_from_cache

    try:
        found = try_to_load_from_cache(
            artefact.repository, path, revision=artefact.version, repo_type=artefact.kind.value
        )
    except ValueError:  # no name of a repository
        return None
    return found if isinstance(found, str) else None


def _needed_parts(paths: Iterable[str]) -> Iterator[str]:
    """Yield all parts of weights of which one part is there, and the list of what is in which.

    >>> list(_needed_parts(["model-00001-of-00002.safetensors"]))
    ['model.safetensors.index.json', 'model-00001-of-00002.safetensors', \
'model-00002-of-00002.safetensors']
    """
    for path in paths:
        if match := _PART.fullmatch(path):
            stem, count, ending = match.groups()
            yield f"{stem}{ending}.index.json"
            for number in range(1, int(count) + 1):
                yield f"{stem}-{number:05}-of-{count}{ending}"


def loaded_files(paths: Iterable[str]) -> list[str]:
    """Return what a model is loaded from: its settings, tokenizer and weights.

    Weights are taken as safetensors; only a repository without them gives pickled ones.

    >>> loaded_files(["config.json", "model.safetensors", "pytorch_model.bin", "onnx/model.onnx"])
    ['config.json', 'model.safetensors']
    """
    own = [path for path in paths if not path.startswith((*_OTHER_FORMATS, "."))]
    chosen = [path for path in own if path.endswith(_LOADED)]
    if not any(path.endswith(".safetensors") for path in chosen):
        chosen += [path for path in own if Path(path).match("pytorch_model*.bin")]
    return sorted(chosen)


def check_blob(path: str, place: Path) -> None:
    """Check a file in the hub's cache against the checksum that the hub stated.

    The cache keeps a file under its checksum: a SHA-256 for large files, git's own for others.

    Args:
        path: In the repository.
        place: In the cache.

    Raises:
        BackendError: It is damaged; it was deleted, so that it is fetched again.
    """
    blob = place.resolve()
    if len(blob.name) == 64:
        found = sha256_file(blob)
    elif len(blob.name) == 40:
        content = blob.read_bytes()
        found = hashlib.sha1(
            b"blob %d\0" % len(content) + content, usedforsecurity=False
        ).hexdigest()
    else:
        return
    if found != blob.name:
        blob.unlink()
        raise BackendError(
            f"{path}: its checksum is {found}, but the hub states {blob.name}; the download was "
            "damaged and has been deleted. Run again."
        )


def _is_weights(path: str) -> bool:
    return path.endswith((".safetensors", ".bin"))


def _reason(error: Exception) -> str:
    """Return why the hub's client failed, in a few words."""
    kind = type(error).__name__
    if kind == "GatedRepoError":
        return "is gated: accept its terms on its page, then set HF_TOKEN to a token of yours"
    if kind in ("RepositoryNotFoundError", "RevisionNotFoundError", "EntryNotFoundError"):
        return f"answers 404 ({kind})"
    words = str(error).strip().splitlines()
    return f"cannot be had ({kind}{f': {words[0]}' if words else ''})"
