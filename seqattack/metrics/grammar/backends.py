"""Loads the grammar checker that a configuration names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqattack.errors import ConfigError
from seqattack.metrics.grammar.checker import BACKENDS, HARPER, LANGUAGETOOL, GrammarBackend
from seqattack.suggest import did_you_mean


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
    """Try a grammar checker on one text, and describe it.

    Args:
        config: As for `grammar_backend`.

    Returns:
        Its name.

    Raises:
        ConfigError: There is no such backend.
        BackendError: It is not installed, or its server does not answer.
    """
    backend = grammar_backend(config)
    backend.errors(["Leeds sold striker Tony Yeboah to Hamburg ."])
    return {"name": backend.name}
