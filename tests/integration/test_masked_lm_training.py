"""The training of a masked LM: it learns, and survives being killed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from seqattack.errors import ConfigError
from seqattack.masked_lm import training
from seqattack.masked_lm.settings import MaskedLMSettings
from seqattack.masked_lm.training import HEAD_RATE, MaskedTrainer, train_masked_lm
from seqattack.sentence import Sentence
from tests.helpers.quick_training import DEV, TRAIN, KilledError
from tests.helpers.tiny_models import POSITIONS, make_model

# Checkpoints of less than a second: the Trainer orders them by their numbers, rightly.
pytestmark = pytest.mark.filterwarnings("ignore:mtime may not be reliable:UserWarning")

SETTINGS = MaskedLMSettings(steps=20, learning_rate=1e-3, batch_size=8, precision="float32")
ONE_STEP = replace(SETTINGS, steps=1, warmup_ratio=0.0)
ENCODER = "bert.encoder.layer.1.output.dense.weight"
HEAD = "cls.predictions.transform.dense.weight"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small pretrained model."""
    return make_model(tmp_path_factory.mktemp("small"), "bert-uncased", head="MaskedLM")


def fit(pretrained: Path, output: Path, settings: MaskedLMSettings = SETTINGS) -> dict[str, Any]:
    given: dict[str, Any] = {"pretrained": pretrained, "output": output, "settings": settings}
    return train_masked_lm(TRAIN, DEV, **given, device="cpu", threads=1)


def weights(folder: Path, name: str) -> torch.Tensor:
    return load_file(folder / "model.safetensors")[name]


def test_it_learns(small: Path, tmp_path: Path) -> None:
    learned = fit(small, tmp_path / "learned")
    still = fit(small, tmp_path / "still", replace(SETTINGS, learning_rate=1e-12))
    assert learned["dev_loss"] < 0.9 * still["dev_loss"]
    assert learned["sentences"] == {"train": len(TRAIN), "dev": len(DEV)}


def test_where_nothing_was_masked_there_is_no_held_out_loss(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "MASKED", 1e-9)
    assert fit(small, tmp_path / "made", ONE_STEP)["dev_loss"] is None


@pytest.mark.parametrize("split", ["TRAIN", "DEV"])
def test_sentences_that_are_all_too_long_are_refused(
    small: Path, split: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [Sentence("a-1", ("Leeds",) * POSITIONS, ("O",) * POSITIONS)]
    monkeypatch.setitem(globals(), split, documents)
    with pytest.raises(ConfigError, match=f"at most {POSITIONS} sub-tokens; split the long ones"):
        fit(small, tmp_path / "made")
    assert not list(tmp_path.iterdir())


def test_the_head_learns_faster_than_the_encoder(small: Path, tmp_path: Path) -> None:
    """Adam's first step changes a weight by its rate."""
    fit(small, tmp_path / "still", replace(ONE_STEP, learning_rate=1e-12))
    fit(small, tmp_path / "moved", ONE_STEP)
    encoder, head = (
        float((weights(tmp_path / "moved", name) - weights(tmp_path / "still", name)).abs().max())
        for name in (ENCODER, HEAD)
    )
    assert encoder == pytest.approx(ONE_STEP.learning_rate, rel=0.1)
    assert head == pytest.approx(HEAD_RATE * ONE_STEP.learning_rate, rel=0.1)


def test_the_rate_rises_from_nothing(small: Path, tmp_path: Path) -> None:
    fit(small, tmp_path / "still", replace(ONE_STEP, learning_rate=1e-12))
    fit(small, tmp_path / "warming", replace(ONE_STEP, warmup_ratio=1.0))
    for name in (ENCODER, HEAD):
        before, after = (weights(tmp_path / each, name) for each in ("still", "warming"))
        assert torch.allclose(before, after, atol=1e-9)


def test_a_killed_training_ends_with_the_same_bytes(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed late in the second epoch of six steps, and late in the third."""
    monkeypatch.setattr(training, "CHECKPOINT_STEPS", 5)
    whole = fit(small, tmp_path / "whole")
    output = tmp_path / "killed"
    begun = []
    for last in (11, 17):
        with monkeypatch.context() as patch:
            steps = kill_at(last, patch)
            with pytest.raises(KilledError):
                fit(small, output)
        begun.append(steps[0])
        assert not output.exists()
    steps = kill_at(SETTINGS.steps, monkeypatch)
    resumed = fit(small, output)
    begun.append(steps[0])
    assert 0 == begun[0] < begun[1] < begun[2], "it goes on where it was"
    assert resumed["dev_loss"] == whole["dev_loss"]
    assert resumed["checksum"] == whole["checksum"]


def kill_at(last: int, patch: pytest.MonkeyPatch) -> list[int]:
    """Make the next training die at a step, and return a list that gets the steps before it."""
    real: Any = MaskedTrainer.training_step
    steps: list[int] = []

    def training_step(self: Any, *arguments: Any, **more: Any) -> Any:
        if self.state.global_step == last:
            raise KilledError
        steps.append(self.state.global_step)
        return real(self, *arguments, **more)

    patch.setattr(MaskedTrainer, "training_step", training_step)
    return steps
