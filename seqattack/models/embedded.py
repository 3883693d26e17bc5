"""Models that need not be named: trained on first use, then kept in the cache."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack import __version__
from seqattack.errors import BackendError
from seqattack.files.cache import cache_folder
from seqattack.files.checksums import sha256_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

TRAINING_TEXT: dict[str, Any] = {"seed": 1, "train": 1500, "dev": 100, "test": 0}
"""The part of the generated newswire that embedded models are trained on."""


def made_once(what: str, settings: DataclassInstance, make: Callable[[Path], Any]) -> Path:
    """Return a model's folder in the cache; make the model if it is not there yet.

    Processes that ask at the same time wait for the first of them.

    Args:
        what: The model, for the message that says what takes the time.
        settings: What the model depends on; other settings have another folder, and so have other
            versions of SeqAttack.
        make: Trains the model and writes it into a folder, completely or not at all.

    Raises:
        BackendError: The cache cannot be written.
    """
    from filelock import FileLock

    stamp = sha256_json([asdict(settings), TRAINING_TEXT, __version__])[:12]
    folder = cache_folder() / "models" / f"{what.lower().replace(' ', '-')}-{stamp}"
    if (folder / "config.json").is_file():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not (folder / "config.json").is_file():
                print(
                    f"seqattack: no {what} is named; a small one is trained once, for some "
                    f"minutes, and kept in {folder}",
                    file=sys.stderr,
                )
                make(folder)
    except OSError as error:
        raise BackendError(
            f"{folder.parent}: could not be written ({error.strerror or error}). Free some space, "
            "or set SEQATTACK_CACHE to another folder."
        ) from error
    return folder
