"""The minimal alignment of an original's tokens with those of its adversarial example."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rapidfuzz.distance import Levenshtein


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring tokens that underwent the same edit.

    Args:
        edit: ``equal``, ``replace``, ``insert`` or ``delete``.
        original: Indices of the original's tokens; empty for an insertion.
        adversarial: Indices of the adversarial example's tokens; empty for a deletion.
    """

    edit: str
    original: range
    adversarial: range


def align_tokens(original: Sequence[str], adversarial: Sequence[str]) -> list[Block]:
    """Return the blocks of a minimal alignment, from left to right.

    Args:
        original: Tokens before the attack.
        adversarial: Tokens after it.

    Example:
        >>> for block in align_tokens(["a", "b", "c"], ["a", "x", "c", "d"]):
        ...     print(block.edit, list(block.original), list(block.adversarial))
        equal [0] [0]
        replace [1] [1]
        equal [2] [2]
        insert [] [3]
    """
    return [
        Block(code.tag, range(code.src_start, code.src_end), range(code.dest_start, code.dest_end))
        for code in Levenshtein.opcodes(list(original), list(adversarial))
    ]


def aligned_tokens(
    original: Sequence[str], adversarial: Sequence[str]
) -> Iterator[tuple[str, int | None, int | None]]:
    """Yield the pairs of tokens of a minimal alignment, from left to right.

    Args:
        original: Tokens before the attack.
        adversarial: Tokens after it.

    Yields:
        The block's edit, the original's index (None if the token was inserted) and the adversarial
        example's (None if it was deleted).

    Example:
        >>> list(aligned_tokens(["a", "b"], ["a", "x", "d"]))
        [('equal', 0, 0), ('insert', None, 1), ('replace', 1, 2)]
    """
    for block in align_tokens(original, adversarial):
        for before, after in zip_longest(block.original, block.adversarial):
            yield block.edit, before, after


def modification_rate(original: Sequence[str], adversarial: Sequence[str]) -> float:
    """Return changed tokens / original tokens in a minimal alignment (paper, section 4.1.1).

    A substituted, an inserted and a deleted token each count as one, so the rate can exceed 1.

    Args:
        original: Tokens before the attack.
        adversarial: Tokens after it.

    Example:
        >>> modification_rate(["a", "b", "c", "d"], ["a", "x", "c", "d", "e"])
        0.5
    """
    return Levenshtein.distance(list(original), list(adversarial)) / len(original)


def positional_modification_rate(original: Sequence[str], adversarial: Sequence[str]) -> float:
    """Return places with different tokens / original tokens, without any alignment.

    An inserted token shifts all that follow, so that they count as changed too; a place that only
    one of the texts has counts as well. The paper's 70 % for CLARE (Table 1) is of this size.

    Args:
        original: Tokens before the attack.
        adversarial: Tokens after it.

    Example:
        >>> positional_modification_rate(["a", "b", "c", "d"], ["x", "a", "b", "c", "d"])
        1.25
    """
    places = zip_longest(original, adversarial)
    changed: int = sum(before != after for before, after in places)
    return changed / len(original)


def changed_tokens(original: Sequence[str], adversarial: Sequence[str]) -> frozenset[int]:
    """Return the indices of the adversarial example's substituted and inserted tokens.

    >>> sorted(changed_tokens(["a", "b", "c"], ["a", "x", "c", "d"]))
    [1, 3]
    """
    blocks = align_tokens(original, adversarial)
    return frozenset(i for block in blocks if block.edit != "equal" for i in block.adversarial)


def token_positions(original: Sequence[str], adversarial: Sequence[str]) -> dict[int, int]:
    """Return where each original token that was not deleted stands in the adversarial example.

    >>> token_positions(["a", "b", "c"], ["x", "a", "c"])
    {0: 1, 2: 2}
    """
    return {
        before: after
        for block in align_tokens(original, adversarial)
        for before, after in zip(block.original, block.adversarial, strict=False)
    }
