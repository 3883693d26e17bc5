"""A hub on this machine with one dataset, for `datasets` and `huggingface_hub`."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

NAME = "tester/tiny"


@dataclass
class StandInHub:
    """A hub's dataset `NAME`: its files, its newest commit, and whether its terms are open."""

    folder: Path
    revision: str = "0123456789abcdef0123456789abcdef01234567"
    is_gated: bool = False
    endpoint: str = ""
    asked: list[str] = field(default_factory=list)

    def files(self) -> list[dict[str, Any]]:
        """Return what the hub says of each file and folder."""
        paths = sorted(self.folder.rglob("*"))
        return [self._entry(path) for path in paths]

    def _entry(self, path: Path) -> dict[str, Any]:
        name = path.relative_to(self.folder).as_posix()
        if path.is_dir():
            return {"type": "directory", "path": name, "oid": "0" * 40, "size": 0}
        data = path.read_bytes()
        return {
            "type": "file",
            "path": name,
            "size": len(data),
            "oid": hashlib.sha1(data).hexdigest(),
        }

    def info(self) -> dict[str, Any]:
        """Return what the hub says of the dataset."""
        siblings = [{"rfilename": e["path"]} for e in self.files() if e["type"] == "file"]
        facts = {"private": False, "gated": False, "disabled": False, "tags": []}
        return {"id": NAME, "sha": self.revision, "siblings": siblings, **facts}


@contextmanager
def serve(hub: StandInHub) -> Iterator[StandInHub]:
    """Serve a hub until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (_Handler,), {"hub": hub}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: StandInHub

    def do_HEAD(self) -> None:
        self.answer({})

    def do_GET(self) -> None:
        self.answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.answer(json.loads(body) if body.startswith("{") else parse_qs(body))

    def answer(self, form: Mapping[str, Any]) -> None:
        path = urlsplit(self.path).path
        self.hub.asked.append(path)
        api = f"/api/datasets/{NAME}"
        files = f"/datasets/{NAME}/resolve/{self.hub.revision}/"
        if self.hub.is_gated and NAME in path:
            self.send(403, b"{}", {"X-Error-Code": "GatedRepo"})
        elif path == api or path.startswith(f"{api}/revision/"):
            self.send_json(self.hub.info())
        elif path.startswith(f"{api}/tree/"):
            self.send_json(self.hub.files())
        elif path.startswith(f"{api}/paths-info/"):
            self.send_json([e for e in self.hub.files() if e["path"] in form.get("paths", [])])
        elif path.startswith(files) and (found := self.hub.folder / path[len(files) :]).is_file():
            data = found.read_bytes()
            etag = f'"{hashlib.sha256(data).hexdigest()}"'
            self.send(200, data, {"ETag": etag, "X-Repo-Commit": self.hub.revision})
        else:
            self.send(
                404, b"", {"X-Error-Code": "EntryNotFound" if NAME in path else "RepoNotFound"}
            )

    def send_json(self, value: object) -> None:
        self.send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def send(self, code: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass
