"""How large a full batch is: as somebody says, or the fastest of a few sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Auto = Literal["auto"]
"""What is written for a number that is to be measured."""

BATCH_TOKENS = 512
"""Sub-tokens of a full batch where nobody says it, padding included."""

MOST_BATCH_TOKENS = 2**20
"""The most that may be asked for; with more, the first measurement alone would fill the memory."""

SIZES = {"cpu": (BATCH_TOKENS, 1024, 2048, 4096), "cuda": (4096, 8192, 16384, 32768)}
"""By kind of device, the sizes that are tried, in this order."""

IN_FLIGHT = 32
"""The fewest sentences that share batches where nobody says it."""

TOKENS_OF_SENTENCE = 64
"""Sub-tokens of a batch for each sentence in flight."""

_TURNS = 4
_GAIN = 1.02


def sizes(batch_tokens: int | Auto, device: str) -> tuple[int, ...]:
    """Return the sizes of a full batch that are tried, in sub-tokens.

    Args:
        batch_tokens: The size, or ``auto``.
        device: Where the models run.

    Example:
        >>> sizes(100, "cpu"), sizes("auto", "cuda:1")
        ((100,), (4096, 8192, 16384, 32768))
    """
    if batch_tokens != "auto":
        return (batch_tokens,)
    return SIZES["cuda" if device.startswith("cuda") else "cpu"]


def enough_in_flight(batch_tokens: int) -> int:
    """Return how many sentences fill batches of a size, in sub-tokens.

    Example:
        >>> enough_in_flight(512), enough_in_flight(16384)
        (32, 256)
    """
    return max(IN_FLIGHT, batch_tokens // TOKENS_OF_SENTENCE)


class Trial:
    """Finds the fastest of a few batch sizes from the first full batches that are asked for.

    Batches of one padded length are compared. The sizes are climbed as long as each is faster than
    those before, by more than what a clock is off.

    Args:
        sizes: In sub-tokens, in the order in which they are tried.

    Attributes:
        size: The size to use now.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self.size, *self._next = sizes
        self._best, self._least = self.size, float("inf")
        self._length: int | None = None
        self._seconds: dict[int, list[float]] = {}

    @property
    def is_over(self) -> bool:
        """Whether `size` stays."""
        return not self._next and self.size == self._best

    def add(self, length: int, rows: int, seconds: float) -> None:
        """Count a full batch of `size`, which may change it.

        Args:
            length: The padded length of its texts.
            rows: Its number of texts.
            seconds: What it took.
        """
        if self.is_over or self._length not in (None, length):
            return
        measured = self._seconds.setdefault(length, [])
        measured.append(seconds / rows)
        if len(measured) < _TURNS:
            return
        self._length, self._seconds = length, {}
        if min(measured) * _GAIN > self._least:
            self.stop()
            return
        self._best, self._least = self.size, min(measured)
        if self._next:
            self.size = self._next.pop(0)

    def stop(self) -> None:
        """Go back to the fastest size so far."""
        self.size, self._next = self._best, []
