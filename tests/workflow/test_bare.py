"""What a bare machine has: Snakemake, and nothing of the pipeline's own packages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path

import pytest

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


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages with what Snakemake brings along, and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    for each in closure("snakemake"):
        for top in {file.parts[0] for file in each.files or () if file.parts[0] != ".."}:
            place = Path(str(each.locate_file(top)))
            if place.exists() and not (folder / top).exists():
                (folder / top).symlink_to(place)
    names = {path.name for path in folder.iterdir()}
    assert {"snakemake", "yaml"} <= names
    assert not {"numpy", "torch", "nltk", "pandas", "huggingface_hub"} & names
    return folder


def snakemake(bare: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Snakemake in a Python without the packages of this one."""
    cache = str(bare.with_name("cache"))
    return subprocess.run(
        [sys.executable, "-S", "-m", "snakemake", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(bare), "SEQATTACK_CACHE": cache},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("config", sorted((ROOT / "config").glob("*.yaml")), ids=lambda c: c.stem)
def test_every_configuration_is_planned(bare: Path, config: Path) -> None:
    done = snakemake(bare, "--dry-run", "--quiet=all", f"--configfile={config}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_run_without_packages_says_what_to_add(bare: Path, tmp_path: Path) -> None:
    done = snakemake(bare, "--cores=1", "--configfile=config/demo.yaml", f"--directory={tmp_path}")
    assert done.returncode == 1
    assert "packages are not installed here; add --use-conda" in done.stderr
    assert not (tmp_path / "results").exists()
