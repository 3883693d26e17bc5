"""The command that fetches an archive."""

from __future__ import annotations

import argparse
from typing import Any


def add_fetch(commands: Any) -> None:
    """Add the command that fetches an archive."""
    parser = commands.add_parser(
        "fetch", help="fetch a model's archive, such as the Universal Sentence Encoder's"
    )
    parser.set_defaults(run=_fetch)
    parser.add_argument("address", help="URL of a tar archive")
    parser.add_argument("--sha256", help="checked before it is unpacked")


def _fetch(options: argparse.Namespace) -> None:
    from seqattack.files.fetch import Archive, archive_sha256, fetch_archive

    archive = Archive(options.address, options.sha256)
    folder = fetch_archive(archive)
    print(f"{folder}: SHA-256 of the archive is {archive_sha256(archive)}")
