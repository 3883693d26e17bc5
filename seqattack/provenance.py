"""What made an output: versions, commit, device, checksums; and hashes of the library's source."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

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


def library_hash(*modules: str) -> str:
    """Return a hash of the source of modules of this library.

    Snakemake sees when a script or a parameter changes, not when the library does; rules carry
    this hash as a parameter.

    Args:
        *modules: Names below ``seqattack``, such as ``attack`` (all its modules) or
            ``metrics.entities``; a data file by its own name.

    Raises:
        ValueError: There is no such module.

    Example:
        >>> library_hash("tags") == library_hash("tags")
        True
    """
    root = Path(str(files("seqattack")))
    digest = hashlib.sha256()
    for name in modules:
        path = root.joinpath(*name.split("."))
        module = root.joinpath(*name.split(".")).with_suffix(".py")
        found = path.rglob("*.*") if path.is_dir() else (module, root / name)
        sources = sorted(s for s in found if s.is_file() and "__pycache__" not in s.parts)
        if not sources:
            raise ValueError(f"seqattack has no module {name}")
        for source in sources:
            digest.update(source.relative_to(root).as_posix().encode())
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def provenance(config: dict[str, Any], models: dict[str, str], device: str) -> dict[str, Any]:
    """Return what made the outputs of a run; the same on every run of the same things.

    Args:
        config: The run's configuration.
        models: Checksum of each victim.
        device: Where the models ran.
    """
    return {
        "commit": _git_commit(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "device": device,
        "packages": {name: _version(name) for name in PACKAGES},
        "models": models,
        "config": config,
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git_commit() -> str | None:
    """Return the commit of the working tree, ``-dirty`` behind it if it was changed."""
    root = Path(str(files("seqattack"))).parent
    command = ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
