"""Models as services of a scheduler: padded rows, full batches, results that no batch changes.

A text's result must not depend on the texts that share its batch. Every text is padded to a length
that follows from its own length alone. Whether the number of rows in a batch changes a result is
measured; where it does (some GPU kernels), partial batches are filled up, so that all batches of a
bucket have one shape.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from seqattack.models.backend import Backend
from seqattack.models.batch_size import Trial
from seqattack.models.memory import is_out_of_memory

if TYPE_CHECKING:
    from torch import Tensor

Item = TypeVar("Item")
Result = TypeVar("Result")

PROBES = (
    ("Reuters", "said", "on", "Friday", "that", "Leeds", "won"),
    ("Reuters", "said", "on", "Friday", "that", "Leeds", "won", "3-1", "in", "Rome", "."),
)
"""Two texts for testing batch invariance; in most models they share a bucket."""


def bucket_length(length: int, longest: int) -> int:
    """Return the padded length of a text: a multiple of 8 that follows from its own length alone.

    Results depend slightly on padding, so a text's padding must not depend on its neighbours.

    Args:
        length: The text's sub-tokens, special tokens included.
        longest: Most sub-tokens that the model takes.

    Example:
        >>> bucket_length(17, 512), bucket_length(24, 512), bucket_length(510, 511)
        (24, 24, 511)
    """
    return min(-(-length // 8) * 8, max(longest, length))


def padded(
    rows: Sequence[Sequence[int]], length: int, pad_id: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return input ids and attention mask, each of shape (rows, `length`).

    Args:
        rows: Sub-token ids, none longer than `length`.
        length: The padded length.
        pad_id: What fills a shorter row.

    Example:
        >>> padded([(5, 6)], 3, pad_id=0)[1].tolist()
        [[1, 1, 0]]
    """
    ids = np.full((len(rows), length), pad_id, dtype=np.int64)
    mask = np.zeros((len(rows), length), dtype=np.int64)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return ids, mask


def model_inputs(
    rows: Sequence[Sequence[int]], length: int, pad_id: int, device: str
) -> dict[str, Tensor]:
    """Return ``input_ids`` and ``attention_mask`` on a device, each of shape (rows, `length`).

    Arrays for a GPU are pinned first, so that the processor does not wait for the copy.

    Args:
        rows: Sub-token ids, none longer than `length`.
        length: The padded length.
        pad_id: What fills a shorter row.
        device: Where the model runs.
    """
    import torch

    arrays = zip(("input_ids", "attention_mask"), padded(rows, length, pad_id), strict=True)
    tensors = {name: torch.from_numpy(array) for name, array in arrays}
    if not device.startswith("cuda"):
        return tensors
    return {
        name: tensor.pin_memory().to(device, non_blocking=True) for name, tensor in tensors.items()
    }


class BatchedModel(ABC, Generic[Item, Result]):
    """A service that sends padded items through a model.

    Args:
        batch_tokens: Sub-tokens in a full batch, padding included.
        longest: Most sub-tokens that the model takes.
        fixed_shapes: Whether to fill partial batches up to the bucket's full size; None measures
            whether that is needed.

    Attributes:
        batch_tokens: As given. It may be changed at any time: batch invariance is measured anew.
            A batch that does not fit into memory lowers it.
        tries_sizes: Whether `try_sizes` has a meaning for it: a batch takes the longer the more
            sub-tokens it has, and nothing else counts.
        backend: What computes its forward passes.
        longest: As given.
        rows: Items sent through the model so far, without those that fill batches up.
        batches: Forward passes so far, each of one batch.
    """

    tries_sizes = True
    backend: Backend = "torch"

    def __init__(self, batch_tokens: int, longest: int, fixed_shapes: bool | None = None) -> None:
        self.batch_tokens = batch_tokens
        self.longest = longest
        self.rows = 0
        self.batches = 0
        self._fixed_shapes = fixed_shapes
        self._measured: dict[int, bool] = {}
        self._invariant_rows = 1  # so many rows change no result
        self._trial: Trial | None = None

    def try_sizes(self, sizes: Sequence[int]) -> None:
        """Find the fastest size of a full batch while batches are asked for.

        Where a batch's size changes results, it is the first.

        Args:
            sizes: In sub-tokens, in the order in which they are tried.
        """
        self.batch_tokens = sizes[0]
        self._trial = Trial(sizes if self.tries_sizes else sizes[:1])

    @abstractmethod
    def length(self, item: Item) -> int:
        """Return an item's number of sub-tokens, special tokens included."""

    @abstractmethod
    def forward(self, items: Sequence[Item], length: int) -> Sequence[Result]:
        """Return one result for each item; all are padded to `length` sub-tokens."""

    @abstractmethod
    def probes(self) -> Sequence[Item]:
        """Return sample items for testing batch invariance."""

    @abstractmethod
    def arrays(self, result: Result) -> Sequence[np.ndarray[Any, Any]]:
        """Return the arrays that a result consists of."""

    @property
    def fixed_shapes(self) -> bool:
        """Whether all batches of a bucket must have one shape for results to be the same bytes."""
        if self._fixed_shapes is not None:
            return self._fixed_shapes
        while self.batch_tokens not in self._measured:
            tokens = self.batch_tokens
            try:
                self._measured[tokens] = not self._is_batch_invariant()
            except (RuntimeError, MemoryError) as error:
                if tokens == 1 or not is_out_of_memory(error):
                    raise
                self.batch_tokens = tokens // 2
        return self._measured[self.batch_tokens]

    def bucket(self, item: Item) -> int:
        """Return the padded length of an item."""
        return bucket_length(self.length(item), self.longest)

    def capacity(self, bucket: int) -> int:
        """Return how many items of a padded length make a full batch."""
        return max(1, self.batch_tokens // bucket)

    def compute(self, bucket: int, items: Sequence[Item]) -> Sequence[Result]:
        """Return the result of each item.

        A batch that does not fit into memory is halved, and all later batches are as small.
        """
        results: list[Result] = []
        while len(results) < len(items):
            batch = self._filled(bucket, items[len(results) :])
            started = time.perf_counter()
            try:
                found = self.forward(batch, bucket)
            except (RuntimeError, MemoryError) as error:
                if len(batch) == 1 or not is_out_of_memory(error):
                    raise
                self.batch_tokens = len(batch) // 2 * bucket
                self._trial = None
                if self.capacity(bucket) >= len(batch):
                    raise
                continue
            results.extend(found[: len(items) - len(results)])
            self.batches += 1
            self._count(bucket, len(batch), time.perf_counter() - started)
        self.rows += len(items)
        return results

    def _count(self, bucket: int, rows: int, seconds: float) -> None:
        """Count what a batch took while sizes are tried, and go on to the next size."""
        trial = self._trial
        if trial is None or trial.is_over or rows < self.capacity(bucket):
            return
        trial.add(bucket, rows, seconds)
        if trial.size != self.batch_tokens:
            self.batch_tokens = trial.size
            if self.fixed_shapes:
                trial.stop()
                self.batch_tokens = trial.size

    def _filled(self, bucket: int, items: Sequence[Item]) -> list[Item]:
        """Return one batch of the items, filled up where all batches must have one shape."""
        batch = list(items[: self.capacity(bucket)])
        if len(batch) < self.capacity(bucket) and self.fixed_shapes:
            size = self.capacity(bucket)  # measuring may have lowered it
            batch = [*batch, *[batch[0]] * (size - len(batch))][:size]
        return batch

    def _is_batch_invariant(self) -> bool:
        probes = self.probes()
        length = max(map(self.bucket, probes))
        alone = [self.arrays(self.forward([probe], length)[0]) for probe in probes]
        rows = self.capacity(16)
        # Kernels are chosen by the number of rows, mostly at powers of two.
        sizes = {2, 3, max(2, rows), *(2**k for k in range(1, rows.bit_length()))}
        for size in sorted(each for each in sizes if each == rows or each > self._invariant_rows):
            batch = list(islice(cycle(zip(probes, alone, strict=True)), size))
            results = self.forward([probe for probe, _ in batch], length)
            for (_, expected), result in zip(batch, results, strict=True):
                if not all(map(np.array_equal, expected, self.arrays(result))):
                    return False
            self._invariant_rows = max(size, self._invariant_rows)
        return True
