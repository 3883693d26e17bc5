"""Sentences that are longer than a model takes: predicted in overlapping windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from seqattack.sentence import Sentence

OVERLAP = 0.25
"""Share of a window's tokens that the next one has, too."""

Fits = Callable[[Sequence[str]], bool]
"""Whether a model takes a text of these tokens."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a text.

    Args:
        tokens: Its tokens.
        skip: So many of its first tokens are predicted by the window before.
        keep: The tokens after `skip` whose prediction counts.
    """

    tokens: tuple[str, ...]
    skip: int
    keep: int


def windows(tokens: Sequence[str], fits: Fits) -> list[Window]:
    """Return the windows of a text: one if the model takes it whole.

    Each is as long as the model takes and shares a quarter of its tokens with the next; a token
    that both have is predicted by the window whose edge is farther from it. A token that is too
    long alone is cut.

    Args:
        tokens: The text.
        fits: Whether the model takes a text.

    Returns:
        Windows whose kept tokens are the text, in order, each once.

    Example:
        >>> [w.tokens[w.skip : w.skip + w.keep] for w in windows("abcdef", lambda t: len(t) <= 4)]
        [('a', 'b', 'c', 'd'), ('e', 'f')]
    """
    if fits(tokens):
        return [Window(tuple(tokens), 0, len(tokens))]
    tokens = [token if fits([token]) else _cut(token, fits) for token in tokens]
    bounds = list(_bounds(tokens, fits))
    borders = [
        0,
        *((left[1] + right[0] + 1) // 2 for left, right in pairwise(bounds)),
        len(tokens),
    ]
    return [
        Window(tuple(tokens[start:stop]), first - start, last - first)
        for (start, stop), (first, last) in zip(bounds, pairwise(borders), strict=True)
    ]


def _bounds(tokens: Sequence[str], fits: Fits) -> Iterable[tuple[int, int]]:
    """Yield the first token of each window and the one after its last."""
    start = stop = 0
    while stop < len(tokens):
        rest = tokens[start:]
        stop = start + _largest(1, len(rest), partial(_fits_until, rest, fits))
        yield start, stop
        start = max(start + 1, stop - int(OVERLAP * (stop - start)))


def _largest(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the largest number up to `high` for which `holds`; it does for `low`.

    It is looked for near `low` first, since a window is short where a text is long.
    """
    reach = low
    while reach < high and holds(min(2 * reach, high)):
        low = reach = min(2 * reach, high)
    high = min(2 * reach, high)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _fits_until(text: Sequence[str], fits: Fits, end: int) -> bool:
    return fits(text[:end])


def _cut(token: str, fits: Fits) -> str:
    return token[: _largest(1, len(token), lambda end: fits([token[:end]]))]


def leave_out_long(
    sentences: Iterable[Sentence], fits: Fits
) -> tuple[list[Sentence], tuple[str, ...]]:
    """Return the sentences that a model takes whole, and the ids of the others.

    Attacks need whole sentences.

    Args:
        sentences: All sentences.
        fits: Whether the model takes a text.
    """
    sentences = list(sentences)
    kept = [sentence for sentence in sentences if fits(sentence.tokens)]
    names = {sentence.id for sentence in kept}
    return kept, tuple(sentence.id for sentence in sentences if sentence.id not in names)


def left_out_line(ids: Sequence[str]) -> str:
    """Return what to say of sentences that were left out.

    >>> left_out_line(["test-3", "test-9"])
    '2 sentence(s) are too long for the victim and were left out: test-3, test-9'
    """
    return f"{len(ids)} sentence(s) are too long for the victim and were left out: {', '.join(ids)}"
