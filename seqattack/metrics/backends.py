"""The backends that measure examples, fetched and tried before any work starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqattack.fetch import Archive, fetch_archive, is_address
from seqattack.metrics.grammar import grammar_backend
from seqattack.metrics.similarity import SimilaritySession, similarity_backend

TEXT = "Leeds sold striker Tony Yeboah to Hamburg ."


def prepare_backends(similarity: Mapping[str, Any], grammar: Mapping[str, Any]) -> dict[str, Any]:
    """Fetch what the backends need, ask each one question, and return what they are.

    Args:
        similarity: The config's ``similarity``.
        grammar: The config's ``grammar``.

    Raises:
        ConfigError: There is no such backend.
        BackendError: One is not installed, not reachable or not intact; the message says what to
            install or to set.
        ModelError: The sentence encoder's model is none.
    """
    if is_address(similarity.get("model") or ""):
        fetch_archive(Archive(similarity["model"], similarity.get("sha256")))
    encoder = similarity_backend(similarity)
    SimilaritySession(encoder).similarities([(TEXT, TEXT)])
    checker = grammar_backend(grammar)
    checker.errors([TEXT])
    return {
        "similarity": {"name": encoder.name, "checksum": encoder.checksum},
        "grammar": {"name": checker.name},
    }
