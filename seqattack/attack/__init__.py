"""Attacks: goal functions, transformations, constraints, search, recipes and the engine."""
