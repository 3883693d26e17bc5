"""Characters that a reader does not see, and text in the order in which it is shown."""

from __future__ import annotations

import re

ZERO_WIDTH = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff")
"""Space, non-joiner, joiner, word joiner and no-break space, all without width."""

OVERRIDE, POP = "\u202e", "\u202c"
"""What follows the first is shown from right to left, up to the second."""

BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Marks, embeddings, overrides and isolates, as a class of a regular expression."""

_OVERRIDDEN = re.compile(f"{OVERRIDE}([^{BIDI}]*)(?:{POP}|$)")
_BIDI = re.compile(f"[{BIDI}]")
_UNSEEN = re.compile("[\u00ad\u034f\u180b-\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff]")
_JOINERS = re.compile("(^|.)[\u200c\u200d\ufe00-\ufe0f]+", re.DOTALL)


def as_shown(token: str) -> str:
    r"""Return a token in the order in which it is shown, without bidirectional controls.

    Example:
        >>> as_shown("L" + OVERRIDE + "no" + POP + "don")
        'London'
    """
    return _BIDI.sub("", _OVERRIDDEN.sub(lambda match: match[1][::-1], token))


def seen(token: str) -> str:
    r"""Return a token without the characters that have no width.

    Joiners and variation selectors stay behind a character that is not ASCII: Persian, the
    languages of India and emoji need them.

    Example:
        >>> seen("Lon\u200bdon"), seen("\u0645\u06cc\u200c") == "\u0645\u06cc\u200c"
        ('London', True)
    """
    return _JOINERS.sub(_without_joiners, _UNSEEN.sub("", token))


def _without_joiners(match: re.Match[str]) -> str:
    return match[1] if match[1].isascii() else match[0]
