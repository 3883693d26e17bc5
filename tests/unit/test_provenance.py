"""What is recorded of a run, and the environment that it is recorded in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import tools.make_environment as make_environment
from seqattack.files.checksums import sha256_file
from seqattack.io import write_json
from seqattack.pipeline.provenance import PACKAGES, git_commit, provenance

ROOT = Path(__file__).resolve().parents[2]


def test_provenance_has_no_clock(tmp_path: Path) -> None:
    mine, found = tmp_path / "mine", tmp_path / "found"
    training = {"device": "cuda", "threads": 2, "bfloat16": True}
    for folder in (mine, found):
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(b"weights")
    write_json(mine / "training.json", training | {"seconds": 1.5, "test": None})
    made = provenance({"seed": 0}, {"full": mine, "small": found})
    assert made == provenance({"seed": 0}, {"full": mine, "small": found})
    weights = {"checksum": sha256_file(mine / "model.safetensors")}
    assert made["models"] == {"full": weights | training, "small": weights}
    word = '{"spacy": "en_core_web_sm", "labels": {"PERSON": "PER"}}'
    named = provenance({"seed": 0}, {"full": word})["models"]["full"]
    assert named == {"checksum": None, "victim": "spacy:en_core_web_sm"}
    assert set(made["packages"]) == set(PACKAGES)
    assert None not in made["packages"].values()


def test_a_commit_is_the_project_s_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*words: str) -> str:
        call = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.c", *words]
        return subprocess.run(call, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "file").write_text("a")
    git("add", ".")
    git("commit", "--quiet", "-m", "First")
    head = git("rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", "/nowhere")  # as in a hook of another repository
    assert git_commit(tmp_path) == head
    assert git_commit(tmp_path / "inside") is None, "only encloses what is installed there"
    (tmp_path / "inside" / "file").write_text("b")
    assert git_commit(tmp_path) == f"{head}-dirty"


@pytest.mark.parametrize("name", list(make_environment.ENVIRONMENTS))
def test_the_conda_environments_are_the_locks(name: str) -> None:
    made = make_environment.environment(name)
    assert (ROOT / "envs" / f"{name}.yaml").read_text() == made
    rest = (ROOT / "envs" / f"{name}.post-deploy.sh").read_text()
    assert rest == make_environment.script()
    assert "pip install --no-deps textattack==" in rest
    assert "textattack==" not in made
    assert "flair==" not in made
    assert ("tensorflow_cpu==" in made) == (name == "seqattack-use")
    assert "torch==2.13.0" in made
    assert "pytest==" not in made
    assert "+cpu" not in made
    assert "nvidia" not in made
