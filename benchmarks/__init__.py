"""Measurements of the attacks, the application and the pipeline."""
