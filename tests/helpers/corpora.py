"""Sentences with random words and entities."""

from __future__ import annotations

import random

from seqattack.sentence import Sentence
from seqattack.tags import repair_iob2
from tests.helpers.fake_victim import LABELS
from tests.helpers.tiny_models import WORDS

NEWS = ["minister", "Leeds", "said", "profit", "in", "Jordan", "the", "fell", "O'Neill", "on"]
NEWS += [",", "1996-08-22", "U.S.", "striker", ".", "won"]
MARKETS = ["The", "company", "said", "shares", "rose", "sharply", "10", "1996-08-22"]
MARKETS += ["on", "Monday"]


def corpus(n: int, seed: int = 0) -> list[Sentence]:
    """Return `n` sentences of up to 14 words with random tags, some without an entity."""
    rng = random.Random(seed)
    sentences = []
    for i in range(n):
        tokens = [rng.choice(NEWS) for _ in range(rng.randint(1, 14))]
        tags = repair_iob2([rng.choice(["O", "O", *LABELS]) for _ in tokens])
        sentences.append(Sentence(f"s-{i}", tuple(tokens), tuple(tags)))
    return sentences


def english_corpus(n: int) -> list[Sentence]:
    """Return `n` sentences with one entity of two words, in words that small models know."""
    rng = random.Random(3)
    sentences = []
    for i in range(n):
        tokens = [rng.choice((*MARKETS, *WORDS)) for _ in range(rng.randint(3, 11))]
        tags = ["O"] * len(tokens)
        start = rng.randrange(len(tokens) - 1)
        name = rng.choice(["PER", "LOC"])
        tags[start : start + 2] = [f"B-{name}", f"I-{name}"]
        sentences.append(Sentence(f"s-{i}", tuple(tokens), tuple(tags)))
    return sentences
