"""One file from the net: resumed where it broke off, tried again, and with its progress shown."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from seqattack.errors import BackendError

TIMEOUT = (10, 60)
"""Seconds to wait for a connection, and for the next piece of an answer."""

RETRIES = 4
"""How often a failed download is tried again."""

_PIECE = 1 << 16
_ANSWERED = range(400, 500)


def download(address: str, path: Path) -> None:
    """Download a file, from where an earlier attempt broke off if the file is still the same.

    pooch, the usual library for this, cannot go on with half a file.

    Args:
        address: Its URL. Certificates are always checked.
        path: Where it is written; `path` with ``.etag`` added remembers which file it is.

    Raises:
        BackendError: It could not be had; what there is of it stays for the next attempt.
    """
    import requests

    for attempt in range(RETRIES + 1):
        try:
            with requests.Session() as session:
                _receive(session, address, path)
            path.with_name(f"{path.name}.etag").unlink(missing_ok=True)
            return
        except (requests.RequestException, ConnectionError) as error:
            answer = getattr(error, "response", None)
            refused = answer is not None and answer.status_code in _ANSWERED
            if attempt == RETRIES or refused or isinstance(error, requests.exceptions.SSLError):
                raise BackendError(f"{address}: {reason(error)}") from error
        time.sleep(2**attempt)


def reason(error: Exception) -> str:
    """Return why a request failed, in a few words.

    Args:
        error: Of the library requests.
    """
    answer = getattr(error, "response", None)
    if answer is not None:
        return f"answers {answer.status_code} {answer.reason}"
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    if type(cause).__name__ == "IncompleteRead":
        return "broke off"
    words = str(getattr(cause, "strerror", None) or cause).strip().splitlines()
    return f"cannot be reached ({words[0] if words else type(error).__name__})"


def _receive(session: Any, address: str, path: Path) -> None:
    """Write an answer to a file; append to what the file has, where the server agrees."""
    import requests

    tag = path.with_name(f"{path.name}.etag")
    has = path.stat().st_size if path.exists() and tag.exists() else 0
    headers = {"Accept-Encoding": "identity"}
    if has:
        headers |= {"Range": f"bytes={has}-", "If-Range": tag.read_text(encoding="utf-8")}
    with session.get(address, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            tag.unlink()
            raise ConnectionError("the file has changed")
        answer.raise_for_status()
        goes_on = answer.status_code == requests.codes.partial_content
        if version := answer.headers.get("ETag") or answer.headers.get("Last-Modified"):
            tag.write_text(version, encoding="utf-8")
        length = answer.headers.get("Content-Length")
        start = has if goes_on else 0
        total = start + int(length) if length else None
        with path.open("ab" if goes_on else "wb") as handle:
            _copy(answer, handle, address, start, total)
    if total is not None and path.stat().st_size < total:
        raise ConnectionError(f"it ended after {path.stat().st_size} of {total} bytes")


def _copy(answer: Any, handle: Any, address: str, start: int, total: int | None) -> None:
    """Copy an answer into an open file, and show how far it is."""
    from tqdm import tqdm

    with tqdm(
        desc=address.rsplit("/", 1)[-1],
        total=total,
        initial=start,
        unit="B",
        unit_scale=True,
        mininterval=0.5 if sys.stderr.isatty() else 10,
    ) as shown:
        for piece in answer.iter_content(_PIECE):
            handle.write(piece)
            shown.update(len(piece))
