"""One process at a time, whoever comes and goes, and nothing to clean up after a kill."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from seqattack.errors import SeqAttackError
from seqattack.files.lock import alone
from seqattack.masked_lm.settings import MaskedLMSettings
from seqattack.models.training import Place, run_training
from tests.helpers.stand_in_training import StandInTraining

FORK = multiprocessing.get_context("fork")


def hold_until_killed(lock: Path, held: Path) -> None:
    with alone(lock, "taken"):
        held.touch()
        signal.pause()


def count(lock: Path, counter: Path, times: int) -> None:
    """Add to a number in a file, in a way that loses what another process adds meanwhile."""
    while times:
        try:
            with alone(lock, "taken"):
                value = int(counter.read_text())
                time.sleep(0.0005)
                counter.write_text(str(value + 1))
                times -= 1
        except SeqAttackError:
            time.sleep(0.0005)


def test_a_lock_says_who_holds_it_and_is_free_once_its_holder_is_killed(tmp_path: Path) -> None:
    lock, held = tmp_path / "new" / ".lock", tmp_path / "held"
    holder = FORK.Process(target=hold_until_killed, args=(lock, held))
    holder.start()
    while not held.exists():
        time.sleep(0.01)
    with pytest.raises(SeqAttackError, match=rf"taken \(held by process {holder.pid} on "):
        alone(lock, "taken").__enter__()
    holder.kill()
    holder.join()
    assert lock.exists()
    with alone(lock, "taken"):
        assert lock.read_text().startswith(f"process {os.getpid()} on ")
    assert not lock.exists()


def test_no_two_processes_are_ever_alone(tmp_path: Path) -> None:
    lock, counter = tmp_path / ".lock", tmp_path / "counter"
    counter.write_text("0")
    workers = [FORK.Process(target=count, args=(lock, counter, 40)) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert counter.read_text() == "200"


def test_a_lock_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SeqAttackError, match=r"\.lock: cannot be written \(.+\); choose another"):
        alone(tmp_path / "file" / ".lock", "taken").__enter__()


@dataclass
class Meeting(StandInTraining):
    """A training in which another one into the same folder is tried."""

    place: Place

    def fit(self, work: Path) -> Mapping[str, Any]:
        (work / "checkpoint").touch()
        with pytest.raises(SeqAttackError, match="model: another process is training into this"):
            run_training(self.place, MaskedLMSettings(), lambda: self)
        assert (work / "checkpoint").exists()
        return {"losses": [1.0]}


def test_two_trainings_into_one_folder_do_not_meet(tmp_path: Path) -> None:
    place = Place.of(tmp_path / "model", "cpu", None)
    run_training(place, MaskedLMSettings(), lambda: Meeting(place))
    assert {path.name for path in tmp_path.iterdir()} == {"model"}
    assert (tmp_path / "model" / "training.json").is_file()
