"""Loads the sentence encoder that a configuration names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqattack.errors import ConfigError
from seqattack.files.artefacts import find_artefact
from seqattack.files.fetch.fetching import fetched_folder
from seqattack.models.backend import BackendChoice
from seqattack.sentence_encoder.encoder import SentenceEncoder
from seqattack.sentence_encoder.session import SimilaritySession
from seqattack.sentence_encoder.settings import BACKENDS, SENTENCE_TRANSFORMERS, UNIVERSAL, USE
from seqattack.suggest import did_you_mean

SAMPLE = "Leeds sold striker Tony Yeboah to Hamburg ."
"""A text to try an encoder with."""


def load_sentence_encoder(
    config: Mapping[str, Any],
    device: str = "cpu",
    precision: str = "float32",
    backend: BackendChoice = "torch",
) -> SentenceEncoder:
    """Load the sentence encoder that the config's ``similarity`` names.

    Args:
        config: ``backend`` and, as the schema says, ``model``, ``artefact`` and ``revision``.
        device: Where a model of sentence-transformers runs: ``auto``, ``cpu`` or ``cuda``.
        precision: The precision of its forward passes, as for a victim.
        backend: What computes them, as for a victim.

    Raises:
        ConfigError: There is no such encoder or artefact.
        BackendError: The encoder or the backend is not installed, or its model is missing.
        ModelError: The device is missing, or the model is not a sentence encoder.
    """
    name = config.get("backend", SENTENCE_TRANSFORMERS)
    if name == SENTENCE_TRANSFORMERS:
        from seqattack.sentence_encoder.sentence_transformers import SentenceTransformersEncoder

        return SentenceTransformersEncoder(
            config.get("model"),
            config.get("revision"),
            device=device,
            precision=precision,
            backend=backend,
        )
    if name == USE:
        from seqattack.sentence_encoder.universal import UniversalSentenceEncoder

        folder = config.get("model")
        if not folder:
            folder = fetched_folder(find_artefact(config.get("artefact", UNIVERSAL)))
        return UniversalSentenceEncoder(folder)
    raise ConfigError(f"similarity.backend: unknown {name!r}{did_you_mean(name, BACKENDS)}")


def prepare_sentence_encoder(config: Mapping[str, Any]) -> dict[str, str]:
    """Try a sentence encoder on one text, and describe it.

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
    encoder = load_sentence_encoder(config)
    SimilaritySession(encoder).similarities([(SAMPLE, SAMPLE)])
    return {"name": encoder.name, "checksum": encoder.checksum}
