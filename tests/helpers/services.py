"""A service that computes without a model."""

from __future__ import annotations

from collections.abc import Sequence


class Squares:
    """Squares numbers in batches of at most four of the same parity."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def bucket(self, item: int) -> int:
        return item % 2

    def capacity(self, bucket: int) -> int:
        return 4

    def compute(self, bucket: int, items: Sequence[int]) -> list[int]:
        assert len(items) <= 4
        assert all(item % 2 == bucket for item in items)
        self.batches.append(list(items))
        return [item * item for item in items]
