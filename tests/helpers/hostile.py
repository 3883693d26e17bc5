"""A file that runs a program when it is loaded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


class Hostile:
    """Makes a folder when an ordinary unpickler loads it.

    Args:
        proof: The folder, which must not be there.
    """

    def __init__(self, proof: Path) -> None:
        self.proof = str(proof)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.proof,)
