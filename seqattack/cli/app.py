"""The command that serves the web application."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqattack.cli.options import add_backend, add_machine, integer
from seqattack.cli.process import set_threads
from seqattack.errors import BackendError


def add_app(commands: Any) -> None:
    """Add the command that serves the web application."""
    parser = commands.add_parser(
        "app", help="inspect, pick, try and compare adversarial examples in the browser"
    )
    parser.set_defaults(run=_app)
    parser.add_argument(
        "results",
        nargs="?",
        default="results",
        type=Path,
        help="results folder of a run (default: results)",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="where to listen; others than this computer are asked for a token, "
        "which SEQATTACK_APP_TOKEN may set (default: 127.0.0.1)",
    )
    parser.add_argument(
        "--port", type=integer(0, 65535), default=0, help="0 takes a free one (default: 0)"
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a further name by which the server may be called; may be repeated",
    )
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        help="folder of a further victim to try, or KIND:NAME; may be repeated",
    )
    add_backend(parser)
    add_machine(parser)


def _named(words: Sequence[str]) -> dict[str, str]:
    """Return victims by their folder's name, or by what was written where two share a name."""
    names = [Path(word).resolve().name if os.path.isdir(word) else word for word in words]
    pairs = zip(names, words, strict=True)
    return {name if names.count(name) == 1 else word: word for name, word in pairs}


def _app(options: argparse.Namespace) -> None:
    set_threads(options.threads)
    try:
        from seqattack.app.server import ServerSettings, serve
    except ModuleNotFoundError as error:
        raise BackendError(
            f"the web application needs {error.name}; run `pip install 'seqattack[app]'`."
        ) from error

    serve(
        ServerSettings(
            results=options.results,
            host=options.host,
            port=options.port,
            opens_browser=not options.no_browser,
            allowed_hosts=options.allow_host,
            models=_named(options.model),
            device=options.device,
            backend=options.backend,
        )
    )
