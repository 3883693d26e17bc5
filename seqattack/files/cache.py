"""The folder that fetched files are kept in."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder of fetched files: ``$SEQATTACK_CACHE``, or one in the user's cache."""
    if given := os.environ.get("SEQATTACK_CACHE"):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "seqattack"
