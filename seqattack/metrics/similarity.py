"""Similarity of two texts: the cosine of their sentence embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

import numpy as np

from seqattack.batching import PROBES, BatchedModel, padded
from seqattack.errors import BackendError, ConfigError
from seqattack.scheduling import Compute, Service, compute_now
from seqattack.suggest import did_you_mean

Vector = np.ndarray[Any, np.dtype[np.float32]]


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


class SentenceTransformerBackend(BatchedModel[tuple[int, ...], Vector]):
    """A sentence-transformers model; all-MiniLM-L6-v2, the embedded one, by default.

    A longer text than the model takes is cut, as sentence-transformers does.

    Args:
        path: Folder of the model; None takes the embedded one.
        batch_tokens: Sub-tokens, padding included, of a full batch.

    Raises:
        BackendError: sentence-transformers or the model is missing.
    """

    name = "minilm"

    def __init__(self, path: str | None = None, batch_tokens: int = 512) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise BackendError(
                "similarity.backend minilm needs sentence-transformers; run "
                "`pip install sentence-transformers`."
            ) from error
        from seqattack.victim.model import weights_checksum
        from seqattack.victim.pretrained import embedded_model_path

        folder = path or str(embedded_model_path())
        self._model = SentenceTransformer(folder, device="cpu").eval()
        super().__init__(batch_tokens, int(self._model.max_seq_length))
        self.checksum = weights_checksum(folder) or folder

    def item(self, text: str) -> tuple[int, ...]:
        """Return a text's sub-tokens."""
        encoding = self._model.tokenizer(text, truncation=True, max_length=self.longest)
        return tuple(encoding["input_ids"])

    def length(self, item: tuple[int, ...]) -> int:
        """Return the number of sub-tokens."""
        return len(item)

    def forward(self, items: Sequence[tuple[int, ...]], length: int) -> Sequence[Vector]:
        """Return one vector of length 1 a text."""
        import torch

        ids, mask = padded(items, length, int(self._model.tokenizer.pad_token_id or 0))
        features = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
        with torch.inference_mode():
            vectors = self._model(features)["sentence_embedding"]
        unit = torch.nn.functional.normalize(vectors.float(), dim=1).numpy()
        return cast("Sequence[Vector]", list(unit))

    def probes(self) -> Sequence[tuple[int, ...]]:
        """Return texts to measure with whether a batch's size changes a result."""
        return [self.item(" ".join(tokens)) for tokens in PROBES]

    def arrays(self, result: Vector) -> Sequence[Vector]:
        """Return the vector itself."""
        return (result,)


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
