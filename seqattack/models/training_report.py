"""What a training tells of itself: the file beside the finished model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seqattack.io import read_json

REPORT = "training.json"
"""The file's name in the model's folder."""


def read_report(folder: str | Path) -> dict[str, Any]:
    """Return the report of the training that made a model; empty where there is none.

    Args:
        folder: The model's; what is no folder has no report.
    """
    path = Path(folder) / REPORT
    found: dict[str, Any] = read_json(path) if path.is_file() else {}
    return found
