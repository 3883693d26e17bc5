"""How well a victim tags."""

from __future__ import annotations

from collections.abc import Sequence

from seqattack.metrics.entities import EntityMetrics, entity_metrics
from seqattack.metrics.summary import entity_counts
from seqattack.sentence import Sentence
from seqattack.victim.prediction import decode, predict
from seqattack.victim.victim import Victim


def evaluate(victim: Victim, sentences: Sequence[Sentence]) -> EntityMetrics:
    """Return the strict entity metrics of a victim's tags, which are not repaired.

    Args:
        victim: The model.
        sentences: Sentences with their true tags; one that is too long for the victim is predicted
            in overlapping windows.
    """
    return entity_metrics([sentence.tags for sentence in sentences], _tags(victim, sentences))


def entity_counts_of(victim: Victim, sentences: Sequence[Sentence]) -> list[tuple[int, int, int]]:
    """Return how many entities of each sentence are correct, predicted and true (strict IOB2).

    Args:
        victim: The model.
        sentences: As for `evaluate`.
    """
    answers = _tags(victim, sentences)
    return [entity_counts(s.tags, tags) for s, tags in zip(sentences, answers, strict=True)]


def _tags(victim: Victim, sentences: Sequence[Sentence]) -> list[tuple[str, ...]]:
    predicted = predict(victim, [sentence.tokens for sentence in sentences])
    return [tuple(decode(rows, victim.labels)) for rows in predicted]
