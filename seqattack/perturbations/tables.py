"""What characters are taken for or hit instead of others: OCR, keyboards, leet, marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

OCR: Mapping[str, str] = {
    "0": "89oOD",
    "1": "47lI",
    "2": "zZ",
    "5": "8",
    "6": "b",
    "8": "sS@&",
    "9": "gq",
    "o": "u",
    "r": "k",
    "C": "G",
    "O": "DU",
    "E": "B",
}
"""Characters that OCR engines confuse: the table of nlpaug 1.1.11 (Ma, 2019; MIT licence)."""

LEET: Mapping[str, str] = {
    "a": "4@",
    "b": "8",
    "e": "3",
    "g": "9",
    "i": "1!",
    "l": "1",
    "o": "0",
    "s": "5$",
    "t": "7",
    "z": "2",
}
"""Digits and signs that stand for letters, small or capital."""

MARKS = "\u0329\u032f\u0332\u0347\u0353\u035a"
"""Combining marks below a letter that Unicode has no composed character for."""

ACCENTS = "\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u0327"
"""Grave, acute, circumflex, tilde, diaeresis, ring, caron and cedilla, as combining marks."""

CONTRACTIONS: Mapping[str, str] = {
    "n't": "not",
    "'re": "are",
    "'ve": "have",
    "'ll": "will",
    "'m": "am",
}
"""English words that lean on the one before, and how they are written out."""

STEMS: Mapping[str, str] = {"ca": "can", "wo": "will", "sha": "shall"}
"""What stands before ``n't``, where it is not the word itself."""

LAYOUTS: Mapping[str, Sequence[str]] = {
    "qwerty": ("1234567890-", "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "qwertz": ("1234567890ß", "qwertzuiopü", "asdfghjklöä", "yxcvbnm"),
    "azerty": ("1234567890)", "azertyuiop", "qsdfghjklm", "wxcvbn"),
}
"""The keys of a keyboard, row by row; each row lies half a key further right than the last."""


@cache
def confused() -> Mapping[str, str]:
    """Return what OCR may take each character for; the table is read both ways, as in nlpaug.

    >>> confused()["O"], confused()["u"]
    ('DU0', 'o')
    """
    found = dict(OCR)
    for character, others in OCR.items():
        for other in others:
            if character not in found.get(other, ""):
                found[other] = found.get(other, "") + character
    return found


@cache
def neighbours(layout: str) -> Mapping[str, str]:
    """Return the keys beside, above and below each letter and digit of a layout.

    >>> neighbours("qwerty")["s"], neighbours("azerty")["a"]
    ('adwezx', 'z12q')
    """
    rows = LAYOUTS[layout]
    found: dict[str, str] = {}
    for number, row in enumerate(rows):
        above = rows[number - 1] if number else ""
        below = rows[number + 1] if number + 1 < len(rows) else ""
        for place, key in enumerate(row):
            beside = row[max(0, place - 1) : place] + row[place + 1 : place + 2]
            under = below[max(0, place - 1) : place + 1]
            found[key] = beside + above[place : place + 2] + under
    return found
