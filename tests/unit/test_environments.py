"""The conda environments of the rules: made of the locks, small, and such that conda reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import tools.make_environment as make_environment

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "envs"


@pytest.mark.parametrize("name", list(make_environment.ENVIRONMENTS))
def test_the_conda_environments_are_the_locks(name: str) -> None:
    made = make_environment.environment(name)
    assert (ENVIRONMENTS / f"{name}.yaml").read_text() == made
    rest = (ENVIRONMENTS / f"{name}.post-deploy.sh").read_text()
    assert rest == make_environment.script()
    assert "pip install --no-deps textattack==" in rest


@pytest.mark.parametrize("name", list(make_environment.ENVIRONMENTS))
def test_an_environment_holds_what_rules_need_and_no_more(name: str) -> None:
    environment = yaml.safe_load((ENVIRONMENTS / f"{name}.yaml").read_text())
    assert environment["channels"] == ["conda-forge"]
    *packages, pip = environment["dependencies"]
    assert [each.partition("=")[0] for each in packages] == ["python", "pip", "openjdk"]
    pins = dict(pin.split("==") for pin in pip["pip"])
    assert pins["torch"] == "2.13.0"
    named = {each.lower() for each in pins}
    assert not {"pytest", "mypy", "ruff", "spacy", "openvino", "playwright"} & named
    assert not {"textattack", "flair"} & named
    assert ("tensorflow_cpu" in named) == (name == "seqattack-use")
    assert not [pin for pin in pip["pip"] if "+cpu" in pin or "nvidia" in pin]
