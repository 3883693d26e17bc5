"""Suggestions for mistyped names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of an error message that names the closest known name, or all of them.

    >>> did_you_mean("untargetted", ["untargeted", "targeted"])
    "; did you mean 'untargeted'?"
    """
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; write one of {', '.join(names)}."
