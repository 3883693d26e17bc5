"""After a change, what must run again runs again, and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from seqattack.io import read_json
from tests.helpers.running import ROOT, TINY, command, snakemake

pytestmark = pytest.mark.slow

FIGURES = {"figure4": 1, "example_figures": 1}
REPORT = {"summary": 1, "report": 1, "all": 1}
TABLES = {"tables": 1, **REPORT}
SCORES = {
    "score_comparison": 1,
    "score_robustness": 1,
    "transfer": 1,
    "victim_results": 1,
    **FIGURES,
    **TABLES,
}
ATTACKS = {"attack_shard": 6, **SCORES}
TRAININGS = {
    "train": 3,
    "test_metrics": 3,
    "subset": 1,
    "attack_training_shard": 1,
    "augmentation_wave": 1,
    "adversarial_examples": 1,
    "augmented_training_set": 1,
    **ATTACKS,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, to be edited."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("Snakefile", "rules", "scripts", "seqattack", "profiles", "envs"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)
    return folder


def jobs(project: Path, run: Path, config: dict[str, Any], *targets: str) -> Counter[str]:
    """Return how many jobs of each rule a dry run would run."""
    call = command(run, config, "--cores=2", "--dry-run", *targets, snakefile=project / "Snakefile")
    done = subprocess.run(call, capture_output=True, text=True, timeout=300, cwd=run)
    assert done.returncode == 0, done.stderr
    text = done.stdout + done.stderr
    if "Nothing to be done" in text:
        return Counter()
    table = re.search(r"^job +count\n-.*\n((?:\w+ +\d+\n)+)", text, re.MULTILINE)
    assert table, text
    counts = Counter({name: int(n) for name, n in re.findall(r"(\w+) +(\d+)", table[1])})
    del counts["total"]
    return counts


@pytest.mark.parametrize(
    ("module", "line", "expected"),
    [
        ("seqattack/report/figures.py", "x = 1", {**FIGURES, **REPORT}),
        ("seqattack/report/claims.py", "x = 1", TABLES),
        ("seqattack/metrics/grammar/harper.py", "x = 1", {"grammar_backend": 1, **SCORES}),
        ("seqattack/metrics/evaluation.py", "x = 1", TRAININGS),
        ("seqattack/pipeline/subset.py", "x = 1", {"subset": 1, **ATTACKS}),
        ("seqattack/attack/journal.py", "# a comment", {}),
        ("seqattack/masked_lm/training.py", "x = 1", {}),
        ("scripts/figure4.py", "x = 1", {"figure4": 1, **REPORT}),
    ],
)
def test_an_edited_module_runs_what_imports_it(
    project: Path, undisturbed: Path, module: str, line: str, expected: dict[str, int]
) -> None:
    path = project / module
    text = path.read_text()
    path.write_text(f"{text}\n{line}\n")
    try:
        assert jobs(project, undisturbed, TINY) == expected
    finally:
        path.write_text(text)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {}),
        (
            {"grammar": {"backend": "languagetool"}},
            {"fetch": 1, "grammar_backend": 1, **SCORES},
        ),
        ({"training": TINY["training"] | {"epochs": 3}}, TRAININGS),
    ],
)
def test_a_changed_key_runs_what_depends_on_it(
    project: Path, undisturbed: Path, change: dict[str, Any], expected: dict[str, int]
) -> None:
    assert jobs(project, undisturbed, TINY | change) == expected


OWN = {
    "corpus": {"jsonl": {split: f"own/{split}.jsonl" for split in ("train", "dev", "test")}},
    "victims": {"full": {"path": "own/full"}, "small": {"sentences": 120}},
}
"""The user's own files instead of those that the tiny run makes."""

SHARDS = [f"results/attacks/comparison/full/deepwordbug-i-5/shard-{n}.jsonl" for n in range(2)]


@pytest.fixture(scope="module")
def own(undisturbed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on the user's own files, up to its attacks."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copytree(undisturbed / "results/corpus", folder / "own")
    shutil.copytree(undisturbed / "results/models/full", folder / "own/full")
    done = snakemake(folder, TINY | OWN, *SHARDS)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("full/model.safetensors", {"subset": 1, "attack_shard": 2}),
        ("full/config.json", {"subset": 1, "attack_shard": 2}),
        ("full/tokenizer.json", {"subset": 1, "attack_shard": 2}),
        ("test.jsonl", {"corpus": 1, "subset": 1, "attack_shard": 2}),
        ("full/training.json", {}),
    ],
)
def test_a_changed_file_of_the_user_runs_what_depends_on_it(
    project: Path, own: Path, file: str, expected: dict[str, int]
) -> None:
    path = own / "own" / file
    content, stat = path.read_bytes(), path.stat()
    path.write_bytes(content + b"\n")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    try:
        assert jobs(project, own, TINY | OWN, *SHARDS) == expected
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert jobs(project, own, TINY | OWN, *SHARDS) == {}


def test_code_that_changed_after_the_attacks_is_shown(
    project: Path, undisturbed: Path, tmp_path: Path
) -> None:
    run = shutil.copytree(undisturbed, tmp_path / "run")
    before = read_json(run / "results/provenance.json")
    assert (before["remarks"], len(before["made_by"])) == ([], 1)
    path = project / "seqattack/report/claims.py"
    text = path.read_text()
    path.write_text(f"{text}\nx = 1\n")
    try:
        call = command(run, TINY, "--cores=2", snakefile=project / "Snakefile")
        subprocess.run(call, check=True, capture_output=True, timeout=600, cwd=run)
    finally:
        path.write_text(text)
    made = read_json(run / "results/provenance.json")
    old, new = made["made_by"]
    assert "results/attacks/comparison/full/deepwordbug-i-5/shard-0.jsonl" in old["files"]
    assert "results/tables.txt" in new["files"]
    assert old["code"] == before["made_by"][0]["code"] != new["code"]
    assert "put together from 2 versions of the code" in made["remarks"][0]
    page = (run / "results/report.html").read_text()
    assert page.index("put together from 2 versions") < page.index('id="matrix"')
