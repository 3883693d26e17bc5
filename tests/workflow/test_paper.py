"""The paper's own configuration, from an empty cache to its tables, with the world on one server.

Nothing but sizes is changed. All that is outside are tiny stand-ins in the real formats, under the
real addresses; a request for anything else fails the test.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from tests.helpers.outside import own_list, the_outside
from tests.helpers.running import ROOT
from tests.helpers.world import World, a_world

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="run `make setup-use`"),
    pytest.mark.skipif(shutil.which("javac") is None, reason="javac makes the stand-in"),
]

SIZES = {
    "training": "{epochs: 6, learning_rate: 0.003, threads: 1}",
    "victims": "{small: {sentences: 200}}",
    "subset": "{size: 8, max_wrong: 0.5}",
    "attack": "{query_budget: 48, shard_size: 8}",
    "adversarial_training": "[{recipe: deepwordbug-i-5, goal: untargeted, timeout: 45, "
    "sizes: [1, 2, 3, 4]}, {recipe: bert-attack, goal: untargeted, timeout: 60, sizes: [1, 2]}]",
}
"""What is smaller than in the paper's configuration."""

SNAKEMAKE = (sys.executable, "-m", "snakemake")
TABLES = ("table1", "table2", "table3", "table4", "table5")


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> World:
    return the_outside(tmp_path_factory.mktemp("outside"))


@pytest.fixture
def world(stand_ins: World, tmp_path: Path) -> Iterator[World]:
    """The stand-ins, and nothing wrong with them."""
    fresh = replace(stand_ins, faults={}, asked=[], unknown=[])
    with a_world(fresh, tmp_path) as served:
        yield served


CLONED = ("config", "envs", "profiles", "rules", "scripts", "seqattack")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the workflow in it, as after `git clone`, and nothing made."""
    folder = tmp_path / "clone"
    for name in CLONED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Snakefile", folder)
    return folder


def run(world: World, clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the paper's configuration in a clone, with a cache beside it."""
    folder = clone.parent
    own = folder / "artefacts.yaml"
    own.write_text(yaml.safe_dump(own_list(world)))
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("HF_", "SEQ"))
    }
    environment |= {
        "HOME": str(folder),
        "HF_HOME": str(folder / "hub"),
        "SEQATTACK_CACHE": str(folder / "cache"),
        "SEQATTACK_ARTEFACTS": str(own),
        **world.environment(),
    }
    sizes = [f"{key}={value}" for key, value in SIZES.items()]
    return subprocess.run(
        [*SNAKEMAKE, "--cores=2", *arguments, "--config", *sizes],
        capture_output=True,
        text=True,
        timeout=1500,
        cwd=clone,
        env=environment,
    )


def test_from_nothing_to_the_tables(world: World, clone: Path) -> None:
    done = run(world, clone)
    assert done.returncode == 0, done.stderr[-6000:]
    for name in TABLES:
        assert json.loads((clone / f"results/tables/{name}.json").read_text())["rows"]
    assert not world.unknown, "something was asked for that the configuration does not name"
    fetched = {path.stem for path in (clone / "results/artefacts").iterdir()}
    assert {"scpn", "languagetool", "conll2003", "bert-base-cased"} <= fetched
    archives = [each for each in world.asked if each.startswith("GET ") and ".zip" in each]
    assert len(archives) == len(set(archives)), "an archive was fetched twice"
    again = run(world, clone, "--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr
