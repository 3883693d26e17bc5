"""A run that nothing disturbs, which others are compared with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.bare import bare_packages
from tests.helpers.running import TINY, snakemake


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny run, done by one Snakemake on this machine; not to be changed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    done = snakemake(folder, TINY)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of a bare machine."""
    return bare_packages(tmp_path_factory.mktemp("bare"))
