"""What a bare machine has: Snakemake, and nothing of the pipeline's own packages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seqattack.scpn.folder import FILES as SCPN_FILES
from tests.helpers.bare import bare_snakemake
from tests.helpers.running import ROOT


@pytest.mark.parametrize("config", sorted((ROOT / "config").glob("*.yaml")), ids=lambda c: c.stem)
def test_every_configuration_is_planned(bare: Path, config: Path, tmp_path: Path) -> None:
    for model in re.findall(r"\{path: (results/models/[\w-]+)\}", config.read_text("utf-8")):
        (tmp_path / model).mkdir(parents=True)  # of the finished run that this one takes up
        if model.endswith("scpn"):
            for name in SCPN_FILES:
                (tmp_path / model / name).touch()
    done = bare_snakemake(
        bare, "--dry-run", "--quiet=all", f"--configfile={config}", f"--directory={tmp_path}"
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_run_without_packages_says_what_to_add(bare: Path, tmp_path: Path) -> None:
    done = bare_snakemake(
        bare, "--cores=1", "--configfile=config/demo.yaml", f"--directory={tmp_path}"
    )
    assert done.returncode == 1
    assert "packages are not installed here; add --use-conda" in done.stderr
    assert not (tmp_path / "results").exists()
