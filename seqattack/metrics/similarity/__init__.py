"""Similarity of two texts: the cosine of their sentence embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from seqattack.errors import ConfigError
from seqattack.fetch import Archive, fetch_archive, is_address
from seqattack.scheduling import Compute, Service, compute_now
from seqattack.suggest import did_you_mean

Vector = np.ndarray[Any, np.dtype[np.float32]]

SENTENCE_TRANSFORMERS = "sentence-transformers"
USE = "use"
BACKENDS = (SENTENCE_TRANSFORMERS, USE)
"""What ``similarity.backend`` may be; the first is the default."""

QUESTION = "Leeds sold striker Tony Yeboah to Hamburg ."


class SimilarityBackend(Service, Protocol):
    """A sentence encoder: a scheduler's service that turns texts into vectors of length 1.

    Attributes:
        name: For tables.
        checksum: Of its weights.
    """

    name: str
    checksum: str

    def item(self, text: str) -> Any:
        """Return a text as the service takes it."""
        ...


class SimilaritySession:
    """Similarities of texts, each text embedded once.

    Args:
        backend: The sentence encoder.
        compute: Such as a scheduler's, which batches texts with other sentences'.
    """

    def __init__(self, backend: SimilarityBackend, compute: Compute = compute_now) -> None:
        self._backend = backend
        self._compute = compute
        self._vectors: dict[str, Vector] = {}

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the cosine of each pair's embeddings, in [-1, 1], rounded to 4 digits."""
        new = [t for t in dict.fromkeys(t for p in pairs for t in p) if t not in self._vectors]
        vectors = self._compute(self._backend, [self._backend.item(text) for text in new])
        self._vectors.update(zip(new, vectors, strict=True))
        return [round(float(self._vectors[a] @ self._vectors[b]), 4) for a, b in pairs]


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
        from seqattack.metrics.similarity.transformer import SentenceTransformerBackend

        return SentenceTransformerBackend(
            config.get("model"), config.get("revision"), device=device, precision=precision
        )
    if name == USE:
        from seqattack.metrics.similarity.universal import UniversalSentenceEncoder

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
