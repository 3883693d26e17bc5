"""Typos: a character of a token swapped, substituted, left out, put in or doubled; random case."""

from __future__ import annotations

import random
import string


def swap_neighbours(word: str, rng: random.Random) -> str:
    """Return `word`, of at least two characters, with two neighbouring ones swapped."""
    i = rng.randrange(len(word) - 1)
    return word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def substitute_character(word: str, rng: random.Random) -> str:
    """Return `word` with one character replaced by a random ASCII letter."""
    i = rng.randrange(len(word))
    return word[:i] + rng.choice(string.ascii_letters) + word[i + 1 :]


def delete_character(word: str, rng: random.Random) -> str:
    """Return `word` without one of its characters."""
    i = rng.randrange(len(word))
    return word[:i] + word[i + 1 :]


def insert_character(word: str, rng: random.Random) -> str:
    """Return `word` with a random ASCII letter put before one of its characters."""
    i = rng.randrange(len(word))
    return word[:i] + rng.choice(string.ascii_letters) + word[i:]


def double_character(word: str, rng: random.Random) -> str:
    """Return `word` with one of its characters twice."""
    i = rng.randrange(len(word))
    return word[:i] + word[i] + word[i:]


def mix_case(word: str, rng: random.Random) -> str:
    """Return `word` with each of its characters in lower or in upper case, by chance."""
    return "".join(rng.choice((c.lower(), c.upper())) for c in word)
