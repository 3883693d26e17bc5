"""How a token is disguised or garbled, noise of that kind, and how it is undone; no model."""
