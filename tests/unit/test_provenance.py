"""What is recorded of a run, and the environment that it is recorded in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from seqattack.files.checksums import sha256_file
from seqattack.files.packages import REQUIRED
from seqattack.io import write_json
from seqattack.pipeline.made import MAKING, code_state, recorded, surroundings
from seqattack.pipeline.provenance import provenance, said

CONFIG = {"results": "results", "figures": "figures", "corpus": {"conll": {"test": "t.conll"}}}
SNAKEFILE, MODULE = "Snakefile", "seqattack/attack.py"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A project of two files, in a commit."""
    (tmp_path / "project/seqattack").mkdir(parents=True)
    for name in (SNAKEFILE, MODULE, "README.md"):
        (tmp_path / "project" / name).write_text("a")
    git(tmp_path / "project", "init", "--quiet")
    git(tmp_path / "project", "add", ".")
    git(tmp_path / "project", "commit", "--quiet", "-m", "First")
    return tmp_path / "project"


def git(folder: Path, *words: str) -> str:
    call = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c", *words]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    done = subprocess.run(call, check=True, capture_output=True, text=True, env=environment)
    return done.stdout.strip()


def job(
    monkeypatch: pytest.MonkeyPatch, project: Path, output: str, *inputs: str, **versions: str
) -> None:
    """Make a file of others, as a job of the pipeline does."""
    monkeypatch.setattr("seqattack.pipeline.made.project", lambda: project)
    monkeypatch.setattr("seqattack.pipeline.made.package_version", versions.get)
    monkeypatch.setenv(MAKING, "\n".join((output, "--from", *inputs)))
    with recorded():
        Path(output).parent.mkdir(parents=True, exist_ok=True)
        Path(output).write_text("made")


def collected(project: Path, *parts: str) -> dict[str, Any]:
    return provenance(
        CONFIG, {}, parts, {"outputs": ["report"], **surroundings(code_state(project))}
    )


def test_a_commit_is_the_project_s_own(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, "/nowhere")  # as in a hook of another repository
    assert code_state(repository)["commit"] == git(repository, "rev-parse", "HEAD")
    assert code_state(repository)["changes"] is None
    inside = repository / "venv/site-packages"
    (inside / "seqattack").mkdir(parents=True)
    (inside / MODULE).write_text("a")
    installed = code_state(inside)
    assert installed["commit"] is None, "it only encloses what is installed there"
    assert len(installed["code"]) == 64
    assert "no commit" in said(installed)


def test_a_repository_inside_another_is_its_own(repository: Path) -> None:
    inner = repository / "inner"
    (inner / "seqattack").mkdir(parents=True)
    (inner / MODULE).write_text("b")
    git(inner, "init", "--quiet")
    assert code_state(inner)["commit"] is None, "without a first commit"
    git(inner, "add", ".")
    git(inner, "commit", "--quiet", "-m", "Inner")
    assert code_state(inner)["commit"] == git(inner, "rev-parse", "HEAD")
    assert code_state(repository)["commit"] == git(repository, "rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("name", "ignored", "is_change"),
    [
        (MODULE, False, True),
        ("seqattack/new.py", False, True),
        ("seqattack/new.py", True, True),
        ("seqattack/__pycache__/attack.pyc", False, False),
        ("README.md", False, False),
        ("config/mine.yaml", False, False),
    ],
)
def test_uncommitted_code_is_named_with_a_hash(
    repository: Path, name: str, ignored: bool, is_change: bool
) -> None:
    clean = code_state(repository)
    if ignored:
        (repository / ".git/info/exclude").write_text("new.py\n")
    hashes = set()
    for text in ("b", "c"):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(text)
        state = code_state(repository)
        assert (state != clean) == is_change
        assert state["commit"] == clean["commit"]
        if is_change:
            assert state["changes"]["files"] == [name]
            assert state["code"] != clean["code"]
            hashes.add(state["changes"]["sha256"])
            assert f"uncommitted changes ({name}; SHA-256" in said(state)
    assert len(hashes) == 2 * is_change


def test_a_job_says_which_backend_it_used(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "openvino", raising=False)
    assert "backend" not in surroundings(code_state(repository))
    monkeypatch.setitem(sys.modules, "openvino", ModuleType("openvino"))
    assert surroundings(code_state(repository))["backend"] == "openvino"


def test_a_run_of_two_versions_says_so(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    job(monkeypatch, repository, "results/subset.jsonl", "t.conll", torch="2.12")
    job(monkeypatch, repository, "results/old.json", torch="1.0")
    job(monkeypatch, repository, "figures/a.svg", "results/subset.jsonl", torch="2.12")
    made = collected(repository, "figures/a.svg")
    assert made["remarks"] == [], "what the run does not need does not count"
    (state,) = made["made_by"]
    assert state["files"] == ["figures/a.svg", "report", "results/subset.jsonl"]
    assert state["commit"] == git(repository, "rev-parse", "HEAD")
    assert made == collected(repository, "figures/a.svg"), "there is no clock"

    (repository / MODULE).write_text("changed after the attack")
    made = collected(repository, "figures/a.svg")
    first, second = made["made_by"]
    assert (first["changes"], second["files"]) == (None, ["report"])
    assert second["changes"]["files"] == [MODULE]
    assert "put together from 2 versions of the code: commit" in made["remarks"][0]
    assert second["changes"]["sha256"][:12] in made["remarks"][0]

    job(monkeypatch, repository, "figures/a.svg", "results/subset.jsonl", torch="2.13")
    assert (
        "several versions of torch: 2.12, 2.13"
        in collected(repository, "figures/a.svg")["remarks"][1]
    )


def test_a_file_that_no_job_recorded_is_named(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    job(monkeypatch, repository, "results/a.json", "results/copied.json", "t.conll", "else.conll")
    (remark,) = collected(repository, "results/a.json")["remarks"]
    assert "What made results/copied.json is not recorded" in remark


def test_a_failed_job_records_nothing(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("results").mkdir()
    with pytest.raises(IsADirectoryError):  # the job, which writes no folder
        job(monkeypatch, repository, "results")
    assert not Path(".made").exists()


def test_a_model_s_provenance_is_its_training(tmp_path: Path, repository: Path) -> None:
    mine, found = tmp_path / "mine", tmp_path / "found"
    training = {"device": "cuda", "threads": 2, "bfloat16": True}
    for folder in (mine, found):
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(b"weights")
    write_json(mine / "training.json", training | {"seconds": 1.5, "test": None})
    word = '{"spacy": "en_core_web_sm", "labels": {"PERSON": "PER"}}'
    models: dict[str, str | Path] = {"full": mine, "small": found, "named": word}
    now = {"outputs": [], **surroundings(code_state(repository))}
    made = provenance(CONFIG, models, (), now)
    weights = {"checksum": sha256_file(mine / "model.safetensors")}
    assert made["models"] == {
        "full": weights | training,
        "small": weights,
        "named": {"checksum": None, "victim": "spacy:en_core_web_sm"},
    }
    assert set(REQUIRED) <= set(now["packages"])
