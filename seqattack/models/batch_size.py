"""How large a full batch is where nobody says it; a module that imports nothing."""

from __future__ import annotations

BATCH_TOKENS = 512
"""Sub-tokens of a full batch, padding included."""

MOST_BATCH_TOKENS = 2**20
"""The most that may be asked for: what is measured first already fills the memory with more."""
