"""Which edits of an adversarial example matter: marks within words, and each edit undone once."""
