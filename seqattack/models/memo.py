"""What a model was asked for already, so that it is asked for everything once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from seqattack.models.scheduling import Compute, Service

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


class Memo(Generic[Key, Result]):
    """Results of a service by key, each computed once.

    Args:
        compute: Has items computed, such as a scheduler's `compute`, which batches them with those
            of other sentences.
        service: Computes the items.

    Attributes:
        computed: Items that the service has computed.
    """

    def __init__(self, compute: Compute, service: Service) -> None:
        self.computed = 0
        self._compute = compute
        self._service = service
        self._results: dict[Key, Result] = {}

    def ask(
        self, keys: Sequence[Key], items: Callable[[list[Key]], Sequence[Any]] = lambda keys: keys
    ) -> list[Result]:
        """Return the result for each key; those that are missing are computed together.

        Args:
            keys: What is wanted; a key may occur several times.
            items: Turns keys into what the service takes; left out where it takes the keys.
        """
        missing = [key for key in dict.fromkeys(keys) if key not in self._results]
        found = self._compute(self._service, items(missing))
        self.computed += len(missing)
        self._results.update(zip(missing, found, strict=True))
        return [self._results[key] for key in keys]
