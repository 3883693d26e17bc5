"""Where a training with transformers' Trainer runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seqattack.errors import ConfigError
from seqattack.masked_lm.settings import MaskedLMSettings
from seqattack.masked_lm.training import train_masked_lm
from seqattack.models.trainer import trainer_arguments
from seqattack.victim.settings import TrainingSettings
from seqattack.victim.training import train


def train_victim(**given: Any) -> Any:
    return train(test=[], labels=["O"], evaluate=None, settings=TrainingSettings(), **given)  # type: ignore[arg-type]


def train_lm(**given: Any) -> Any:
    return train_masked_lm(settings=MaskedLMSettings(), **given)


@pytest.mark.parametrize("begin", [train_victim, train_lm])
def test_a_further_gpu_is_refused_before_any_work(
    begin: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    refused = r"device cuda:1: .*first GPU; .*CUDA_VISIBLE_DEVICES=1"
    with pytest.raises(ConfigError, match=refused):
        begin(train=[], dev=[], pretrained="x", output=tmp_path / "made", device="cuda:1")
    with pytest.raises(ConfigError, match="sentence"):
        begin(train=[], dev=[], pretrained="x", output=tmp_path / "made", device="cuda:0")


@pytest.mark.parametrize("device", ["cpu", "cpu:0"])
def test_a_processor_may_have_a_number(device: str, tmp_path: Path) -> None:
    arguments = trainer_arguments(tmp_path, device=device, bfloat16=False, batch_size=8, seed=0)
    assert arguments.use_cpu
    assert not arguments.dataloader_pin_memory
