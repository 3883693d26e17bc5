"""What all trainings with transformers' Trainer share: its arguments, its history, its model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from seqattack.errors import ConfigError
from seqattack.files.checksums import sha256_file
from seqattack.models.deferred import deferred

with deferred():
    from transformers import Trainer, TrainerCallback, TrainingArguments

__all__ = [
    "IGNORED",
    "Trainer",
    "TrainerCallback",
    "check_trainer_device",
    "losses",
    "save_model",
    "trainer_arguments",
]

IGNORED = -100
"""The label of a sub-token that the loss leaves out, as in torch."""

LOGGING_STEPS = 50
"""Steps between two entries of the loss history."""


def check_trainer_device(device: str) -> None:
    """Refuse a GPU that is not the first: the Trainer trains on no other.

    Args:
        device: ``cpu``, ``cuda`` or ``cuda:N``.

    Raises:
        ConfigError: It is a further GPU.
    """
    number = device.partition(":")[2]
    if device.startswith("cuda") and int(number or 0):
        raise ConfigError(
            f"device {device}: a training runs on the first GPU; write cuda and choose the GPU "
            f"with CUDA_VISIBLE_DEVICES={int(number)}."
        )


def trainer_arguments(
    work: Path, *, device: str, bfloat16: bool, batch_size: int, seed: int, **own: Any
) -> TrainingArguments:
    """Return the Trainer's arguments.

    Args:
        work: Folder of the checkpoints, of which the last one is kept.
        device: ``cpu`` or ``cuda``, perhaps with the number 0.
        bfloat16: Whether to train with bfloat16 autocast.
        batch_size: Sentences in a step.
        seed: Seed of dropout and of the order of the sentences.
        **own: The arguments that differ from model to model: steps, learning rate, checkpoints.
    """
    is_cpu = device.startswith("cpu")
    arguments = TrainingArguments(
        output_dir=str(work),
        per_device_train_batch_size=batch_size,
        seed=seed,
        bf16=bfloat16,
        use_cpu=is_cpu,
        save_total_limit=1,
        logging_steps=LOGGING_STEPS,
        report_to=[],
        disable_tqdm=False,
        dataloader_pin_memory=not is_cpu,
        **_by_length(),
        **own,
    )
    # Several GPUs would share a batch, and the weights would depend on how many there are.
    arguments._n_gpu = min(arguments.n_gpu, 1)
    return arguments


def losses(trainer: Any, keys: Sequence[str]) -> list[dict[str, float]]:
    """Return the loss history.

    Args:
        trainer: A Trainer that has trained.
        keys: What each entry tells, such as ``step`` and ``loss``.
    """
    history = trainer.state.log_history
    return [{key: entry[key] for key in keys} for entry in history if "loss" in entry]


def save_model(model: Any, tokenizer: Any, folder: Path) -> str:
    """Write a model and its tokenizer into a folder, and return the SHA-256 of the weights.

    Args:
        model: A model of transformers.
        tokenizer: Its tokenizer.
        folder: Where to.
    """
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return sha256_file(folder / "model.safetensors")


def _by_length() -> dict[str, Any]:
    """Return the Trainer's argument that puts sentences of similar lengths into one batch."""
    if any(field.name == "group_by_length" for field in fields(TrainingArguments)):
        return {"group_by_length": True}  # before transformers 5
    return {"train_sampling_strategy": "group_by_length"}
