"""A results folder, and the application served for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seqattack.app.server import ServerSettings, make_site, running
from seqattack.app.site import Site
from tests.helpers.client import Client
from tests.helpers.examples import OTHER, RECORDS, RUN, write_run
from tests.helpers.fake_victim import FakeVictim


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    write_run(folder, RUN, RECORDS)
    write_run(folder, OTHER, RECORDS[1:5])
    return folder


@pytest.fixture
def site(results: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The application's parts, with one victim that needs no model."""
    made = make_site(ServerSettings(results))
    monkeypatch.setattr(made.store, "victims", lambda: {"fake": "nowhere"})
    monkeypatch.setattr(made.store, "victim", lambda name: FakeVictim())
    return made


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with running(site) as where:
        yield where


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    with Client(base_url=address, timeout=60) as found:
        yield found
