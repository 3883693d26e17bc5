"""The sentence encoder that a configuration names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqattack.errors import ConfigError
from seqattack.files.fetch import Archive, fetch_archive, is_address
from seqattack.sentence_encoder.encoder import (
    BACKENDS,
    SENTENCE_TRANSFORMERS,
    USE,
    SimilarityBackend,
)
from seqattack.sentence_encoder.session import SimilaritySession
from seqattack.suggest import did_you_mean

QUESTION = "Leeds sold striker Tony Yeboah to Hamburg ."


def similarity_backend(
    config: Mapping[str, Any], device: str = "cpu", precision: str = "float32"
) -> SimilarityBackend:
    """Return the backend that the config's ``similarity`` names.

    Args:
        config: ``backend``, and as the schema says ``model``, ``revision`` and ``sha256``.
        device: Where a sentence-transformers model runs: ``auto``, ``cpu`` or ``cuda``.
        precision: Of its forward passes, as for a victim.

    Raises:
        ConfigError: There is no such backend, or it needs a model that is not named.
        BackendError: It is not installed, or its model is not there.
        ModelError: The device is not there.
    """
    name = config.get("backend", SENTENCE_TRANSFORMERS)
    if name == SENTENCE_TRANSFORMERS:
        from seqattack.sentence_encoder.sentence_transformers import SentenceTransformerBackend

        return SentenceTransformerBackend(
            config.get("model"), config.get("revision"), device=device, precision=precision
        )
    if name == USE:
        from seqattack.sentence_encoder.universal import UniversalSentenceEncoder

        if not config.get("model"):
            raise ConfigError(
                "similarity.backend use needs similarity.model: the folder of a SavedModel, or the "
                "address of an archive with one."
            )
        return UniversalSentenceEncoder(config["model"], config.get("sha256"))
    raise ConfigError(f"similarity.backend: unknown {name!r}{did_you_mean(name, BACKENDS)}")


def prepare_similarity(config: Mapping[str, Any]) -> dict[str, str]:
    """Fetch what a backend needs, ask it one question, and return what it is.

    Args:
        config: As for `similarity_backend`.

    Raises:
        ConfigError: There is no such backend.
        BackendError: It is not installed, not reachable or not intact; the message says what to
            install or to set.
        ModelError: The sentence encoder's model is none.
    """
    if is_address(config.get("model") or ""):
        fetch_archive(Archive(config["model"], config.get("sha256")))
    backend = similarity_backend(config)
    SimilaritySession(backend).similarities([(QUESTION, QUESTION)])
    return {"name": backend.name, "checksum": backend.checksum}
