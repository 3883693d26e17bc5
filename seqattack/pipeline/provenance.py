"""What made an output: versions, commit, device, checksums."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

from seqattack.io import read_json
from seqattack.victim.source import VictimSource

PACKAGES = (
    "torch",
    "transformers",
    "datasets",
    "textattack",
    "seqeval",
    "sentence-transformers",
    "harper-py",
    "language-tool-python",
    "scipy",
    "snakemake",
)


def provenance(config: dict[str, Any], models: Mapping[str, str | Path]) -> dict[str, Any]:
    """Return what made the outputs of a run; the same on every run of the same things.

    Args:
        config: The run's configuration.
        models: Each victim as commands name it: its folder, or another word.
    """
    return {
        "commit": git_commit(Path(str(files("seqattack"))).parent),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: _version(name) for name in PACKAGES},
        "models": {name: _training(word) for name, word in models.items()},
        "config": config,
    }


def _training(victim: str | Path) -> dict[str, Any]:
    """Return what a victim's weights are, and where they were trained if it was here."""
    from seqattack.models.loading import weights_checksum

    source = VictimSource.of(victim)
    folder = Path(source.name)
    checksum = weights_checksum(folder) if source.kind == "transformers" else None
    made: dict[str, Any] = {"checksum": checksum}
    if checksum is None:
        made["victim"] = f"{source.kind}:{source.name}"
    if source.normalise:
        made["normalise"] = True
    report = folder / "training.json"
    if report.is_file():
        training = read_json(report)
        made |= {key: training[key] for key in ("device", "threads", "bfloat16")}
    return made


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def git_commit(root: Path) -> str | None:
    """Return the commit of a working tree, ``-dirty`` behind it if it was changed.

    Args:
        root: The tree's top. Where it is not one, there is no commit: the repository that encloses
            an installed package did not make it.
    """
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != root.resolve():
        return None
    return _git(root, "describe", "--always", "--abbrev=40", "--dirty")


def _git(root: Path, *words: str) -> str | None:
    command = ["git", "-C", str(root), *words]
    # Set by git in its hooks, they would name another repository.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=10, env=environment
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
