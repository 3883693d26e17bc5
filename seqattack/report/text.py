"""Text from files made safe to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


LONGEST = 60
"""Most characters of a token that are shown."""


def printable(text: str) -> str:
    r"""Return `text` with control and bidirectional characters made visible.

    A token from a file can then neither move the cursor nor reorder what is around it.

    >>> print(printable("a" + chr(27) + "[31mb"))
    a\x1b[31mb
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def clipped(text: str) -> str:
    """Return a token, tag or id as it is shown: printable, its middle left out if it is long.

    >>> clipped("a" * 30 + "b" * 1000 + "c" * 30) == "a" * 30 + "…" + "c" * 29
    True
    """
    if len(text) > LONGEST:
        half = LONGEST // 2
        text = f"{text[:half]}…{text[1 - half :]}"
    return printable(text)
