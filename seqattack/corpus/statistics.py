"""What is in a corpus: its tags and its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from seqattack.corpus.labels import classes
from seqattack.sentence import Sentence
from seqattack.tags import iob2_tags


def tag_set(sentences: Iterable[Sentence]) -> tuple[str, ...]:
    """Return ``O`` and, for every class in alphabetical order, its ``B-`` and ``I-`` tag."""
    return iob2_tags(sorted(classes(tag for sentence in sentences for tag in sentence.tags)))


def corpus_statistics(sentences: Iterable[Sentence]) -> dict[str, Any]:
    """Return the numbers of sentences, tokens and entities of each class."""
    counts: Counter[str] = Counter()
    total = tokens = 0
    for sentence in sentences:
        total += 1
        tokens += len(sentence.tokens)
        counts.update(entity.label for entity in sentence.entities)
    return {"sentences": total, "tokens": tokens, "entities": dict(sorted(counts.items()))}
