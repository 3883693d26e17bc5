"""What a bare machine has: Snakemake, and nothing of the pipeline's own packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.bare import bare_snakemake
from tests.helpers.running import ROOT


@pytest.mark.parametrize("config", sorted((ROOT / "config").glob("*.yaml")), ids=lambda c: c.stem)
def test_every_configuration_is_planned(bare: Path, config: Path) -> None:
    done = bare_snakemake(bare, "--dry-run", "--quiet=all", f"--configfile={config}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_run_without_packages_says_what_to_add(bare: Path, tmp_path: Path) -> None:
    done = bare_snakemake(
        bare, "--cores=1", "--configfile=config/demo.yaml", f"--directory={tmp_path}"
    )
    assert done.returncode == 1
    assert "packages are not installed here; add --use-conda" in done.stderr
    assert not (tmp_path / "results").exists()
