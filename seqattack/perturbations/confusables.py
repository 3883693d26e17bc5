"""Characters that look like the letters and digits of ASCII (Unicode's UTS #39)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "lookalikes.txt"


@cache
def lookalikes() -> Mapping[str, str]:
    """Return, for each letter and digit of ASCII, what looks like it, by code point.

    Of two characters that look alike, UTS #39 says that they have the same skeleton. Letters of
    the European languages are left out, so ``ı`` is no disguise of ``i``.

    Example:
        >>> lookalikes()["a"][:4] == "\u0251\u03b1\u0430\uff41"
        True
    """
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if not line.startswith("#"))
    return dict(pairs)


@cache
def plain() -> Mapping[str, str]:
    """Return, for each character that looks like one of ASCII, that one.

    Example:
        >>> plain()["\u0406"], plain()["\u0430"]
        ('I', 'a')
    """
    return {other: letter for letter, others in lookalikes().items() for other in others}
