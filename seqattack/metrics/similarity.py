"""Similarity of two texts: the cosine of their sentence embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from seqattack.errors import BackendError, ConfigError
from seqattack.suggest import did_you_mean


class SimilarityBackend(Protocol):
    """Measures how similar texts are."""

    name: str

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return one similarity a pair, in [-1, 1]."""
        ...


class SentenceTransformerBackend:
    """A sentence-transformers model; all-MiniLM-L6-v2, the embedded one, by default.

    Args:
        path: Folder of the model; None takes the embedded one.

    Raises:
        BackendError: sentence-transformers or the model is missing.
    """

    name = "minilm"

    def __init__(self, path: str | None = None) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise BackendError(
                "similarity.backend minilm needs sentence-transformers; run "
                "`pip install sentence-transformers`."
            ) from error
        from seqattack.victim.pretrained import embedded_model_path

        self._model = SentenceTransformer(path or str(embedded_model_path()), device="cpu")
        self._embeddings: dict[str, Any] = {}

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the cosine of each pair's embeddings, rounded to 4 digits; cached by text."""
        new = [t for t in dict.fromkeys(t for p in pairs for t in p) if t not in self._embeddings]
        if new:
            vectors = self._model.encode(new, normalize_embeddings=True, show_progress_bar=False)
            self._embeddings.update(zip(new, vectors, strict=True))
        return [round(float(self._embeddings[a] @ self._embeddings[b]), 4) for a, b in pairs]


def similarity_backend(config: Mapping[str, Any]) -> SimilarityBackend:
    """Return the backend that the config's ``similarity`` names.

    Raises:
        ConfigError: There is no such backend.
        BackendError: It is not installed.
    """
    backends = {"minilm": SentenceTransformerBackend}
    name = config.get("backend", "minilm")
    if name not in backends:
        raise ConfigError(f"similarity.backend: unknown {name!r}{did_you_mean(name, backends)}")
    return backends[name]()
