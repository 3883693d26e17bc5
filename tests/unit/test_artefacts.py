"""What comes from outside is listed once, and the configurations agree with the list."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

import tools.make_artefacts_page as make_artefacts_page
from seqattack.files.artefacts import Kind, artefacts
from seqattack.pipeline.config import Config, load_config
from seqattack.pipeline.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = sorted((ROOT / "config").glob("*.yaml"))


def hub_names(node: Any) -> list[dict[str, Any]]:
    """Return every part of a configuration that names something on the hub."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    found = [part for child in children for part in hub_names(child)]
    return [*found, *([node] if isinstance(node, dict) and "revision" in node else [])]


@pytest.fixture
def paper() -> Config:
    return load_config(ROOT / "config" / "config.yaml")


def test_revisions_of_the_configs_are_listed() -> None:
    known = {artefact.repository: artefact for artefact in artefacts().values()}
    parts = [part for path in CONFIGS for part in hub_names(yaml.safe_load(path.read_text()))]
    assert len(parts) >= 4
    for part in parts:
        artefact = known[part["name"]]
        assert artefact.kind == (Kind.DATASET if "files" in part else Kind.MODEL)
        assert part["revision"] == artefact.version
        paths = {file["path"] for file in part.get("files", {}).values()}
        assert paths == set(artefact.files)


def test_the_paper_s_config_uses_the_paper_s_backends(paper: Config) -> None:
    assert paper.to_json()["similarity"] == {"backend": "use"}
    assert paper.to_json()["grammar"] == {"backend": "languagetool"}


def test_the_paper_s_config_fetches_all_that_it_needs(paper: Config) -> None:
    plan = Plan(paper)
    listed = {each.name for each in artefacts().values() if each.kind != Kind.PACKAGE}
    assert {each.artefact.name for each in plan.artefacts.values()} == listed
    clare = plan.resource_files("clare")
    assert str(plan.layout.artefact("distilroberta-base")) in clare
    assert str(plan.layout.artefact("bert-base-uncased")) not in clare
    assert plan.artefact_files("pretrained") == [plan.layout.artefact("bert-base-cased")]


def test_languagetool_is_what_its_client_downloads() -> None:
    from language_tool_python.download_lt import LTP_DOWNLOAD_VERSION

    listed = artefacts()["languagetool"]
    manifest = files("language_tool_python").joinpath("integrity.toml").read_text()
    assert listed.version == LTP_DOWNLOAD_VERSION
    assert listed.files == {"archive": tomllib.loads(manifest)[listed.version]}


def test_scpn_s_address_is_openattack_s() -> None:
    package = find_spec("OpenAttack")  # importing it takes long
    assert package is not None
    source = (Path(str(package.origin)).parent / "data" / "scpn.py").read_text()
    (path,) = re.findall(r'URL = "(.*)"', source)
    assert all(address.endswith(path) for address in artefacts()["scpn"].addresses)


def test_every_artefact_says_what_it_is() -> None:
    for name, artefact in artefacts().items():
        assert artefact.title, name
        assert artefact.version, name
        assert artefact.licence, name
        assert all(address.startswith("https://") for address in artefact.addresses), name
        assert artefact.megabytes or artefact.kind == Kind.PACKAGE, name
        for checksum in artefact.files.values():
            assert checksum is None or re.fullmatch("[0-9a-f]{64}", checksum), name


def test_the_page_is_the_list_s() -> None:
    assert (ROOT / "docs" / "artefacts.md").read_text() == make_artefacts_page.page()
