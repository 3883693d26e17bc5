"""Artefacts from outside: fetched once into the cache, checked, and found there again."""
