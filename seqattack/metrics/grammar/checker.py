"""The interface of a grammar checker, and the names of those that there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

HARPER = "harper"
LANGUAGETOOL = "languagetool"

BACKENDS = (HARPER, LANGUAGETOOL)
"""The values of ``grammar.backend``; the first is the default."""


class GrammarBackend(Protocol):
    """Counts grammar errors."""

    name: str

    def errors(self, texts: Sequence[str]) -> list[int]:
        """Return the number of errors of each text."""
        ...
