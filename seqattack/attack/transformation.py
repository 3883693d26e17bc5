"""Transformations that make candidates one by one, as they are asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from typing import TypeVar

from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import Transformation

T = TypeVar("T")


class TokenTransformation(Transformation):  # type: ignore[misc]  # TextAttack is untyped
    """A transformation whose candidates are made when they are asked for.

    A step often has more candidates than the query budget has queries left: those are never made.
    """

    @abstractmethod
    def candidates(self, text: TaggedText, indices: Sequence[int]) -> Iterator[TaggedText]:
        """Yield candidates, the most promising first; some may be alike.

        Args:
            text: The text to transform.
            indices: Of the tokens that may be changed, rising.
        """

    def _get_transformations(
        self, current_text: TaggedText, indices_to_modify: Iterable[int]
    ) -> list[TaggedText]:
        return list(self.candidates(current_text, sorted(indices_to_modify)))


def interleaved(columns: Iterable[Sequence[T]]) -> Iterator[T]:
    """Yield the first of each column, then the second, and so on.

    >>> "".join(interleaved(["ad", "b", "cef"]))
    'abcdef'
    """
    missing = object()
    rows = zip_longest(*columns, fillvalue=missing)
    return (each for each in chain.from_iterable(rows) if each is not missing)  # type: ignore[misc]
