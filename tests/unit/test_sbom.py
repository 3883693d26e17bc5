"""The bill of materials: every package of the locks, with its licence."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from tools.make_sbom import FOLDER, bill, licence, locked, main


@pytest.mark.parametrize("lock", ["requirements", "no-deps", "dev", "dev-no-deps"])
def test_every_locked_package_has_a_known_licence(lock: str) -> None:
    names = [name for name, _, _ in locked(lock)]
    assert len(names) == (FOLDER / f"{lock}.lock").read_text().count("==")
    unknown = []
    for name in names:
        try:
            unknown += [] if licence(name) else [name]
        except PackageNotFoundError:  # another version's, where a lock is newer than .venv
            unknown.append(name)
    assert unknown == []


def test_the_bill_names_what_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "sbom.cdx.json"
    monkeypatch.setattr("sys.argv", ["make_sbom", str(output)])
    main()
    made = json.loads(output.read_text())
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    found = {each["name"]: each for each in made["components"]}
    assert {"torch", "transformers", "textattack", "snakemake"} <= set(found)
    assert "pytest" not in found
    assert found["torch"]["purl"] == "pkg:pypi/torch@" + found["torch"]["version"]
    for each in made["components"]:
        assert each["licenses"][0]["license"]["name"]
        (release,) = each["externalReferences"]
        assert all(len(digest["content"]) == 64 for digest in release["hashes"])


def test_a_package_without_a_licence_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.make_sbom.licence", lambda name: "" if name == "torch" else "MIT")
    with pytest.raises(SystemExit, match="torch"):
        bill()
