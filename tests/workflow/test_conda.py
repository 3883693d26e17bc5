"""`--use-conda` from a bare Snakemake: the environment is solved, made and used."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import pytest
import yaml

from tests.helpers.bare import bare_snakemake
from tests.helpers.conda import install_conda
from tests.helpers.running import TINY


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="the channel is of linux-64")
def test_jobs_run_in_the_environment_that_is_made_from_the_lock(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(TINY))
    options = (f"--directory={tmp_path}", f"--configfile={tmp_path / 'config.yaml'}")
    made = "results/training/small.jsonl"
    environment = install_conda(tmp_path / "conda")
    done = bare_snakemake(bare, *options, "--cores=1", "--use-conda", made, environment=environment)
    assert done.returncode == 0, done.stderr
    assert "environment is made once: some minutes, and 2.5 GB" in done.stderr
    assert len((tmp_path / made).read_text().splitlines()) == TINY["victims"]["small"]["sentences"]
    (prefix,) = [path for path in (tmp_path / ".snakemake/conda").iterdir() if path.is_dir()]
    records = [json.loads(path.read_text()) for path in (prefix / "conda-meta").glob("*.json")]
    assert {each["name"] for each in records} == {"python", "pip", "openjdk"}
    again = bare_snakemake(
        bare, *options, "--cores=1", "--use-conda", made, environment=environment
    )
    assert "Nothing to be done" in again.stderr + again.stdout
    assert "is made once" not in again.stderr
