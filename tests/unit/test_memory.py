"""What is said when the memory runs out, and what goes on all the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from seqattack.cli.process import one_line_errors
from seqattack.models.batching import BatchedModel, is_out_of_memory
from seqattack.models.scheduling import compute_now


def test_torch_itself_says_it_in_words_that_are_known() -> None:
    with pytest.raises(RuntimeError) as raised:
        torch.empty(1 << 60, dtype=torch.float32)
    assert is_out_of_memory(raised.value)
    with pytest.raises(MemoryError) as refused:
        np.empty(1 << 58)
    assert is_out_of_memory(refused.value)


@pytest.mark.parametrize(
    "said",
    [
        "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: "
        "you tried to allocate 96 bytes. Error code 12 (Cannot allocate memory)",
        "could not create a memory object",
        "CUDA out of memory. Tried to allocate 20.00 MiB",
        "std::bad_alloc",
    ],
)
def test_every_library_says_it_in_its_own_words(said: str) -> None:
    assert is_out_of_memory(RuntimeError(said))


def test_other_errors_are_none_of_memory() -> None:
    assert not is_out_of_memory(RuntimeError("shapes differ"))
    assert not is_out_of_memory(ValueError("memory"))


class Tight(BatchedModel[str, np.ndarray]):
    """Its results depend on the batch, and few rows fit into its memory, also while it is probed.

    Args:
        error: What it raises.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(512, longest=64)
        self.error = error
        self.sizes: list[int] = []

    def length(self, item: str) -> int:
        return len(item)

    def forward(self, items: Sequence[str], length: int) -> Sequence[np.ndarray]:
        if len(items) > 3:
            raise self.error
        self.sizes.append(len(items))
        return [np.array([len(item) + len(items) / 1024]) for item in items]

    def probes(self) -> Sequence[str]:
        return ["a", "ab"]

    def arrays(self, result: np.ndarray) -> Sequence[np.ndarray]:
        return (result,)


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("DefaultCPUAllocator: not enough memory"), torch.OutOfMemoryError],
)
def test_a_halved_batch_is_not_filled_up_again(error: Any) -> None:
    model = Tight(error)
    found = compute_now(model, ["x" * 8] * 13)
    assert len(found) == 13
    assert max(model.sizes) <= 3
    assert len({float(each[0]) for each in found}) == 1  # one shape, so the same bytes


def test_a_command_says_it_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, one_line_errors("seqattack: error"):
        np.empty(1 << 58)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "the memory ran out" in said
    with pytest.raises(RuntimeError, match="shapes"), one_line_errors("seqattack: error"):
        raise RuntimeError("shapes differ")
