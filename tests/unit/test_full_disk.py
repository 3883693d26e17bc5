"""A training that cannot write says so in one line, and goes on once there is space."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from seqattack.errors import SeqAttackError
from seqattack.masked_lm.settings import MaskedLMSettings
from seqattack.models.training import Place, run_training
from tests.helpers.disk import no_file_larger_than
from tests.helpers.stand_in_training import StandInTraining

WEIGHTS = {"weights": torch.zeros(10_000)}
VOCABULARY = {f"word{number}": number for number in range(5_000)}

WRITERS: dict[str, Callable[[Path], Any]] = {
    "torch": lambda path: torch.save(WEIGHTS, path),
    "safetensors": lambda path: save_file(WEIGHTS, path),
    "tokenizers": lambda path: Tokenizer(WordLevel(VOCABULARY)).save(str(path)),
    "Python": lambda path: path.write_text(json.dumps(VOCABULARY)),
}


@dataclass
class Writing(StandInTraining):
    """A training of two steps, each with a file."""

    save: Callable[[Path], Any]
    steps: int = 0

    def fit(self, work: Path) -> Mapping[str, Any]:
        if not (work / "first").exists():
            (work / "first").touch()
            self.steps += 1
        self.save(work / "second")
        self.steps += 1
        return {}


@pytest.mark.parametrize("name", WRITERS)
def test_a_training_goes_on_once_there_is_space(name: str, tmp_path: Path) -> None:
    training = Writing(WRITERS[name])
    place = Place.of(tmp_path / "model", "cpu", None)
    with (
        no_file_larger_than(5_000),
        pytest.raises(
            SeqAttackError, match=r"model: could not be written \(.+\)\. Free some space"
        ),
    ):
        run_training(place, MaskedLMSettings(), lambda: training)
    assert {path.name for path in tmp_path.iterdir()} == {"model.work"}
    run_training(place, MaskedLMSettings(), lambda: training)
    assert training.steps == 2
    assert {path.name for path in tmp_path.iterdir()} == {"model"}


def test_where_nobody_may_write_it_says_so(tmp_path: Path) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    place = Place.of(tmp_path / "model", "cpu", None)
    with pytest.raises(SeqAttackError, match=r"\(Permission denied\).* make the folder writable"):
        run_training(place, MaskedLMSettings(), lambda: Writing(refuse))


def test_another_error_stays_what_it_is(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        raise ValueError("shapes differ")

    place = Place.of(tmp_path / "model", "cpu", None)
    with pytest.raises(ValueError, match="shapes differ"):
        run_training(place, MaskedLMSettings(), lambda: Writing(fail))
