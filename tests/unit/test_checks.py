"""What a person sets is checked where it enters: options, settings from JSON, and in Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from seqattack.attack.settings import AttackJob, AttackSettings, Machine
from seqattack.errors import ConfigError
from seqattack.masked_lm.settings import MaskedLMSettings
from seqattack.models.job import TrainingJob
from seqattack.scpn.embedded.settings import ScpnSettings
from seqattack.victim.settings import TrainingSettings

SETTINGS: dict[str, Callable[..., Any]] = {
    "attack": lambda **given: AttackSettings(**{"recipe": "clare"} | given),
    "machine": Machine,
    "training": TrainingSettings,
    "masked LM": MaskedLMSettings,
    "SCPN": ScpnSettings,
}
NEVER: tuple[Any, ...] = (math.nan, math.inf, -math.inf, -1, 10**5000, [], {}, "", "\x1b[2J", b"")
"""What no setting may be."""
NONE_ALLOWED = {"timeout", "max_pieces", "max_length", "noise", "embedding_attack"}


def names(make: Callable[..., Any]) -> list[str]:
    return [each.name for each in fields(make())]


CASES = [(kind, name) for kind, make in SETTINGS.items() for name in names(make)]


@pytest.mark.parametrize(("kind", "name"), CASES, ids=[f"{k}, {n}" for k, n in CASES])
def test_no_setting_takes_what_is_never_right(kind: str, name: str) -> None:
    for wrong in (*NEVER, *(() if name in NONE_ALLOWED else (None,))):
        with pytest.raises(ConfigError, match=rf"^{name}: ") as error:
            SETTINGS[kind](**{name: wrong})
        assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("settings", "name", "wrong"),
    [
        ("attack", "max_mispredicted", 0),
        ("attack", "max_mispredicted", 1.01),
        ("attack", "timeout", 0),
        ("attack", "seed", 2**32),
        ("attack", "query_budget", True),
        ("attack", "ascii_only", 1),
        ("machine", "batch_tokens", 10**9),
        ("machine", "precision", "float16"),
        ("machine", "backend", "onnx"),
        ("training", "epochs", 1.0),
        ("training", "learning_rate", 0),
        ("training", "warmup_ratio", 1.5),
        ("SCPN", "hidden", 1),
    ],
)
def test_ranges(settings: str, name: str, wrong: object) -> None:
    with pytest.raises(ConfigError, match=rf"^{name}: "):
        SETTINGS[settings](**{name: wrong})


def test_a_count_that_is_too_large_is_told_how_large_it_may_be() -> None:
    with pytest.raises(ConfigError, match=r"write an integer, 1 to 1000000000\.$"):
        AttackSettings("bae", query_budget=10**10)
    with pytest.raises(ConfigError, match=r"write an integer, 1 or more\.$"):
        AttackSettings("bae", query_budget=0)


def test_what_is_right_is_taken() -> None:
    AttackSettings("clare", seed=2**32 - 1, max_mispredicted=1, timeout=None, max_pieces=None)
    TrainingSettings(learning_rate=1, warmup_ratio=0, weight_decay=0, max_length=None)


@pytest.mark.parametrize("wrong", [None, 5, "x", [], {"settings": None}, {"settings": {"x": 1}}])
def test_jobs_that_are_none(wrong: Any) -> None:
    with pytest.raises(ConfigError, match="settings are not usable"):
        AttackJob.from_json(wrong)
    with pytest.raises(ConfigError, match="settings are not usable"):
        TrainingJob.from_json(wrong, TrainingSettings)


@pytest.mark.parametrize("wrong", [5, [], {"scpn": 5}, {5: {}}])
def test_resources_that_are_none(wrong: Any) -> None:
    with pytest.raises(ConfigError, match=r"^resources"):
        AttackJob(AttackSettings("clare"), wrong)
