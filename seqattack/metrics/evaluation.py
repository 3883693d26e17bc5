"""How well a victim tags."""

from __future__ import annotations

from collections.abc import Sequence

from seqattack.metrics.entities import EntityMetrics, entity_metrics
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
    predicted = predict(victim, [sentence.tokens for sentence in sentences])
    return entity_metrics(
        [sentence.tags for sentence in sentences],
        [decode(rows, victim.labels) for rows in predicted],
    )
