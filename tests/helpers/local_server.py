"""A server on this machine that hands out files: what a test may fetch."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class LocalServer:
    """Where the server listens, and what it was asked for."""

    address: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def serve(files: Mapping[str, bytes], stop_after: int | None = None) -> Iterator[LocalServer]:
    """Serve `files` by path; close the connection after `stop_after` bytes, where given."""
    server = LocalServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append(self.path)
            if self.path not in files:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(files[self.path])))
            self.end_headers()
            self.wfile.write(files[self.path][:stop_after])

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, args=[0.02], daemon=True).start()
        server.address = f"http://127.0.0.1:{httpd.server_port}"
        yield server
        httpd.shutdown()
