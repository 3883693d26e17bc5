"""A look at the clock between the batches of one sentence's search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from seqattack.models.scheduling import Compute, Service


class SearchOverError(Exception):
    """A limit ends a search in the middle of a step; what was found so far is kept."""


class Lookout:
    """Has models compute in single batches, and looks at a limit before each.

    A step of a search can ask for hundreds of texts at once, which takes a minute if they are long.

    Args:
        compute: Has the items computed, such as a scheduler's `compute`.

    Attributes:
        check: Raises `SearchOverError` where the search must end; until it is set, nothing ends it.
    """

    def __init__(self, compute: Compute) -> None:
        self._compute = compute
        self.check: Callable[[], None] | None = None

    def compute(self, service: Service, items: Sequence[Any]) -> list[Any]:
        """Return the service's result for each item.

        Raises:
            SearchOverError: The search must end.
        """
        results: list[Any] = []
        while len(results) < len(items):
            if self.check is not None:
                self.check()
            first = len(results)
            size = service.capacity(service.bucket(items[first]))
            results += self._compute(service, items[first : first + size])
        return results
