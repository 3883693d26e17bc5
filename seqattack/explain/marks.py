"""What an attack changed, letter by letter, in the original and in the adversarial example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from seqattack.metrics.alignment import aligned_tokens

ALIKE = 0.5
"""The least share of common letters with which two words are compared letter by letter."""


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring letters of a token.

    Args:
        text: The letters; empty where the attack deleted letters.
        changed: Whether the attack changed them.
        idle: Whether the change is not needed; see `seqattack.explain.explanation.Effect`.
    """

    text: str
    changed: bool = False
    idle: bool = False


Marked = tuple[Part, ...]
"""A token in parts."""


def marked_texts(
    original: Sequence[str], adversarial: Sequence[str]
) -> tuple[list[Marked], list[Marked]]:
    """Return the tokens of both texts in parts, aligned as for the modification rate.

    A token without a counterpart is changed as a whole.

    Args:
        original: Tokens before the attack.
        adversarial: Tokens after it.

    >>> before, after = marked_texts(["defender", "won"], ["defener"])
    >>> [[part.text for part in token if part.changed] for token in before], after[0][1].text
    ([['d'], ['won']], '')
    """
    before: list[Marked] = [() for _ in original]
    after: list[Marked] = [() for _ in adversarial]
    for _, i, k in aligned_tokens(original, adversarial):
        if i is not None and k is not None:
            before[i], after[k] = marked_words(original[i], adversarial[k])
        elif i is not None:
            before[i] = (Part(original[i], True),)
        elif k is not None:
            after[k] = (Part(adversarial[k], True),)
    return before, after


def marked_words(old: str, new: str) -> tuple[Marked, Marked]:
    """Return a word and the one that took its place in parts.

    Words that have little in common are changed as a whole.

    Args:
        old: The word before the attack.
        new: The word after it.

    >>> [(part.text, part.changed) for part in marked_words("United", "Untied")[1]]
    [('Un', False), ('t', True), ('i', False), ('', True), ('ed', False)]
    """
    if Levenshtein.normalized_similarity(old, new) < ALIKE:
        return (Part(old, True),), (Part(new, True),)
    codes = Levenshtein.opcodes(old, new)
    return (
        tuple(
            Part(old[c.src_start : c.src_end], c.tag != "equal") for c in codes if c.tag != "insert"
        ),
        tuple(Part(new[c.dest_start : c.dest_end], c.tag != "equal") for c in codes),
    )
