"""A server on this machine that tags texts, and can be told to fail, to hang and to lie."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


@dataclass
class TaggingServer:
    """How the server behaves, and what it was asked.

    Attributes:
        address: Where it listens.
        description: What it says of itself.
        answer: Makes the answer to texts.
        failures: How many of the next requests to tag fail.
        failure: The status of those that fail.
        hang: Seconds that each answer takes.
        stop_after: Requests to tag after which all others fail; None for never.
        asked: The texts of each request that was answered.
    """

    answer: Callable[[list[list[str]]], Any]
    description: Any = field(default_factory=lambda: {"tags": TAGS, "checksum": "1"})
    address: str = ""
    failures: int = 0
    failure: int = 503
    hang: float = 0.0
    stop_after: int | None = None
    asked: list[list[list[str]]] = field(default_factory=list)


def by_first_letter(texts: list[list[str]]) -> dict[str, Any]:
    """Tag words with capitals by their first letter."""

    def tag(word: str) -> str:
        if not word[:1].isupper():
            return "O"
        return "B-PER" if word[0] < "M" else "B-LOC"

    return {"tags": [[tag(word) for word in text] for text in texts]}


@contextmanager
def tagging_server(
    answer: Callable[[list[list[str]]], Any] = by_first_letter, **behaviour: Any
) -> Iterator[TaggingServer]:
    """Serve tags on a free port.

    Args:
        answer: Makes the answer to texts: what becomes JSON, or bytes that are sent as they are.
        **behaviour: Attributes of `TaggingServer`.
    """
    server = TaggingServer(answer, **behaviour)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.reply(server.description)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if server.failures or len(server.asked) == server.stop_after:
                server.failures -= server.failures > 0
                self.reply({"error": "busy"}, status=server.failure)
                return
            texts = json.loads(body)["texts"]
            time.sleep(server.hang)
            server.asked.append(texts)
            self.reply(server.answer(texts))

        def reply(self, value: Any, status: int = 200) -> None:
            body = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    with Quiet(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, args=[0.02], daemon=True).start()
        server.address = f"http://127.0.0.1:{httpd.server_port}/tag"
        yield server
        httpd.shutdown()
