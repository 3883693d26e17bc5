"""What a sentence encoder is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from seqattack.models.scheduling import Service

Vector = np.ndarray[Any, np.dtype[np.float32]]
"""A sentence embedding of length 1."""


class SentenceEncoder(Service, Protocol):
    """A service that turns texts into vectors of length 1.

    Attributes:
        name: What tables call it.
        checksum: A checksum of its weights.
    """

    name: str
    checksum: str

    def items(self, texts: list[str]) -> Sequence[Any]:
        """Return texts as the service takes them."""
        ...
