"""The command that fetches artefacts."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqattack.files.artefacts import Artefact


def add_fetch(commands: Any) -> None:
    """Add the command that fetches artefacts."""
    parser = commands.add_parser(
        "fetch",
        help="fetch what a configuration needs from outside, or single artefacts, into the cache",
    )
    parser.set_defaults(run=_fetch)
    parser.add_argument(
        "what",
        nargs="+",
        help="a configuration's YAML file (the run loads a hub's corpus without files), "
        "a listed artefact such as scpn, or a model on the hub as model:NAME@REVISION",
    )
    parser.add_argument("--output", type=Path, help="write what was fetched, as JSON; of one only")


def _fetch(options: argparse.Namespace) -> None:
    from seqattack.errors import ConfigError
    from seqattack.files.fetch.fetching import fetch_artefact
    from seqattack.io import write_json

    wanted = [artefact for each in options.what for artefact in _named(each)]
    if options.output and len(wanted) != 1:
        raise ConfigError("--output describes one artefact; give one.")
    for artefact in wanted:
        fetched = fetch_artefact(artefact)
        print(f"{artefact.title}: {fetched.size / 1e6:.1f} MB in {fetched.folder}", flush=True)
        if options.output:
            said = {"version": artefact.version, "files": dict(fetched.files)}
            write_json(options.output, {"title": artefact.title, **said})


def _named(what: str) -> Iterator[Artefact]:
    """Yield the artefacts of a configuration, or the one with a name."""
    from seqattack.files.artefacts import find_artefact
    from seqattack.pipeline.artefacts import wanted_artefacts
    from seqattack.pipeline.config import load_config
    from seqattack.pipeline.layout import Layout

    if not what.endswith((".yaml", ".yml")):
        yield find_artefact(what)
        return
    config = load_config(Path(what))
    for wanted in wanted_artefacts(config, Layout.of(config).run_files).values():
        yield wanted.artefact
