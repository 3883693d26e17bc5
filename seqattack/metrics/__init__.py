"""Metrics of victims and attacks."""
