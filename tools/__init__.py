"""Makers of generated pages, locks and pictures."""
