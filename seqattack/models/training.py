"""The skeleton of every training: what identifies it, its work folder, its report."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from seqattack.errors import ConfigError
from seqattack.files.checksums import sha256_json
from seqattack.files.lock import alone
from seqattack.models.checkpoints import (
    check_output,
    deterministic,
    named_write_errors,
    publish,
    work_folder,
)
from seqattack.models.device import has_bfloat16, resolve_device, resolve_precision
from seqattack.models.loading import weights_checksum
from seqattack.models.pretrained import describe_pretrained

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Training(ABC):
    """One training, ready to start: its model is built and its data are checked."""

    @property
    @abstractmethod
    def identity(self) -> Mapping[str, Any]:
        """What the weights depend on, besides settings, data and machine; JSON, for the report."""

    @property
    @abstractmethod
    def data(self) -> Any:
        """The sentences that it learns from and is measured on, as JSON."""

    @abstractmethod
    def fit(self, work: Path) -> Mapping[str, Any]:
        """Train the model, from the last checkpoint in the work folder if there is one.

        Returns:
            The history of the training, as JSON, for the report.
        """

    @abstractmethod
    def write(self, folder: Path) -> str:
        """Write the trained model into a folder, and return a checksum of its weights."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a training runs, and where its model goes.

    Args:
        output: Folder of the trained model; one that was trained there before is replaced.
        device: ``cpu`` or ``cuda``.
        threads: Processor threads; None is torch's default.
    """

    output: Path
    device: str
    threads: int | None

    @classmethod
    def of(cls, output: str | os.PathLike[str], device: str, threads: int | None) -> Place:
        """Return the place after checking it.

        Args:
            output: As for the class.
            device: ``auto``, ``cpu`` or ``cuda``.
            threads: As for the class.

        Raises:
            ConfigError: `output` holds something other than a model that was trained here.
            ModelError: The device is missing.
        """
        check_output(Path(output))
        return cls(Path(output), resolve_device(device), threads)


def run_training(
    place: Place, settings: DataclassInstance, begin: Callable[[], Training]
) -> dict[str, Any]:
    """Train a model and publish it, with its report in ``training.json``.

    A killed training goes on from its last checkpoint, kept in ``<output>.work``, and ends with the
    weights of an undisturbed one on the same machine. The output appears when everything is done.

    Args:
        place: Where the training runs, and where its model goes.
        settings: What the weights depend on, besides data, pretrained model and machine.
        begin: Builds the model and checks the data; called with the training's threads and kernels
            in use, before any folder is made.

    Returns:
        The report: settings, checksum, history and versions.

    Raises:
        SeqAttackError: Another process is training into the same folder, or it cannot be written.
    """
    with deterministic(place.device, place.threads):
        training = begin()
        identity = {
            "settings": asdict(settings),
            **training.identity,
            "device": place.device,
            "threads": torch.get_num_threads(),
            "versions": versions(),
        }
        with named_write_errors(place.output), alone(*_lock(place.output)):
            work = work_folder(place.output, sha256_json([identity, training.data]))
            history = training.fit(work)
            finished = work / "finished"
            shutil.rmtree(finished, ignore_errors=True)
            report = {**identity, "checksum": training.write(finished), **history}
            publish(work, place.output, report)
    return report


def _lock(output: Path) -> tuple[Path, str]:
    """Return the file of a training's lock, and what is said where another one holds it."""
    refusal = f"{output}: another process is training into this folder"
    return output.with_name(f".{output.name}.lock"), f"{refusal}; wait for it or choose another"


def use_bfloat16(precision: str, device: str) -> bool:
    """Whether to train with bfloat16 autocast.

    Args:
        precision: ``auto``, ``bfloat16`` or ``float32``.
        device: ``cpu`` or ``cuda``.

    Raises:
        ConfigError: bfloat16 was asked for and the device does not have it natively.
    """
    if precision == "bfloat16" and not has_bfloat16(device):
        raise ConfigError(
            f"training.precision is bfloat16, but the {device} here has no native bfloat16; "
            "write auto or float32."
        )
    return resolve_precision(precision, device) == "bfloat16"


def origin_of(pretrained: str, revision: str | None) -> dict[str, Any]:
    """Return where a pretrained model comes from, and its checksum."""
    return describe_pretrained(pretrained, revision) | {"checksum": weights_checksum(pretrained)}


def versions() -> dict[str, str]:
    """Return the versions of the libraries that weights depend on."""
    return {name: version(name) for name in ("torch", "transformers", "accelerate", "tokenizers")}
