"""The output of a victim: for each token, the probability of each tag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Probabilities = np.ndarray[Any, np.dtype[np.float32]]


def one_hot(tags: Sequence[str], labels: Sequence[str]) -> Probabilities:
    """Return a 1 for each token's tag and else 0, of shape (tokens, tags).

    Args:
        tags: One for each token.
        labels: All tags, in the order of their columns.

    Example:
        >>> one_hot(["B-LOC", "O"], ("O", "B-LOC")).tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    ids = {label: index for index, label in enumerate(labels)}
    return np.eye(len(labels), dtype=np.float32)[[ids[tag] for tag in tags]]


def with_tags(rows: np.ndarray[Any, Any], ids: Sequence[int]) -> Probabilities:
    """Return probabilities whose most probable tag is a given one for each token.

    Where another tag is more probable, the two exchange their probabilities, so rows keep their
    sum.

    Args:
        rows: Of shape (tokens, tags).
        ids: Column of each token's tag.

    Example:
        >>> with_tags(np.array([[0.5, 0.25, 0.25]]), [2]).tolist()
        [[0.25, 0.25, 0.5]]
    """
    made: Probabilities = rows.astype(np.float32)
    at, wanted = np.arange(len(made)), np.asarray(ids, dtype=np.intp)
    best = made.argmax(axis=1)
    made[at, best], made[at, wanted] = made[at, wanted], made[at, best]
    tied = made.argmax(axis=1) != wanted
    made[at[tied], wanted[tied]] = np.nextafter(made.max(axis=1)[tied], np.float32(2))
    return made


def voted(rows: Probabilities, widths: Sequence[int], first: Sequence[int]) -> Probabilities:
    """Return the probabilities of tokens whose sub-tokens vote, as the published code has it.

    Each sub-token votes for its most probable tag, with that tag's probability times its number of
    characters. Probabilities are means over characters; where the tag with the most votes is not
    the most probable one, the two exchange their probabilities.

    Args:
        rows: The sub-tokens' probabilities, of shape (sub-tokens, tags).
        widths: Characters of each sub-token.
        first: Row of each token's first sub-token, rising.

    Returns:
        Of shape (tokens, tags).

    Example:
        >>> rows = np.array([[0.75, 0.25], [0.25, 0.75]], dtype=np.float32)
        >>> voted(rows, [1, 3], [0]).tolist()
        [[0.375, 0.625]]
    """
    characters = np.asarray(widths, dtype=np.float32)
    votes = np.zeros_like(rows)
    votes[np.arange(len(rows)), rows.argmax(axis=1)] = characters * rows.max(axis=1)
    totals = np.add.reduceat(characters, first)[:, None]
    means = np.add.reduceat(rows * characters[:, None], first) / totals
    return with_tags(means, np.add.reduceat(votes, first).argmax(axis=1).tolist())
