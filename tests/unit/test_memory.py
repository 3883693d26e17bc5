"""What is said when the memory runs out, and what goes on all the same."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seqattack.cli.process import one_line_errors
from seqattack.models.batching import BatchedModel
from seqattack.models.memory import is_out_of_memory
from seqattack.models.scheduling import compute_now
from seqattack.victim.kinds import load_victim
from tests.helpers.tiny_models import make_model


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
        "could not create a primitive",
        "CUDA out of memory. Tried to allocate 20.00 MiB",
        "std::bad_alloc",
        "libtorch_cpu.so: failed to map segment from shared object",
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


@pytest.mark.parametrize("megabytes", [300, 700])
def test_a_command_says_it_in_one_line_where_no_library_can_be_loaded(
    megabytes: int, tmp_path: Path
) -> None:
    limit = (megabytes * 10**6,) * 2
    words = ["attack", "--model", "x", "--sentences", "x", "--output", str(tmp_path / "output")]
    done = subprocess.run(
        [sys.executable, "-m", "seqattack", *words, "--recipe", "deepwordbug-i-5", "--threads=1"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, limit),
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("seqattack: error: the memory ran out")
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_victim_without_memory_for_its_first_answer_is_not_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("could not create a primitive")

    make_model(tmp_path / "victim", "bert")
    monkeypatch.setattr("seqattack.victim.prediction.predict", fail)
    with pytest.raises(RuntimeError, match="primitive"):
        load_victim(tmp_path / "victim", device="cpu")
