"""A run: its configuration, its sentences, its adversarial training, what made it."""
