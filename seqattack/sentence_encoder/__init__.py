"""Sentence encoders: the similarity of two texts."""
