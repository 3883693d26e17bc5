"""A bare machine: a Python that has Snakemake and what it brings along, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path

from tests.helpers.running import ROOT


def closure(distribution: str) -> list[Distribution]:
    """Return a distribution and all that it brings along."""
    found: dict[str, Distribution] = {}
    waiting = [distribution]
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name not in found:
            with suppress(PackageNotFoundError):  # of another system or Python
                found[name] = Distribution.from_name(name)
                lines = [line for line in found[name].requires or [] if "extra ==" not in line]
                waiting += [re.split(r"[^\w.-]", line)[0] for line in lines]
    return list(found.values())


def bare_packages(folder: Path) -> Path:
    """Fill a folder with what Snakemake brings along."""
    for each in closure("snakemake"):
        for top in {file.parts[0] for file in each.files or () if file.parts[0] != ".."}:
            place = Path(str(each.locate_file(top)))
            if place.exists() and not (folder / top).exists():
                (folder / top).symlink_to(place)
    names = {path.name for path in folder.iterdir()}
    assert {"snakemake", "yaml"} <= names
    assert not {"numpy", "torch", "nltk", "pandas", "huggingface_hub"} & names
    return folder


def bare_snakemake(
    packages: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Snakemake in a Python without the packages of this one.

    Args:
        packages: Of `bare_packages`.
        *arguments: Of Snakemake.
        environment: Further variables.
    """
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(packages)}
    variables |= {"HOME": str(packages.parent), "SEQATTACK_CACHE": str(packages.with_name("cache"))}
    return subprocess.run(
        [sys.executable, "-S", "-m", "snakemake", *arguments],
        cwd=ROOT,
        env={**variables, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=300,
    )
