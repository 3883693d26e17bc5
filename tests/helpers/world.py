"""The outside world on one server of this machine: a hub, archives, and all that goes wrong there.

It answers as a web server, and as a proxy that speaks for every ``https://`` address with a
certificate of the test's own authority. So a program finds stand-ins under the real addresses, and
nothing else.
"""

from __future__ import annotations

import hashlib
import json
import re
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep  # a test that patches `time.sleep` does not reach this one
from urllib.parse import unquote, urlsplit

import trustme

PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")


@dataclass
class World:
    """What there is outside.

    Args:
        files: The content of each address, such as ``https://host/path``; those on the server
            itself are given by their path alone.
        repositories: The files of each repository of a hub by path, under ``models/NAME@REVISION``
            or ``datasets/NAME@REVISION``.
        faults: What is wrong with an address that contains a word: ``missing``, ``wrong`` (another
            content), ``cut`` (once, the first half), ``dying`` (always the first half), ``slow``.
        is_resumable: Whether it sends the rest of a file.
        hosts: Others that it speaks for, and knows nothing of.
        spared: How many requests for an address come before the one that is cut.

    Attributes:
        address: Of the server.
        authority: The file of the certificate that programs have to trust.
        asked: Every request: its method and address, and the range that was asked for.
        unknown: The addresses that nobody knows.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    repositories: dict[str, Mapping[str, bytes]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    is_resumable: bool = True
    hosts: frozenset[str] = frozenset()
    spared: int = 0
    address: str = ""
    authority: Path | None = None
    asked: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """Return the variables with which a program sees this world and no other."""
        bundle = str(self.authority)
        trust = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), bundle)
        local = "127.0.0.1,localhost"
        proxies = dict.fromkeys(PROXIES, self.address)
        return {**trust, **proxies, "NO_PROXY": local, "no_proxy": local, "HF_HUB_DISABLE_XET": "1"}


@dataclass
class Answer:
    """What an address has."""

    content: bytes
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def a_world(world: World, folder: Path) -> Iterator[World]:
    """Serve a world.

    Args:
        world: What there is.
        folder: Where the authority's certificate is written.
    """
    authority = trustme.CA()
    world.authority = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(world.authority))
    known = (urlsplit(address).hostname or "127.0.0.1" for address in world.files)
    hosts = {*world.hosts, *known}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("huggingface.co", *sorted(hosts)).configure_cert(context)

    class Handler(_Handler):
        pass

    Handler.world, Handler.context = world, context
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        world.address = f"http://127.0.0.1:{server.server_port}"
        yield world
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    """Answers for one connection, also inside a tunnel."""

    world: World
    context: ssl.SSLContext
    protocol_version = "HTTP/1.1"
    host = ""

    def do_CONNECT(self) -> None:
        self.host = self.path.partition(":")[0]
        self.send_response(200)
        self.end_headers()
        try:
            self.connection = self.context.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):
            self.close_connection = True
            return
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.close()

    def do_HEAD(self) -> None:
        self.reply(with_body=False)

    def do_GET(self) -> None:
        self.reply(with_body=True)

    def reply(self, with_body: bool) -> None:
        world = self.world
        path = unquote(self.path.partition("?")[0])
        address = f"https://{self.host}{path}" if self.host else path
        wanted = self.headers.get("Range", "")
        before = sum(each.split()[1] == address for each in world.asked)
        world.asked.append(f"{self.command} {address} {wanted}".strip())
        fault = next((each for word, each in world.faults.items() if word in address), "")
        if fault == "cut" and before < world.spared:
            fault = ""
        answer = None if fault == "missing" else find(world, address)
        if answer is None:
            if fault != "missing":
                world.unknown.append(address)
            self.send(404, Answer(b"not here", {"X-Error-Code": "EntryNotFound"}), with_body)
            return
        if fault == "wrong":
            answer.content = answer.content[:-1] + b"?"
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        same = self.headers.get("If-Range") in (None, answer.headers.get("ETag"))
        if start and world.is_resumable and same:
            total = len(answer.content)
            answer.headers["Content-Range"] = f"bytes {start}-{total - 1}/{total}"
            answer.content = answer.content[start:]
            self.send(206, answer, with_body, fault)
        else:
            self.send(200, answer, with_body, fault)

    def send(self, status: int, answer: Answer, with_body: bool, fault: str = "") -> None:
        self.send_response(status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        if not with_body:
            return
        if fault == "slow":
            for place in range(0, len(answer.content), 1 + len(answer.content) // 5):
                sleep(0.3)
                self.wfile.write(answer.content[place : place + 1 + len(answer.content) // 5])
        elif fault in ("cut", "dying") and len(answer.content) > 1:
            self.wfile.write(answer.content[: len(answer.content) // 2])
            self.close_connection = True
            if fault == "cut":
                self.world.faults = {w: f for w, f in self.world.faults.items() if f != "cut"}
        else:
            self.wfile.write(answer.content)

    def log_message(self, format: str, *args: object) -> None:
        pass


def find(world: World, address: str) -> Answer | None:
    """Return what an address has: a file, or an answer of the hub."""
    if address in world.files:
        content = world.files[address]
        return Answer(content, {"ETag": f'"{hashlib.sha256(content).hexdigest()[:16]}"'})
    path = urlsplit(address).path
    for name, files in world.repositories.items():
        kind, repository, revision = re.fullmatch(r"(\w+)/(.+)@(.+)", name).groups()  # type: ignore[union-attr]
        api = f"/api/{kind}/{repository}"
        if path == f"{api}/revision/{revision}":
            listed: dict[str, object] = {"id": repository, "sha": revision, "siblings": []}
            return Answer(json.dumps(listed).encode(), {"Content-Type": "application/json"})
        if path.rstrip("/") == f"{api}/tree/{revision}":
            entries = [
                {"type": "file", "oid": git_sha1(content), "size": len(content), "path": each}
                for each, content in files.items()
            ]
            return Answer(json.dumps(entries).encode(), {"Content-Type": "application/json"})
        place = f"datasets/{repository}" if kind == "datasets" else repository
        inside = path.removeprefix(f"/{place}/resolve/{revision}/")
        if inside in files and inside != path:
            return _hub_file(files[inside], revision, is_large=not inside.endswith(".json"))
    return None


def _hub_file(content: bytes, revision: str, is_large: bool) -> Answer:
    """Return a hub's file, under the checksum that the hub states for it."""
    digest = hashlib.sha256(content).hexdigest() if is_large else git_sha1(content)
    headers = {"ETag": f'"{digest}"', "X-Repo-Commit": revision}
    if is_large:
        headers |= {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(content))}
    return Answer(content, headers)


def git_sha1(content: bytes) -> str:
    """Return git's checksum of a file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def as_repository(folder: Path) -> dict[str, bytes]:
    """Return a folder's files as those of a repository."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
