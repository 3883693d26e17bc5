"""How large a full batch is where nobody says it; a module that imports nothing."""

from __future__ import annotations

BATCH_TOKENS = 512
"""Sub-tokens of a full batch, padding included."""
