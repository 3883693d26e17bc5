"""A small run of an attack from Python."""

from __future__ import annotations

import seqattack
from seqattack.sentence import Sentence
from tests.helpers.fake_victim import FakeVictim

SENTENCES = [
    Sentence(name, tuple(tokens.split()), tuple(tags.split()))
    for name, tokens, tags in (
        ("a", "Ann visited Berlin on Monday .", "B-PER O B-LOC O O O"),
        ("b", "=Bob met Cy Dee in Rome", "B-PER O B-PER I-PER O B-LOC"),
        ("c", "It rained all day", "O O O O"),
    )
]


def small_run() -> seqattack.AttackRun:
    """Return a run on `SENTENCES`, made anew."""
    return seqattack.attack(FakeVictim(), SENTENCES, "deepwordbug-i-5", query_budget=60)
