"""Serve the application and open the browser."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import webbrowser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn

from seqattack.app.index import Library
from seqattack.app.live import LiveAttacks
from seqattack.app.model_store import ModelStore
from seqattack.app.patience import PatientProtocol
from seqattack.app.security import Access, is_loopback
from seqattack.app.site import Site
from seqattack.app.web import create_app
from seqattack.errors import SeqAttackError
from seqattack.models.backend import BackendChoice
from seqattack.pipeline.layout import Layout
from seqattack.pipeline.picks import PickStore

TOKEN_VARIABLE = "SEQATTACK_APP_TOKEN"
"""Environment variable of the token; without it a random one is made."""


MOST_CONNECTIONS = 512
"""Connections at a time; more are told to come back later (503)."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the application is served, and who may use it.

    Args:
        results: The results folder.
        host: Where to listen.
        port: The port; 0 takes a free one.
        opens_browser: Whether a browser is opened.
        allowed_hosts: Further names that requests may use for the server.
        models: Further victims by name: folders, or words of the form KIND:NAME.
        device: Where models run.
        backend: What computes their forward passes.
    """

    results: Path
    host: str = "127.0.0.1"
    port: int = 0
    opens_browser: bool = True
    allowed_hosts: Sequence[str] = ()
    models: Mapping[str, str | Path] = field(default_factory=dict)
    device: str = "auto"
    backend: BackendChoice = "torch"


def make_site(settings: ServerSettings) -> Site:
    """Return the application's parts, with all runs indexed that can be read.

    Raises:
        SeqAttackError: The results folder does not exist.
    """
    library = Library(settings.results)
    for index in library.read_all()[0]:
        index.prepare()
    store = ModelStore(library.results, settings.models, settings.device, settings.backend)
    return Site(
        library=library,
        picks=PickStore(Layout(library.results).picks),
        store=store,
        live=LiveAttacks(store),
        access=_access(settings),
    )


def serve(settings: ServerSettings) -> None:
    """Serve the application until it is interrupted.

    Raises:
        SeqAttackError: The results folder does not exist, or the address is in use.
    """
    site = make_site(settings)
    listener = _listen(settings.host, settings.port)
    address = _address(settings.host, listener.getsockname()[1])
    secret = f"/?token={site.access.token}" if site.access.token else "/"
    print(f"SeqAttack: {len(site.library.runs)} runs in {settings.results}", flush=True)
    print(f"Open {address}{secret}  (Ctrl-C stops)", flush=True)
    if settings.opens_browser:
        threading.Timer(0.5, webbrowser.open, [f"{address}{secret}"]).start()
    _server(site).run(sockets=[listener])


@contextmanager
def running(site: Site) -> Iterator[str]:
    """Serve the application in a thread, on a free port of this computer; yield its address.

    Args:
        site: The application's parts.
    """
    listener = _listen("127.0.0.1", 0)
    server = _server(site)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield _address("127.0.0.1", listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _server(site: Site) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(site),
        log_level="warning",
        access_log=False,
        server_header=False,
        http=PatientProtocol,
        limit_concurrency=MOST_CONNECTIONS,
        backlog=MOST_CONNECTIONS,
        timeout_graceful_shutdown=3,
    )
    return uvicorn.Server(config)


def _access(settings: ServerSettings) -> Access:
    token = os.environ.get(TOKEN_VARIABLE) or secrets.token_urlsafe(24)
    names = [socket.gethostname(), *settings.allowed_hosts]
    if is_loopback(settings.host) and settings.allowed_hosts:
        raise SeqAttackError(
            "--allow-host is only for a server that other computers can reach; set --host too."
        )
    return Access.of(settings.host, token, names)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(MOST_CONNECTIONS)
    except OSError as error:
        listener.close()
        raise SeqAttackError(
            f"cannot listen at {host}:{port} ({error.strerror or error}); "
            "choose another --host or --port, or leave --port out for a free one."
        ) from error
    return listener


def _address(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else shown}:{port}"
