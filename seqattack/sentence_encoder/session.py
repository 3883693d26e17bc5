"""One sentence's similarities: the cosine of sentence embeddings, each text embedded once."""

from __future__ import annotations

from collections.abc import Sequence

from seqattack.models.scheduling import Compute, compute_now
from seqattack.sentence_encoder.encoder import SimilarityBackend, Vector


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
