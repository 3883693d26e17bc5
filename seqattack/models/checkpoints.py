"""Training jobs that survive a kill: a work folder, published when all is done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch

from seqattack.errors import ConfigError
from seqattack.io import read_json, write_json

REPORT = "training.json"
"""What a finished training's folder holds beside the model."""


@contextmanager
def deterministic(device: str, threads: int | None) -> Iterator[None]:
    """Run a training: so many threads, on a GPU deterministic kernels only, its own precision."""
    # transformers leaves the precision of an earlier training there, and would take it for this.
    os.environ.pop("ACCELERATE_MIXED_PRECISION", None)
    threads_before = torch.get_num_threads()
    kernels_before = torch.are_deterministic_algorithms_enabled()
    if threads is not None:
        torch.set_num_threads(threads)
    if device.startswith("cuda"):
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.set_num_threads(threads_before)
        torch.use_deterministic_algorithms(kernels_before)


def by_length() -> dict[str, Any]:
    """Return the argument of the Trainer's that puts sentences of like lengths in a batch."""
    from transformers import TrainingArguments

    if any(field.name == "group_by_length" for field in fields(TrainingArguments)):
        return {"group_by_length": True}  # before transformers 5
    return {"train_sampling_strategy": "group_by_length"}


def check_output(output: Path) -> None:
    """Refuse a folder that a finished model must not replace.

    Raises:
        ConfigError: Something else than a model is there.
    """
    if output.is_dir() and (not any(output.iterdir()) or (output / "config.json").is_file()):
        return
    if output.exists():
        raise ConfigError(
            f"{output}: something else than a model is there and would be lost; choose another "
            "output, or remove it yourself."
        )


def work_folder(output: Path, fingerprint: str) -> Path:
    """Return the folder of this training's checkpoints, without those of another training."""
    work = output.with_name(output.name + ".work")
    stamp = work / "fingerprint.json"
    if work.exists() and not (stamp.is_file() and read_json(stamp) == fingerprint):
        shutil.rmtree(work)
    write_json(stamp, fingerprint)
    return work


def last_checkpoint(work: Path) -> str | None:
    """Return the last whole checkpoint, and remove others; the Trainer writes its state last."""
    whole = []
    for folder in work.glob("checkpoint-*"):
        try:
            step = read_json(folder / "trainer_state.json")["global_step"]
            whole.append((step, str(folder)))
        except (OSError, ValueError, KeyError):
            shutil.rmtree(folder)
    return max(whole)[1] if whole else None


def publish(work: Path, output: Path, report: Mapping[str, Any]) -> None:
    """Move the finished model and its report into place, and remove the checkpoints.

    Args:
        work: The training's own folder, which is removed.
        output: Where the model belongs.
        report: What the training measured.
    """
    finished = work / "finished"
    write_json(finished / REPORT, report)
    readable = (finished / REPORT).stat().st_mode & 0o777
    for path in finished.iterdir():  # safetensors makes private files
        path.chmod(readable)
    if output.exists():
        shutil.rmtree(output)
    finished.replace(output)
    shutil.rmtree(work)
