"""What a sentence encoder is, and which of them a configuration names."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from seqattack.models.scheduling import Service

Vector = np.ndarray[Any, np.dtype[np.float32]]


SENTENCE_TRANSFORMERS = "sentence-transformers"


USE = "use"


BACKENDS = (SENTENCE_TRANSFORMERS, USE)
"""What ``similarity.backend`` may be; the first is the default."""


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
