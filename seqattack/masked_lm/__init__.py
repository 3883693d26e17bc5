"""Masked language models: words that fit a place in a sentence."""
