"""Who is let in, and what every answer says to the browser."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from seqattack.app.security import Access, Guard
from seqattack.app.server import ServerSettings, running
from seqattack.app.site import Site
from tests.helpers.client import Client
from tests.helpers.examples import RUN


def test_every_answer_forbids_what_the_pages_do_not_need(client: httpx.Client) -> None:
    for path in ("/", "/nowhere", "/static/style.css"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


def test_a_report_is_shown_with_its_style_and_runs_no_script(
    client: httpx.Client, site: Site
) -> None:
    assert client.get("/report").status_code == 404
    assert "/report" not in client.get("/").text
    (site.library.results / "report.html").write_text("<style>p {}</style><script>1</script>")
    assert '<a href="/report">' in client.get("/").text
    answer = client.get("/report")
    policy = answer.headers["Content-Security-Policy"]
    assert answer.text.startswith("<style>")
    assert policy.startswith("sandbox; default-src 'none'; ")
    assert "allow-scripts" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_pages_have_no_script_or_style_inside(client: httpx.Client) -> None:
    for path in ("/", f"/run?run={RUN}", f"/compare?a={RUN}&b={RUN}", "/picks", "/try"):
        text = client.get(path).text
        assert "style=" not in text
        assert "<style" not in text
        assert "onclick" not in text
        assert text.count("<script") == text.count('<script src="/static/')


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_other_names_are_not_answered(client: httpx.Client, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 421


def test_names_of_this_computer_are_answered(client: httpx.Client, address: str) -> None:
    port = address.rpartition(":")[2]
    for host in (f"localhost:{port}", "127.0.0.1:1", "[::1]:9"):
        assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "https://127.0.0.1:1"])
def test_other_sites_can_change_nothing(client: httpx.Client, site: Site, origin: str) -> None:
    data = {"run": RUN, "id": "test-1", "version": "0", "decision": "accepted"}
    answer = client.post("/picks", data=data, headers={"Origin": origin})
    assert answer.status_code == 403
    assert not site.picks.path.exists()


def test_only_get_and_post_are_answered(client: httpx.Client) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert client.request(method, "/picks").status_code == 405


def test_requests_are_bounded(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as smaller:
        smaller.setattr("seqattack.app.security.LARGEST_BODY", 100)
        assert client.post("/import", content=b"x" * 101).status_code == 413
    assert client.post("/import", content=iter([b"x"])).status_code == 411
    assert client.post("/picks", data={str(n): "" for n in range(2001)}).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-length": "5"}, 200),
        ({"content-length": "5", "transfer-encoding": "chunked"}, 411),
        ({"content-length": "9" * 5000}, 413),
        ({"content-length": "-1"}, 411),
        ({"content-length": "٣"}, 411),
        ({}, 411),
    ],
)
def test_no_header_passes_the_limit(headers: dict[str, str], status: int) -> None:
    answers: list[Any] = []

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def keep(message: Any) -> None:
        answers.append(message)

    said = {"host": "127.0.0.1", "origin": "http://127.0.0.1"} | headers
    pairs = [(name.encode(), value.encode()) for name, value in said.items()]
    scope = {"type": "http", "method": "POST", "path": "/picks", "headers": pairs}
    guard = Guard(answer, Access.of("127.0.0.1", None))
    asyncio.run(guard(scope | {"query_string": b""}, None, keep))  # type: ignore[arg-type]
    assert answers[0]["status"] == status


TOKEN = "a-token-of-the-test"


@pytest.fixture
def guarded(site: Site) -> Iterator[httpx.Client]:
    """A client of a server that others can reach, too."""
    access = Access.of("0.0.0.0", TOKEN, ["NER.Example"])
    with running(replace(site, access=access)) as where, Client(base_url=where) as client:
        yield client


def test_a_server_for_others_asks_for_the_token(guarded: httpx.Client) -> None:
    assert guarded.get("/").headers["location"] == "/login"
    assert guarded.get(f"/run?run={RUN}").status_code == 303
    assert guarded.post("/picks", data={}).status_code == 401
    assert guarded.get("/?token=wrong").status_code == 403
    assert guarded.post("/login", data={"token": "wrong"}).status_code == 403
    assert guarded.get("/login").status_code == 200


def test_the_token_opens_the_door_once_and_leaves_the_address(guarded: httpx.Client) -> None:
    answer = guarded.get("/run", params={"run": RUN, "token": TOKEN})
    assert answer.status_code == 303
    assert TOKEN not in answer.headers["location"]
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert TOKEN not in cookie
    assert guarded.get(answer.headers["location"]).status_code == 200


def test_the_token_can_be_typed(guarded: httpx.Client) -> None:
    assert guarded.post("/login", data={"token": TOKEN}).headers["location"] == "/"
    assert guarded.get("/").status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [("ner.example", 303), ("NER.example", 303), ("192.0.2.7:80", 303), ("evil.example", 421)],
)
def test_a_server_for_others_has_names_too(guarded: httpx.Client, host: str, status: int) -> None:
    assert guarded.get("/", headers={"Host": host}).status_code == status


def test_this_computer_alone_is_the_default() -> None:
    assert ServerSettings.__dataclass_fields__["host"].default == "127.0.0.1"
    assert Access.of("127.0.0.1", "x").token is None
    assert Access.of("0.0.0.0", "x").token == "x"
    assert Access.of("192.0.2.7", "x").token == "x"
