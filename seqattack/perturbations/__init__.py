"""How a token is disguised or garbled, and how disguises are undone; no model, no tags."""
