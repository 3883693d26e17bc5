"""Batches: one shape where that matters, smaller ones where memory runs out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from seqattack.models.batch_size import Trial
from seqattack.models.batching import BatchedModel
from seqattack.models.scheduling import compute_now


class Lengths(BatchedModel[str, np.ndarray]):
    """Gives a text's length; its memory may be small, and its results may depend on the batch.

    Args:
        room: Padded sub-tokens that fit into memory.
        sensitive: Whether the number of rows changes a result.
    """

    def __init__(self, batch_tokens: int, *, room: int = 1 << 20, sensitive: bool = False) -> None:
        super().__init__(batch_tokens, longest=64)
        self.room = room
        self.sensitive = sensitive
        self.sizes: list[int] = []

    def length(self, item: str) -> int:
        return len(item)

    def forward(self, items: Sequence[str], length: int) -> Sequence[np.ndarray]:
        if len(items) * length > self.room:
            raise RuntimeError("out of memory")
        self.sizes.append(len(items))
        noise = len(items) * self.sensitive
        return [np.array([len(item) + noise / 1024]) for item in items]

    def probes(self) -> Sequence[str]:
        return ["a", "ab"]

    def arrays(self, result: np.ndarray) -> Sequence[np.ndarray]:
        return (result,)


TEXTS = ["x" * (1 + i % 8) for i in range(19)]


@pytest.mark.parametrize("sensitive", [False, True])
def test_batches_have_one_shape_only_where_that_matters(sensitive: bool) -> None:
    model = Lengths(64, sensitive=sensitive)
    assert model.fixed_shapes == sensitive
    model.sizes.clear()
    found = compute_now(model, TEXTS)
    assert model.sizes == [8, 8, 8 if sensitive else 3]
    noise = {float(each[0]) - len(text) for each, text in zip(found, TEXTS, strict=True)}
    assert noise == ({8 / 1024} if sensitive else {0})
    assert (model.rows, model.batches) == (19, 3)


@pytest.mark.parametrize("sensitive", [False, True])
def test_a_smaller_batch_is_remembered(sensitive: bool) -> None:
    model = Lengths(1024, room=40, sensitive=sensitive)
    found = compute_now(model, TEXTS)
    assert [int(each[0]) for each in found] == [len(text) for text in TEXTS]
    assert model.batch_tokens <= 40
    assert model.fixed_shapes == sensitive
    model.sizes.clear()
    compute_now(model, TEXTS)
    assert max(model.sizes) == model.capacity(8), "and nothing was refused"


def test_another_batch_size_is_measured_anew() -> None:
    model = Lengths(1024)
    assert not model.fixed_shapes
    measured = list(model.sizes)
    model.batch_tokens = 64
    assert not model.fixed_shapes
    assert model.sizes != measured
    model.batch_tokens = 1024
    repeated = list(model.sizes)
    assert not model.fixed_shapes
    assert model.sizes == repeated


def climbed(rates: dict[int, float]) -> list[int]:
    """Return the sizes that a trial goes through where each has a rate, in texts a second."""
    trial = Trial(list(rates))
    sizes = [trial.size]
    for turn in range(100):
        rows = trial.size // 8
        # Longer texts come as often, and the clock is off by as much as half.
        trial.add(8, rows, rows / rates[trial.size] * (1 + turn % 3 / 4))
        trial.add(16, rows // 2, rows / rates[trial.size])
        if trial.size != sizes[-1]:
            sizes.append(trial.size)
    assert trial.is_over
    return sizes


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ({512: 100.0}, [512]),
        ({512: 100.0, 1024: 90.0, 2048: 500.0}, [512, 1024, 512]),
        ({512: 100.0, 1024: 101.0}, [512, 1024, 512]),
        ({512: 100.0, 1024: 110.0, 2048: 90.0}, [512, 1024, 2048, 1024]),
        ({512: 100.0, 1024: 110.0, 2048: 200.0}, [512, 1024, 2048]),
    ],
)
def test_the_fastest_size_is_found(rates: dict[int, float], expected: list[int]) -> None:
    assert climbed(rates) == expected


@pytest.mark.parametrize("sensitive", [False, True])
def test_sizes_are_tried_only_where_they_change_no_result(sensitive: bool) -> None:
    model = Lengths(8, sensitive=sensitive)
    model.try_sizes((64, 128))
    texts = TEXTS * 40
    found = compute_now(model, texts)
    noise = {float(each[0]) - len(text) for each, text in zip(found, texts, strict=True)}
    assert noise == ({8 / 1024} if sensitive else {0})
    assert model.batch_tokens == 64 if sensitive else model.batch_tokens in (64, 128)
    assert (16 in model.sizes) == (not sensitive)


def test_sizes_are_tried_no_longer_where_the_memory_ran_out() -> None:
    model = Lengths(8, room=40)
    model.try_sizes((64, 128))
    compute_now(model, TEXTS * 40)
    assert model.batch_tokens <= 40


def test_an_item_that_does_not_fit_alone_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="out of memory"):
        compute_now(Lengths(64, room=4), TEXTS)


class AtOneSize(Lengths):
    """Adds noise at one number of rows alone, as some kernels do with two threads."""

    def __init__(self, size: int) -> None:
        super().__init__(512)
        self.size = size

    def forward(self, items: Sequence[str], length: int) -> Sequence[np.ndarray]:
        noise = 1 / 1024 if len(items) == self.size else 0
        return [result + noise for result in super().forward(items, length)]


@pytest.mark.parametrize("size", [2, 3, 4, 8, 16, 32])
def test_every_power_of_two_is_probed(size: int) -> None:
    assert AtOneSize(size).fixed_shapes
