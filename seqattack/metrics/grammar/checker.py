"""The protocol of grammar checkers, and their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

HARPER = "harper"
"""The embedded checker of English."""

LANGUAGETOOL = "languagetool"
"""The paper's checker, which needs a server or Java."""

BACKENDS = (HARPER, LANGUAGETOOL)
"""The values of the config's ``grammar.backend``; the first is the default."""


class GrammarBackend(Protocol):
    """Counts grammar errors.

    Attributes:
        name: What tables call it.
    """

    name: str

    def errors(self, texts: Sequence[str]) -> list[int]:
        """Return the number of errors in each text."""
        ...
