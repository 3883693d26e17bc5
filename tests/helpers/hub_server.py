"""A hub on this machine with one dataset, for `datasets` and `huggingface_hub`.

It is read, and written to by those who have its token: small files come with the commit, others
before it, as they do on the hub.
"""

from __future__ import annotations

import base64
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

import huggingface_hub.utils as hub_utils
import pytest

NAME = "tester/tiny"
TOKEN = "hf_of_a_test"

# The second name is that of huggingface_hub before its version 1.
_close_session: Any = getattr(hub_utils, "close_session", None) or hub_utils.reset_sessions


@dataclass
class StandInHub:
    """A hub's dataset `NAME`: its files, its newest commit, and whether its terms are open.

    Of one that `exists` not, nothing can be read until it is made; one that `is_dying` breaks off
    in the middle of a file; `uploaded` and `commits` are what was written.
    """

    folder: Path
    revision: str = "0123456789abcdef0123456789abcdef01234567"
    is_gated: bool = False
    is_private: bool = False
    exists: bool = True
    may_write: bool = True
    is_dying: bool = False
    uploaded: dict[str, bytes] = field(default_factory=dict)
    commits: list[str] = field(default_factory=list)
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
        facts = {"private": self.is_private, "gated": False, "disabled": False, "tags": []}
        return {"id": NAME, "sha": self.revision, "siblings": siblings, **facts}

    def commit(self, lines: bytes) -> None:
        """Take the files of a commit."""
        for line in map(json.loads, lines.splitlines()):
            value = line["value"]
            if line["key"] == "header":
                self.commits.append(value["summary"])
                continue
            path = self.folder / value["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            is_large = line["key"] == "lfsFile"
            data = self.uploaded[value["oid"]] if is_large else base64.b64decode(value["content"])
            path.write_bytes(data)


@contextmanager
def asked_by_clients(hub: StandInHub, folder: Path) -> Iterator[StandInHub]:
    """Have `datasets` and `huggingface_hub` take a hub that is served for theirs.

    Args:
        hub: The hub.
        folder: Of their caches.
    """
    files = hub.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    places = {
        "huggingface_hub.constants.ENDPOINT": hub.endpoint,
        "huggingface_hub.constants.HF_HUB_CACHE": str(folder / "hub"),
        "datasets.config.HF_DATASETS_CACHE": str(folder / "datasets"),
        "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE": files,
        # hf_xet, which is compiled, asks servers of its own.
        "huggingface_hub.constants.HF_HUB_DISABLE_XET": True,
        "datasets.config.HF_ENDPOINT": hub.endpoint,
        "datasets.config.HUB_DATASETS_URL": hub.endpoint
        + "/datasets/{repo_id}/resolve/{revision}/{path}",
        "huggingface_hub.constants.HF_HUB_OFFLINE": False,
        "datasets.config.HF_HUB_OFFLINE": False,
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQATTACK_CACHE", str(folder / "seqattack"))
        for place, value in places.items():
            patch.setattr(place, value)
        # The client before its version 1 keeps a copy.
        copied = "huggingface_hub.file_download.HUGGINGFACE_CO_URL_TEMPLATE"
        patch.setattr(copied, files, raising=False)
        _close_session()  # one that an earlier test opened would still be offline
        yield hub
        _close_session()


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

    def do_PUT(self) -> None:
        self.hub.uploaded[self.path.rpartition("/")[2]] = self.body()
        self.send(200, b"", {})

    def do_POST(self) -> None:
        body = self.body()
        if self.is_writing():
            self.write(body)
        else:
            text = body.decode()
            self.answer(json.loads(text) if text.startswith("{") else parse_qs(text))

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def is_writing(self) -> bool:
        path = urlsplit(self.path).path
        return path.startswith(
            (
                "/api/repos/create",
                "/api/validate-yaml",
                f"/api/datasets/{NAME}/preupload/",
                f"/api/datasets/{NAME}/commit/",
                f"/datasets/{NAME}.git/info/lfs/",
            )
        )

    def write(self, body: bytes) -> None:
        path = urlsplit(self.path).path
        self.hub.asked.append(path)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.send(401, b"{}", {})
        elif not self.hub.may_write:
            self.send(403, b"{}", {})
        elif path == "/api/repos/create":
            if not self.hub.exists:
                asked = json.loads(body)  # clients before version 2 ask otherwise
                self.hub.exists = True
                self.hub.is_private = asked.get("private", asked.get("visibility") == "private")
            self.send_json({"url": f"{self.hub.endpoint}/datasets/{NAME}"})
        elif path == "/api/validate-yaml":
            self.send_json({"errors": [], "warnings": []})
        elif "/preupload/" in path:
            files = [each["path"] for each in json.loads(body)["files"]]
            modes = {each: "lfs" if each.endswith(".parquet") else "regular" for each in files}
            self.send_json(
                {
                    "files": [
                        {"path": each, "uploadMode": mode, "shouldIgnore": False}
                        for each, mode in modes.items()
                    ]
                }
            )
        elif "/commit/" in path:
            self.hub.commit(body)
            commit = f"{self.hub.endpoint}/datasets/{NAME}/commit/{self.hub.revision}"
            self.send_json({"commitUrl": commit, "commitOid": self.hub.revision})
        else:
            self.send_json({"transfer": "basic", "objects": list(map(self.upload, _objects(body)))})

    def upload(self, item: dict[str, Any]) -> dict[str, Any]:
        """Say where a large file goes."""
        href = f"{self.hub.endpoint}/upload/{item['oid']}"
        return {**item, "actions": {"upload": {"href": href}}}

    def answer(self, form: Mapping[str, Any]) -> None:
        path = urlsplit(self.path).path
        self.hub.asked.append(path)
        api = f"/api/datasets/{NAME}"
        files = f"/datasets/{NAME}/resolve/{self.hub.revision}/"
        if path == "/api/whoami-v2":
            knows = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            self.send(200 if knows else 401, b'{"name": "tester"}', {})
        elif NAME in path and not self.hub.exists:
            self.send(404, b"", {"X-Error-Code": "RepoNotFound"})
        elif self.hub.is_gated and NAME in path:
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
            is_file = "X-Repo-Commit" in headers
            self.wfile.write(body[: len(body) // 2] if is_file and self.hub.is_dying else body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _objects(body: bytes) -> list[dict[str, Any]]:
    """Return the large files that a client asks about."""
    return [{"oid": each["oid"], "size": each["size"]} for each in json.loads(body)["objects"]]
