"""How far an adversarial example is from its original."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rapidfuzz.distance import Levenshtein

if TYPE_CHECKING:
    from collections.abc import Sequence


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


def changed_tokens(original: Sequence[str], adversarial: Sequence[str]) -> frozenset[int]:
    """Return the indices of adversarial tokens that are substituted or inserted.

    >>> sorted(changed_tokens(["a", "b", "c"], ["a", "x", "c", "d"]))
    [1, 3]
    """
    from rapidfuzz.distance import Levenshtein

    edits = Levenshtein.editops(list(original), list(adversarial))
    return frozenset(edit.dest_pos for edit in edits if edit.tag != "delete")
