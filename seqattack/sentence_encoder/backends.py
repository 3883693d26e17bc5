"""Loads the sentence encoder that a configuration names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqattack.errors import ConfigError
from seqattack.files.fetch import Archive, fetch_archive, is_address
from seqattack.sentence_encoder.encoder import (
    BACKENDS,
    SENTENCE_TRANSFORMERS,
    USE,
    SentenceEncoder,
)
from seqattack.sentence_encoder.session import SimilaritySession
from seqattack.suggest import did_you_mean

SAMPLE = "Leeds sold striker Tony Yeboah to Hamburg ."
"""A text to try an encoder with."""


def load_sentence_encoder(
    config: Mapping[str, Any], device: str = "cpu", precision: str = "float32"
) -> SentenceEncoder:
    """Load the sentence encoder that the config's ``similarity`` names.

    Args:
        config: ``backend`` and, as the schema says, ``model``, ``revision`` and ``sha256``.
        device: Where a model of sentence-transformers runs: ``auto``, ``cpu`` or ``cuda``.
        precision: The precision of its forward passes, as for a victim.

    Raises:
        ConfigError: There is no such backend, or it needs a model and none is named.
        BackendError: The backend is not installed, or its model is missing.
        ModelError: The device is missing, or the model is not a sentence encoder.
    """
    name = config.get("backend", SENTENCE_TRANSFORMERS)
    if name == SENTENCE_TRANSFORMERS:
        from seqattack.sentence_encoder.sentence_transformers import SentenceTransformersEncoder

        return SentenceTransformersEncoder(
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


def prepare_sentence_encoder(config: Mapping[str, Any]) -> dict[str, str]:
    """Fetch what a sentence encoder needs, try it on one text, and describe it.

    Args:
        config: As for `load_sentence_encoder`.

    Returns:
        Its name and its checksum.

    Raises:
        ConfigError: There is no such backend.
        BackendError: The backend is not installed, or its model is missing, not reachable or not
            intact; the message says what to install or to set.
        ModelError: The model is not a sentence encoder.
    """
    if is_address(config.get("model") or ""):
        fetch_archive(Archive(config["model"], config.get("sha256")))
    encoder = load_sentence_encoder(config)
    SimilaritySession(encoder).similarities([(SAMPLE, SAMPLE)])
    return {"name": encoder.name, "checksum": encoder.checksum}
