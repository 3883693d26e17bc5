"""A quick training on sentences of one pattern, and how to kill it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from seqattack.metrics.evaluation import evaluate
from seqattack.sentence import Sentence
from seqattack.victim import training as victim_training
from seqattack.victim.settings import TrainingSettings
from seqattack.victim.training import train

LABELS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
PEOPLE = ("Peter", "Anna", "Maria", "John", "Paul", "Helen")
PLACES = ("London", "Rome", "Leeds", "Paris", "Berlin", "Madrid")


def sentences(split: str, count: int) -> list[Sentence]:
    """Sentences of one pattern with names from two short lists."""
    draw = random.Random(split)
    made = []
    for number in range(count):
        name = (draw.choice(PEOPLE), draw.choice(PEOPLE))[: draw.choice((1, 2))]
        tokens = (*name, "went", "to", draw.choice(PLACES), *("on", "Friday") * (number % 3), ".")
        tags = [*("B-PER", "I-PER")[: len(name)], "O", "O", "B-LOC"]
        tags += ["O"] * (len(tokens) - len(tags))
        made.append(Sentence(f"{split}-{number + 1}", tokens, tuple(tags)))
    return made


TRAIN, DEV, TEST = sentences("train", 48), sentences("dev", 12), sentences("test", 12)
QUICK = TrainingSettings(epochs=3, learning_rate=1e-3, batch_size=8, precision="float32")


def fit(pretrained: Path, output: Path, **changes: Any) -> dict[str, Any]:
    """Train quickly, with other arguments of `train` where they are given."""
    arguments: dict[str, Any] = {
        "labels": LABELS,
        "pretrained": pretrained,
        "output": output,
        "settings": QUICK,
        "device": "cpu",
        "threads": 1,
    }
    arguments |= changes | {"evaluate": evaluate}
    return train(arguments.pop("train", TRAIN), DEV, TEST, **arguments)


class KilledError(Exception):
    """Stands for a kill signal."""


def kill_in_epoch(monkeypatch: pytest.MonkeyPatch, epoch: int) -> None:
    """Make the next trainings die after a step in the middle of an epoch."""

    def on_step_end(self: Any, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.epoch > epoch - 0.6:
            raise KilledError

    monkeypatch.setattr(victim_training._Epochs, "on_step_end", on_step_end)
