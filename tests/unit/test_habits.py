"""What contributors and their tools rely on agrees with itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from seqattack import __version__

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
FORMS = sorted(
    path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"
)
CHANGES = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def pins(lock: Path) -> dict[str, str]:
    lines = (line for line in lock.read_text().splitlines() if "==" in line)
    return {_normal(name): version for name, version in (line.split("==") for line in lines)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_requirement_is_pinned_and_the_locks_agree() -> None:
    found = {lock.stem: pins(lock) for lock in LOCKS}
    for source in (ROOT / "requirements").glob("*.in"):
        wanted = re.findall(r"^([A-Za-z][\w.-]*)", source.read_text(), re.MULTILINE)
        lock = found.get(source.stem, found["requirements"])
        assert {_normal(name) for name in wanted} <= set(lock), source
    shared, older = found.pop("requirements"), found.pop("transformers4")
    assert not [extra for extra in found.values() if set(extra) & set(shared)]
    assert not set(older.items()) & set(shared.items())


def test_commits_are_held_to_the_linters() -> None:
    makefile = (ROOT / "Makefile").read_text()
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe
    linters = {line.split()[0] for line in recipe[1].splitlines()} - {"snakemake"}
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert {Path(hook["entry"].split()[0]).name for hook in hooks} == linters


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == __version__
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "preferred-citation"} <= set(citation)
    families = [author["family-names"] for author in citation["preferred-citation"]["authors"]]
    assert all(name in (ROOT / "README.md").read_text() for name in families)


def test_the_changelog_keeps_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    releases = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert releases[0] == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", name) for name in releases[1:])
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= CHANGES


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_issue_forms_are_whole(path: Path) -> None:
    form = yaml.safe_load(path.read_text())
    assert {"name", "description", "body"} <= set(form)
    assert all(field["attributes"]["label"] for field in form["body"])
    ids = [field["id"] for field in form["body"]]
    assert len(set(ids)) == len(ids)
