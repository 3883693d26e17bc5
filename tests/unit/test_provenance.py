"""What is recorded of a run, and the hashes that make rules run again."""

from __future__ import annotations

from pathlib import Path

import pytest

import scripts.make_environment as make_environment
from seqattack.provenance import PACKAGES, library_hash, provenance

ROOT = Path(__file__).resolve().parents[2]


def test_hashes_tell_modules_apart() -> None:
    hashes = [library_hash(name) for name in ("attack", "attack.goals", "victim", "corpus")]
    assert len(set(hashes)) == 4
    assert library_hash("tags", "io") == library_hash("tags", "io")
    assert library_hash("paper-results.yaml")
    with pytest.raises(ValueError, match="no module nonsense"):
        library_hash("nonsense")


def test_a_changed_module_has_another_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "part").mkdir()
    module = tmp_path / "part" / "a.py"
    module.write_text("x = 1\n")
    monkeypatch.setattr("seqattack.provenance.files", lambda package: tmp_path)
    before = library_hash("part")
    module.write_text("x = 2\n")
    assert library_hash("part") != before


def test_provenance_has_no_clock() -> None:
    made = provenance({"seed": 0}, {"full": "abc"}, "cpu")
    assert made == provenance({"seed": 0}, {"full": "abc"}, "cpu")
    assert set(made["packages"]) == set(PACKAGES)
    assert None not in made["packages"].values()


@pytest.mark.parametrize("name", list(make_environment.ENVIRONMENTS))
def test_the_conda_environments_are_the_locks(name: str) -> None:
    made = make_environment.environment(name)
    assert (ROOT / "envs" / f"{name}.yaml").read_text() == made
    assert ("tensorflow_cpu==" in made) == (name == "seqattack-use")
    assert "torch==2.13.0" in made
    assert "pytest==" not in made
    assert "+cpu" not in made
    assert "nvidia" not in made
