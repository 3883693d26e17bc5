"""Trainings that survive a kill: a work folder, published when everything is done."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from seqattack import integrity
from seqattack.errors import ConfigError, SeqAttackError
from seqattack.io import beside, read_json, write_json
from seqattack.models.training_report import REPORT

_UNWRITABLE = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
)
"""What the system says where a disk is full, a quota or a limit is reached, or nobody may write."""

_TORCH_WRITER = "inline_container"
"""What torch names, and little else, where it cannot write a file."""


@contextmanager
def deterministic(device: str, threads: int | None) -> Iterator[None]:
    """Run a training so that it can be repeated: fixed threads, deterministic kernels.

    Args:
        device: ``cpu`` or ``cuda``; only a GPU has kernels that are not deterministic.
        threads: Processor threads; None is torch's default.
    """
    # transformers leaves the precision of an earlier training here, and would use it again.
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


def check_output(output: Path) -> None:
    """Refuse a folder that a finished model must not replace.

    Raises:
        ConfigError: It holds something other than a model that was trained here.
    """
    if output.is_dir() and (not any(output.iterdir()) or (output / REPORT).is_file()):
        return
    if output.exists():
        raise ConfigError(
            f"{output}: what is there was not trained by SeqAttack and would be lost; choose "
            "another output, or remove it yourself."
        )


@contextmanager
def named_write_errors(output: Path) -> Iterator[None]:
    """Turn what libraries raise where a model cannot be written into an error that says what to do.

    Args:
        output: Folder of the finished model.

    Raises:
        SeqAttackError: The disk is full, a quota is reached, or nobody may write there.
    """
    try:
        yield
    except Exception as error:
        reason = _write_failure(error)
        if reason is None:
            raise
        raise SeqAttackError(
            f"{output}: could not be written ({reason}). Free some space, or make the folder "
            "writable, and run the same command again: it goes on from the last checkpoint."
        ) from error


def _write_failure(error: Exception) -> str | None:
    """Return why something could not be written; None for an error of another kind."""
    said = re.search(r"\(os error (\d+)\)", str(error))  # so do libraries written in Rust
    number = error.errno if isinstance(error, OSError) else int(said[1]) if said else None
    if number in _UNWRITABLE:
        return os.strerror(number)
    return "is the disk full?" if _TORCH_WRITER in str(error) else None


def work_folder(output: Path, fingerprint: str) -> Path:
    """Return the folder of a training's checkpoints; those of another training are removed.

    Args:
        output: Folder of the finished model.
        fingerprint: A checksum of everything that the weights depend on.
    """
    work = beside(output, integrity.WORK)
    stamp = work / "fingerprint.json"
    if work.exists() and not (stamp.is_file() and read_json(stamp) == fingerprint):
        shutil.rmtree(work)
    write_json(stamp, fingerprint)
    return work


def last_checkpoint(work: Path) -> str | None:
    """Return the last complete checkpoint and remove incomplete ones.

    The Trainer writes a checkpoint's state last, so one without it is incomplete.
    """
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
    for path in finished.iterdir():  # safetensors writes files that only the owner can read
        path.chmod(readable)
    if integrity.is_recorded(output / REPORT):
        integrity.record_folder(finished)
    if output.exists():
        shutil.rmtree(output)
    finished.replace(output)
    shutil.rmtree(work)
