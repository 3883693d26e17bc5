"""A changed byte in any kind of file of a finished run is named, and made again as it was."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from seqattack.cli.main import main
from seqattack.integrity import State, examine
from tests.helpers.corruption import flip, in_state
from tests.helpers.running import TINY, command, made, snakemake

pytestmark = pytest.mark.slow

ATTACK = "results/attacks/comparison/full/deepwordbug-i-5"
EXAMPLES = "results/augmentation/deepwordbug-i-5"
ROBUST = "robust-deepwordbug-i-5-2"

FOUND = (
    f"{ATTACK}/shard-1.jsonl",
    f"{ATTACK}/records.jsonl",
    f"{ATTACK}/scored.jsonl",
    f"{ATTACK}/summary.json",
    f"results/evaluation/{ROBUST}.json",
    "results/transfer/deepwordbug-i-5.json",
    "results/backends/similarity.json",
    "results/tables/table1.json",
    "results/tables/table2.csv",
    "results/tables.txt",
    "figures/figure4-deepwordbug-i-5.png",
)
"""What attacks find, and what is made of that."""

BEFORE = (
    "results/corpus/dev.jsonl",
    "results/training/small.jsonl",
    f"results/training/{ROBUST}.jsonl",
    "results/subset.jsonl",
    "results/subset-left-out.json",
    "results/models/full/model.safetensors",
    "results/models/small/tokenizer.json",
    f"results/models/{ROBUST}/config.json",
    f"{EXAMPLES}/order.jsonl",
    f"{EXAMPLES}/plan.json",
    f"{EXAMPLES}/shard-0.jsonl",
    f"{EXAMPLES}/wave-0.json",
    f"{EXAMPLES}/examples.jsonl",
)
"""What attacks start from."""


@pytest.fixture
def run(undisturbed: Path, tmp_path: Path) -> Path:
    """A copy of the undisturbed run."""
    folder = tmp_path / "run"
    shutil.copytree(undisturbed, folder, symlinks=True)
    return folder


def change_a_byte(path: Path) -> None:
    flip(path, random.Random(path.name).randrange(path.stat().st_size), 0)


def changed(folder: Path) -> set[str]:
    """Return the files that are not as they were made."""
    found = in_state(folder, State.CHANGED, State.MISSING, State.UNRECORDED)
    return {str(path.relative_to(folder)) for path in found}


def times(folder: Path) -> dict[Path, int]:
    """Return when each file of a run was changed last."""
    places = (path for name in ("results", "figures") for path in (folder / name).rglob("*"))
    return {path: path.stat().st_mtime_ns for path in places}


def test_every_file_of_a_run_has_a_checksum(
    undisturbed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(undisturbed / "results"), str(undisturbed / "figures")]) == 0
    assert capsys.readouterr().out.endswith(" intact, 0 changed, 0 missing, 0 never recorded\n")
    found = [each for name in ("results", "figures") for each in examine(undisturbed / name)]
    page = (undisturbed / "results/report.html").read_text()
    own = {"report.html", "config.yaml", "provenance.json", "provenance.json.json"}
    assert own <= {each.path.name for each in found}
    assert f"{len(found) - len(own)} verified" in page  # all but what the report's job makes


@pytest.mark.parametrize("names", [FOUND, BEFORE], ids=["what is found", "what comes before"])
def test_changed_files_are_named_and_made_again(
    run: Path, undisturbed: Path, names: tuple[str, ...]
) -> None:
    for name in names:
        change_a_byte(run / name)
    assert changed(run) == set(names)
    again = snakemake(run, TINY)
    assert again.returncode == 0, again.stderr[-4000:]
    for name in names:
        assert f"{name} changed since it was made" in again.stderr
    assert not changed(run)
    assert made(run) == made(undisturbed)


def test_a_dry_run_says_what_it_would_make_again_and_touches_nothing(run: Path) -> None:
    """Also where everything behind a file that was changed, or is gone, is there and up to date."""
    change_a_byte(run / ATTACK / "shard-1.jsonl")
    (run / "results/transfer/deepwordbug-i-5.json").unlink()
    call = command(run, TINY, "--cores=1", "--dry-run")
    before = times(run)
    done = subprocess.run(call, capture_output=True, text=True, timeout=300, cwd=run)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    for rule in ("attack_shard", "transfer"):
        assert f"\n{rule} " in said, said
    assert "train " not in said
    assert times(run) == before


def test_an_accepted_change_stays_and_what_is_behind_it_follows(run: Path) -> None:
    wave = run / EXAMPLES / "wave-0.json"
    wave.write_text(wave.read_text() + "\n")
    assert main(["verify", "--accept", str(wave)]) == 0
    again = snakemake(run, TINY)
    assert again.returncode == 0, again.stderr[-4000:]
    assert wave.read_text().endswith("\n\n")
    assert not changed(run)


def test_a_job_stops_at_a_changed_file_where_a_target_is_named(run: Path) -> None:
    """The plan does not look then, but the job does."""
    change_a_byte(run / ATTACK / "summary.json")
    (run / "results/tables.txt").unlink()
    stopped = snakemake(run, TINY, "results/tables.txt")
    assert stopped.returncode != 0
    assert f"{ATTACK}/summary.json: changed since it was made" in stopped.stdout + stopped.stderr
