"""After a change, what must run again runs again, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.running import ROOT, TINY, command

pytestmark = pytest.mark.slow

FIGURES = {"figure4": 1, "example_figures": 1}
REPORT = {"summary": 1, "report": 1, "all": 1}
TABLES = {"tables": 1, **REPORT}
SCORES = {"score_comparison": 1, "score_robustness": 1, "transfer": 1, **FIGURES, **TABLES}
ATTACKS = {"attack_shard": 6, **SCORES}
TRAININGS = {
    "train": 3,
    "test_metrics": 2,
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


def jobs(project: Path, run: Path, config: dict[str, Any]) -> Counter[str]:
    """Return how many jobs of each rule a dry run would run."""
    call = command(run, config, "--cores=2", "--dry-run", snakefile=project / "Snakefile")
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
