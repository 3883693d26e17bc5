"""Grammar errors of a tokenized text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from seqattack.errors import ConfigError
from seqattack.suggest import did_you_mean

HARPER = "harper"
LANGUAGETOOL = "languagetool"
BACKENDS = (HARPER, LANGUAGETOOL)
"""What ``grammar.backend`` may be; the first is the default."""


class GrammarBackend(Protocol):
    """Counts grammar errors."""

    name: str

    def errors(self, texts: Sequence[str]) -> list[int]:
        """Return the number of errors of each text."""
        ...


def grammar_backend(config: Mapping[str, Any]) -> GrammarBackend:
    """Return the backend that the config's ``grammar`` names.

    Args:
        config: ``backend`` and, for LanguageTool, ``server``.

    Raises:
        ConfigError: There is no such backend.
        BackendError: It is not installed, or its server does not answer.
    """
    name = config.get("backend", HARPER)
    if name == HARPER:
        from seqattack.metrics.grammar.harper import HarperBackend

        return HarperBackend()
    if name == LANGUAGETOOL:
        from seqattack.metrics.grammar.languagetool import LanguageToolBackend

        return LanguageToolBackend(config.get("server"))
    raise ConfigError(f"grammar.backend: unknown {name!r}{did_you_mean(name, BACKENDS)}")


def prepare_grammar(config: Mapping[str, Any]) -> dict[str, str]:
    """Ask a backend one question, and return what it is.

    Args:
        config: As for `grammar_backend`.

    Raises:
        ConfigError: There is no such backend.
        BackendError: It is not installed, or its server does not answer.
    """
    backend = grammar_backend(config)
    backend.errors(["Leeds sold striker Tony Yeboah to Hamburg ."])
    return {"name": backend.name}
