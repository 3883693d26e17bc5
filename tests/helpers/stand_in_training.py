"""A training without a model, for what is around every training: locks, disks, checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqattack.models.training import Training


class StandInTraining(Training):
    """Writes a folder that counts as a model; how it fits is up to the test."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """Nothing that one could be told from another by."""
        return {}

    @property
    def data(self) -> Any:
        """No sentences."""
        return []

    def write(self, folder: Path) -> str:
        """Write the folder, and return a checksum."""
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        return "checksum"
