"""The application under load: many clients, damaged runs, clients that keep it waiting."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from benchmarks.app import RUN as LOAD_RUN
from benchmarks.app import made_up
from benchmarks.app import write_run as write_large_run
from benchmarks.app_load import Disturbance, ask_for
from seqattack.app import attempts
from seqattack.app.server import ServerSettings, make_site, running
from seqattack.app.site import Site
from tests.helpers.client import Client
from tests.helpers.examples import OTHER, RUN
from tests.helpers.fake_victim import FakeVictim
from tests.helpers.tiny_models import make_model

EXAMPLE = {
    "status": "Failed",
    "original_text": "a b",
    "ground_truth": [0, 0],
    "original_pred": [0, 0],
    "num_queries": 1,
}


def upload(client: Client, examples: list[dict[str, object]], name: str = "a.json") -> int:
    content = json.dumps({"attacked_examples": examples}).encode()
    return client.post("/import", files={"file": (name, content)}).status_code


@pytest.mark.slow
def test_many_clients_lose_no_pick_while_the_folder_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = made_up()
    write_large_run(tmp_path, records, 200)
    site = make_site(ServerSettings(tmp_path))
    monkeypatch.setattr(site.store, "victims", lambda: {"fake": "nowhere"})
    monkeypatch.setattr(site.store, "victim", lambda name: FakeVictim())
    ids = [f"test-{number}" for number in range(1, 201)]
    with running(site) as address, Disturbance(site.library.results, records[:20]):
        load = asyncio.run(ask_for(address, 40, 4, "fake", ids))
    assert load.failures == 0, (load.answers, load.errors)
    assert {kind for kind, _ in load.answers} == {"page", "pick", "tag", "attack"}
    assert load.saved
    assert load.lost(site.picks.path) == []
    assert LOAD_RUN in site.library.runs


def test_a_damaged_run_is_named_and_the_others_are_shown(results: Path) -> None:
    damaged = results / OTHER / "records.jsonl"
    damaged.write_text('{"id": 1e999}\n')
    site = make_site(ServerSettings(results))
    with running(site) as address, Client(base_url=address) as client:
        page = client.get("/").text
        assert "Broken runs" in page
        assert f"{damaged}:1: not an attack record (1e999 is too large a number" in page
        assert client.get("/run", params={"run": RUN}).status_code == 200
        assert client.get("/run", params={"run": OTHER}).status_code == 400
        assert client.get("/picks").status_code == client.get("/compare").status_code == 200
        damaged.unlink()
        assert "Broken runs" not in client.get("/").text


def test_imports_at_once_make_one_file(results: Path, address: str) -> None:
    def bring(number: int) -> int:
        with Client(base_url=address, timeout=60) as other:
            return upload(other, [EXAMPLE])

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(bring, range(12))) == {303}
    assert [path.name for path in (results / "imports").glob("*.json")] == ["a.json"]


def test_imports_are_not_written_outside(client: Client, results: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (results / "imports").symlink_to(outside)
    assert upload(client, [EXAMPLE]) == 400
    assert list(outside.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_line(client: Client, results: Path) -> None:
    (results / "imports").write_text("a file where the folder should be")
    assert upload(client, [EXAMPLE]) == 400
    (results / ".picks.json.lock").mkdir()
    form = {"run": RUN, "id": "test-1", "version": "0", "decision": "accepted"}
    assert client.post("/picks", data=form).status_code == 400


def test_texts_that_are_too_long_are_left_out(client: Client, site: Site) -> None:
    long = {**EXAMPLE, "original_text": "a " * 5001, "ground_truth": [0] * 5001}
    assert upload(client, [EXAMPLE, {**long, "original_pred": [0] * 5001}]) == 303
    index = site.library.index("imports/a.json")
    assert index is not None
    assert (len(index.rows), index.left_out) == (1, 1)


@pytest.mark.parametrize("revision", ["1e999", "9" * 5000, "[[[]]]", "NaN"])
def test_a_damaged_file_of_picks_is_one_line(client: Client, site: Site, revision: str) -> None:
    site.picks.path.write_text(f'{{"revision": {revision}, "picks": []}}')
    assert client.get("/picks").status_code == 400


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"POST /picks HTTP/1.1\r\nContent-Length: 9"])
def test_idle_connections_are_closed(
    monkeypatch: pytest.MonkeyPatch, client: Client, address: str, sent: bytes
) -> None:
    monkeypatch.setattr("seqattack.app.patience.READ_SECONDS", 0.3)
    where = httpx.URL(address)
    with socket.create_connection((where.host, where.port), timeout=10) as idle:
        idle.sendall(sent)
        assert idle.recv(1) == b""
    assert client.get("/").status_code == 200


def test_a_client_with_many_wrong_tokens_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    counted = attempts.Attempts()
    for _ in range(attempts.MOST):
        assert not counted.must_wait("192.0.2.1")
        counted.note("192.0.2.1")
    assert counted.must_wait("192.0.2.1")
    assert not counted.must_wait("192.0.2.2")
    now[0] += attempts.WINDOW + 1
    assert not counted.must_wait("192.0.2.1")


AT_ONCE = """
import importlib, sys, threading
from seqattack.victim.kinds import load_victim

failed = []
start = threading.Barrier(5)

def work(number):
    start.wait()
    try:
        if number:
            load_victim(sys.argv[1])
        else:
            importlib.import_module("seqattack.attack.engine")
    except BaseException as error:
        failed.append(repr(error))

threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit("; ".join(failed) or 0)
"""


@pytest.mark.slow
def test_first_imports_at_once_do_not_race(tmp_path: Path) -> None:
    model = make_model(tmp_path, "bert-uncased")
    command = [sys.executable, "-c", AT_ONCE, str(model)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
