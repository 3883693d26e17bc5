"""How well a victim tags."""

from __future__ import annotations

from collections.abc import Sequence

from seqattack.metrics.entities import EntityMetrics, entity_metrics
from seqattack.metrics.summary import entity_counts
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE, tag_class
from seqattack.victim.prediction import decode, predict
from seqattack.victim.victim import Victim


def predicted_tags(victim: Victim, sentences: Sequence[Sentence]) -> list[tuple[str, ...]]:
    """Return a victim's tags of sentences, which are not repaired.

    Args:
        victim: The model.
        sentences: One that is too long for the victim is predicted in overlapping windows.
    """
    predicted = predict(victim, [sentence.tokens for sentence in sentences])
    return [decode(rows, victim.labels) for rows in predicted]


def leak_rate(sentences: Sequence[Sentence], predicted: Sequence[Sequence[str]]) -> float | None:
    """Return the share of the entities' characters that the victim gives another class, or none.

    This is what stays readable where a redactor blackens what the victim finds; spaces between
    tokens do not count. None without an entity. See the goal `leak`.

    Args:
        sentences: With their true tags.
        predicted: The victim's tags.

    Example:
        >>> text = Sentence("s", ("Ana", "Kowalska", "won"), ("B-PER", "I-PER", "O"))
        >>> leak_rate([text], [["B-PER", "O", "B-PER"]])
        0.7272727272727273
    """
    characters = leaked = 0
    for sentence, tags in zip(sentences, predicted, strict=True):
        for token, true, tag in zip(sentence.tokens, sentence.tags, tags, strict=True):
            if true != OUTSIDE:
                characters += len(token)
                leaked += len(token) * (tag_class(tag) != tag_class(true))
    return leaked / characters if characters else None


def evaluate(victim: Victim, sentences: Sequence[Sentence]) -> EntityMetrics:
    """Return the strict entity metrics of a victim's tags, which are not repaired.

    Args:
        victim: The model.
        sentences: Sentences with their true tags; one that is too long for the victim is predicted
            in overlapping windows.
    """
    return entity_metrics([s.tags for s in sentences], predicted_tags(victim, sentences))


def entity_counts_of(victim: Victim, sentences: Sequence[Sentence]) -> list[tuple[int, int, int]]:
    """Return how many entities of each sentence are correct, predicted and true (strict IOB2).

    Args:
        victim: The model.
        sentences: As for `evaluate`.
    """
    answers = predicted_tags(victim, sentences)
    return [entity_counts(s.tags, tags) for s, tags in zip(sentences, answers, strict=True)]
