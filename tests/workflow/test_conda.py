"""`--sdm conda` plans the environment that is made from the lock; conda itself is a stand-in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import yaml

from tests.helpers.running import ROOT, TINY, command

CONDA = """#!/bin/sh
case "$1" in
--version) echo "conda 25.1.0" ;;
info) echo '{"conda_prefix": "/nowhere", "platform": "linux-64"}' ;;
config) echo '{"get": {"channel_priority": "strict"}}' ;;
*) exit 1 ;;
esac
"""


def test_the_environment_is_planned(tmp_path: Path) -> None:
    conda = tmp_path / "bin" / "conda"
    conda.parent.mkdir()
    conda.write_text(CONDA)
    conda.chmod(0o755)
    done = subprocess.run(
        command(tmp_path, TINY, "--cores=1", "--sdm=conda", "--dry-run"),
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{conda.parent}:{os.environ['PATH']}"},
    )
    assert done.returncode == 0, done.stderr
    assert "envs/seqattack.yaml will be created" in done.stdout + done.stderr


def test_the_environment_is_one_that_conda_reads() -> None:
    environment = yaml.safe_load((ROOT / "envs" / "seqattack.yaml").read_text())
    assert environment["channels"] == ["conda-forge"]
    *packages, pip = environment["dependencies"]
    assert [name.partition("=")[0] for name in packages] == ["python", "pip", "openjdk"]
    assert all(pin.count("==") == 1 for pin in pip["pip"])
