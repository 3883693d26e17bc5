"""A small SCPN, trained on a corpus's own sentences: its parser, its pairs, its training."""
