"""What a sentence encoder is, and which of them a configuration names."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from seqattack.models.scheduling import Service

Vector = np.ndarray[Any, np.dtype[np.float32]]
"""A sentence embedding of length 1."""

SENTENCE_TRANSFORMERS = "sentence-transformers"
"""The backend for models of the library sentence-transformers."""

USE = "use"
"""The backend for the Universal Sentence Encoder."""

BACKENDS = (SENTENCE_TRANSFORMERS, USE)
"""The values of the config's ``similarity.backend``; the first is the default."""


class SentenceEncoder(Service, Protocol):
    """A service that turns texts into vectors of length 1.

    Attributes:
        name: What tables call it.
        checksum: A checksum of its weights.
    """

    name: str
    checksum: str

    def item(self, text: str) -> Any:
        """Return a text as the service takes it."""
        ...
