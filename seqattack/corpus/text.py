"""The text of a file, or one clear line where its encoding is not UTF-8."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from seqattack.errors import CorpusError
from seqattack.integrity import check
from seqattack.io import is_special

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HALF_CHARACTER = re.compile(rb"\xed[\xa0-\xbf]")


def read_text(path: str | Path) -> str:
    """Return a file's text without its byte-order mark.

    Raises:
        CorpusError: The file can't be read or is not UTF-8; the message names the line.
        IntegrityError: It is a run's and changed since it was made.
    """
    check_regular(path)
    check(path)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    return decode(path, data)


def check_regular(path: str | Path) -> None:
    """Refuse a device or a pipe, which may have no end and can't be read twice.

    Raises:
        CorpusError: The path is one.
    """
    if is_special(Path(path)):
        raise CorpusError(f"{path}: is a device or a pipe; save it in a file first.")


def decode(path: str | Path, data: bytes) -> str:
    """Return the text in a file's bytes.

    Args:
        path: The file, for messages.
        data: Its bytes.

    Raises:
        CorpusError: They are not UTF-8; the message names the line.
    """
    if data.startswith(_UTF16) or data[:200].count(0) > len(data[:200]) / 4:
        raise CorpusError(
            f"{path}:1: not UTF-8; convert the file from UTF-16: "
            "iconv -f UTF-16 -t UTF-8 OLD > NEW."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The text of the codec begins after the mark, and so does its count.
        start = error.start + (3 if data.startswith(codecs.BOM_UTF8) else 0)
        line = data[:start].count(b"\n") + 1
        raise CorpusError(f"{path}:{line}: not UTF-8; {_cure(data, start)}") from error


def split_lines(text: str) -> list[str]:
    """Return the lines of a text; unlike `str.splitlines`, only line ends separate them."""
    return re.split("\r\n|\n|\r", text)


def _cure(data: bytes, start: int) -> str:
    found = data[start : start + 3]
    if _HALF_CHARACTER.match(found):
        return (
            f"convert the file: {found.hex(' ').upper()} is half a character, as programs with "
            "UTF-16 inside write emoji (CESU-8); join the halves or remove them."
        )
    return (
        f"convert the file: the byte {found[:1].hex().upper()} would be "
        f"{found[:1].decode('latin-1')!r} in Latin-1 (iconv -f LATIN1 -t UTF-8 OLD > NEW)."
    )
