"""Disguises undone: a text as its reader sees it, in the characters that models know."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from seqattack.perturbations.confusables import plain
from seqattack.perturbations.invisible import as_shown, seen

CACHED = 100_000
SHAPES = ("<wide>", "<narrow>", "<font>")
"""The compatibility decompositions of a character that is another one in another shape.

NFKC would do more, which changes what is meant: ``½`` to ``1⁄2``, ``™`` to ``TM``.
"""


def normalise(tokens: Sequence[str]) -> tuple[str, ...]:
    r"""Return the tokens of a text without disguise; one may be empty.

    Text is put into the order in which it is shown, and what has no width is left out. Where most
    letters of the text are Latin, three more things happen. Letters in other shapes (full-width,
    mathematical) become plain. A token that is Latin but for letters that look Latin becomes so.
    Combining marks that Unicode has no single character for are left out. Text in other scripts
    stays as it is.

    Args:
        tokens: Those of one text.

    Example:
        >>> normalise(["L\u043endon", "\u200b", "\uff35\uff2b", "caf\u00e9", "\u00bd"])
        ('London', '', 'UK', 'café', '½')
        >>> normalise(["\u041c\u043e\u0441\u043a\u0432\u0430", "\u0421\u0421\u0421\u0420"])
        ('Москва', 'СССР')
    """
    visible = [_visible(token) for token in tokens]
    folded = [_folded(token) for token in visible]
    letters = [character for token in folded for character in token if character.isalpha()]
    if 2 * sum(map(is_latin, letters)) > len(letters) or not letters:
        return tuple(folded)
    return tuple(visible)


@lru_cache(maxsize=CACHED)
def is_latin(character: str) -> bool:
    """Whether a character is a letter of the Latin script."""
    return "LATIN" in unicodedata.name(character, "")


@lru_cache(maxsize=CACHED)
def _visible(token: str) -> str:
    return token if token.isascii() else seen(as_shown(token))


@lru_cache(maxsize=CACHED)
def _folded(token: str) -> str:
    """Return a token in plain letters; as it is where other scripts are left in it."""
    if token.isascii():
        return token
    shaped = "".join(map(_shaped, token))
    letters = plain()
    latin = "".join(letters.get(character, character) for character in shaped)
    if all(is_latin(character) for character in latin if character.isalpha()):
        shaped = latin
    return _without_loose_marks(shaped)


def _shaped(character: str) -> str:
    """Return a character in its plain shape."""
    shape, _, _ = unicodedata.decomposition(character).partition(" ")
    return unicodedata.normalize("NFKC", character) if shape in SHAPES else character


def _without_loose_marks(token: str) -> str:
    """Return a token without the marks that no composed character takes up, on Latin letters."""
    kept: list[str] = []
    for character in unicodedata.normalize("NFC", token):
        is_mark = unicodedata.combining(character) != 0
        if not (is_mark and kept and (kept[-1].isascii() or is_latin(kept[-1]))):
            kept.append(character)
    return "".join(kept)
