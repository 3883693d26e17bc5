"""How far an adversarial example is from its original, and how wrong its tags are."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from seqattack.tags import entity_tokens, tag_class


def modification_rate(original: Sequence[str], adversarial: Sequence[str]) -> float:
    """Return the changed tokens of a minimal alignment by the original's tokens (paper, 4.1.1).

    A substituted, an inserted and a deleted token count one each, so the rate can exceed 1.

    Args:
        original: Tokens before the attack.
        adversarial: Tokens after it.

    Example:
        >>> modification_rate(["a", "b", "c", "d"], ["a", "x", "c", "d", "e"])
        0.5
    """
    return Levenshtein.distance(list(original), list(adversarial)) / len(original)


def labels_score(tags: Sequence[str], predicted: Sequence[str], strict: bool = False) -> float:
    """Return the share of entity tokens that are wrong, in [0, 1]; 0 without any (paper, 4.1.1).

    Args:
        tags: Gold IOB2 tags.
        predicted: The victim's tags.
        strict: Compare classes only, so that a flip between B and I is no error.
    """
    tokens = entity_tokens(tags)
    if not tokens:
        return 0.0
    same = (lambda a, b: tag_class(a) == tag_class(b)) if strict else (lambda a, b: a == b)
    return sum(not same(tags[i], predicted[i]) for i in tokens) / len(tokens)
