"""One sentence's similarities: the cosine of sentence embeddings, each text embedded once."""

from __future__ import annotations

from collections.abc import Sequence

from seqattack.models.memo import Memo
from seqattack.models.scheduling import Compute, compute_now
from seqattack.sentence_encoder.encoder import SentenceEncoder, Vector


class SimilaritySession:
    """Similarities of texts, each text embedded once.

    Args:
        encoder: The sentence encoder.
        compute: Has texts embedded, such as a scheduler's `compute`, which batches them with those
            of other sentences.
    """

    def __init__(self, encoder: SentenceEncoder, compute: Compute = compute_now) -> None:
        self._encoder = encoder
        self._memo: Memo[str, Vector] = Memo(compute, encoder)

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the cosine of each pair's embeddings, in [-1, 1], rounded to 4 digits."""
        vectors = self._memo.ask([text for pair in pairs for text in pair], self._encoder.items)
        couples = zip(vectors[::2], vectors[1::2], strict=True)
        return [round(float(left @ right), 4) for left, right in couples]
