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
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from tests.helpers.cluster import OPTIONS, cluster, is_downloaded, jobs
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

ASKED_BY_THE_CLIENT = {"https://huggingface.co/api/agent-harnesses"}
"""What the hub's client wants to know for itself, and does without."""

SNAKEMAKE = (sys.executable, "-m", "snakemake")
SHORT = {
    **SIZES,
    "attacks": "{recipes: [scpn, deepwordbug-i-5, clare]}",
    "adversarial_training": "[]",
}
"""Fewer attacks, too."""

TABLES = ("table1", "table2", "table3", "table4", "table5")


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> World:
    return the_outside(tmp_path_factory.mktemp("outside"))


@pytest.fixture
def world(stand_ins: World, tmp_path: Path) -> Iterator[World]:
    """The stand-ins, and nothing wrong with them."""
    # A run asks whether something is there before it fetches it.
    fresh = replace(stand_ins, faults={}, asked=[], unknown=[], spared=1)
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


def run(
    world: World,
    clone: Path,
    *arguments: str,
    sizes: Mapping[str, str] = SIZES,
    more: Sequence[str] = (),
    variables: Mapping[str, str] = os.environ,
) -> subprocess.CompletedProcess[str]:
    """Run the paper's configuration in a clone, with a cache beside it.

    Args:
        world: What there is outside.
        clone: Where the workflow is.
        *arguments: Of Snakemake.
        sizes: What is smaller, by key of the configuration.
        more: What else is changed, each as KEY=VALUE.
        variables: The environment variables, besides those of the world.
    """
    folder = clone.parent
    own = folder / "artefacts.yaml"
    own.write_text(yaml.safe_dump(own_list(world)))
    environment = {
        name: value for name, value in variables.items() if not name.startswith(("HF_", "SEQ"))
    }
    environment |= {
        "HOME": str(folder),
        "HF_HOME": str(folder / "hub"),
        "SEQATTACK_CACHE": str(folder / "cache"),
        "SEQATTACK_ARTEFACTS": str(own),
        **world.environment(),
    }
    changes = [*(f"{key}={value}" for key, value in sizes.items()), *more]
    return subprocess.run(
        [*SNAKEMAKE, *arguments, "--config", *changes],
        capture_output=True,
        text=True,
        timeout=1500,
        cwd=clone,
        env=environment,
    )


def test_from_nothing_to_the_tables(world: World, clone: Path) -> None:
    """In folders whose names shells and Snakemake could read in other ways."""
    clone = clone.rename(clone.parent / 'it\'s "my" clône; $HOME')
    odd = [f"{name}={name} of `mine` & 'Zoë's" for name in ("results", "figures", "logs")]
    done = run(world, clone, "--cores=2", more=odd)
    assert done.returncode == 0, done.stderr[-6000:]
    made = clone / odd[0].partition("=")[2]
    for name in TABLES:
        assert json.loads((made / f"tables/{name}.json").read_text())["rows"]
    assert set(world.unknown) <= ASKED_BY_THE_CLIENT, (
        "something was asked for that the configuration does not name"
    )
    fetched = {path.stem for path in (made / "artefacts").iterdir()}
    assert {"scpn", "languagetool", "conll2003", "bert-base-cased"} <= fetched
    downloads = Counter(each for each in world.asked if each.startswith("GET ") and ".zip" in each)
    assert set(downloads.values()) == {2}, "each is looked for, and fetched, once"
    again = run(world, clone, "--cores=2", "--dry-run", more=odd)
    assert "Nothing to be done" in again.stdout + again.stderr


def test_what_is_gone_is_said_before_anything_starts(world: World, clone: Path) -> None:
    world.faults = {"scpn.zip": "missing", "distilroberta": "missing"}
    done = run(world, clone, "--cores=2")
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert "SCPN's weights, as OpenAttack distributes them: cannot be had (https://data" in said
    assert "answers 404 Not Found" in said
    assert "and the rows of scpn need it." in said
    assert "write `scpn: {embedded: small}` in the configuration" in said
    assert "the rows of clare need it" in said
    assert "write `masked_lm: {clare: {embedded: minilm}}`" in said
    assert not (clone / "results").exists()


@pytest.mark.parametrize(
    ("fault", "word"), [("cut", "safetensors"), ("cut", "scpn.zip"), ("slow", "LanguageTool")]
)
def test_a_bad_connection_is_survived(world: World, clone: Path, fault: str, word: str) -> None:
    world.faults = {word: fault}
    names = ("bert-base-cased", "scpn", "languagetool")
    done = run(world, clone, "--cores=2", *(f"results/artefacts/{name}.json" for name in names))
    assert done.returncode == 0, done.stderr[-4000:]
    assert world.faults == ({word: fault} if fault == "slow" else {})
    resumed = [each for each in world.asked if "scpn.zip bytes=" in each]
    assert len(resumed) == (word == "scpn.zip")


def test_a_damaged_download_stops_the_run_and_leaves_nothing(world: World, clone: Path) -> None:
    world.faults = {"LanguageTool": "wrong"}
    done = run(world, clone, "--cores=2", "results/artefacts/languagetool.json")
    assert done.returncode == 1
    assert "its SHA-256 is" in done.stderr
    assert "Nothing was unpacked" in done.stderr
    assert not (clone / "results/artefacts/languagetool.json").exists()
    assert not list((clone.parent / "cache").glob("languagetool*"))
    world.faults = {}
    assert run(world, clone, "--cores=2", "results/artefacts/languagetool.json").returncode == 0


def test_what_is_gone_leaves_its_row_with_the_reason(world: World, clone: Path) -> None:
    world.faults = {"scpn.zip": "missing"}
    done = run(world, clone, "--cores=2", sizes=SHORT, more=["unavailable=skip"])
    assert done.returncode == 0, done.stderr[-6000:]
    rows = json.loads((clone / "results/tables/table1.json").read_text())["rows"]
    (skipped,) = [row for row in rows if row["key"] == "scpn"]
    assert skipped["label"].startswith("SCPN (not run: SCPN's weights")
    assert "answers 404 Not Found" in skipped["label"]
    assert not skipped["values"]
    assert "SCPN (not run" in (clone / "results/report.html").read_text()
    assert yaml.safe_load((clone / "results/config.yaml").read_text())["unavailable"] == "skip"


@pytest.mark.skipif(
    not is_downloaded(), reason="run `python -m tests.helpers.cluster`, which needs Debian"
)
def test_on_a_cluster_all_is_fetched_once_and_not_by_the_nodes(world: World, clone: Path) -> None:
    with cluster(cpus=2, memory=16_000) as up:
        done = run(world, clone, *OPTIONS, sizes=SHORT, variables=up.environment)
        assert done.returncode == 0, done.stderr[-6000:]
        submitted = jobs(up)
    assert any("attack_shard" in job.name for job in submitted)
    assert not any("fetch" in job.name for job in submitted)
    names = ("scpn", "languagetool", "conll2003", "distilroberta-base")
    assert {f"{name}.json" for name in names} <= set(os.listdir(clone / "results/artefacts"))
    downloads = Counter(each for each in world.asked if each.startswith("GET ") and ".zip" in each)
    assert set(downloads.values()) == {2}, "each is looked for, and fetched, once"
    assert json.loads((clone / "results/tables/table1.json").read_text())["rows"]
