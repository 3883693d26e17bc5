"""Configurations of runs."""

from __future__ import annotations

from typing import Any


def minimal_config(**changes: Any) -> dict[str, Any]:
    """Return the smallest configuration that is valid, with changes."""
    return {
        "corpus": {"newswire": {"seed": 1, "train": 100, "dev": 10, "test": 50}},
        "pretrained": {"embedded": "minilm"},
        "victims": {"full": {}, "small": {"sentences": 50}},
        "subset": {"size": 20},
        "attacks": {"recipes": ["deepwordbug-i-5"]},
        **changes,
    }
