"""The files of Stanza's English constituency parser; light to import, as the plan needs it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from seqattack.errors import BackendError
from seqattack.files.artefacts import find_artefact
from seqattack.files.fetch.fetching import fetched_folder

STANZA = "stanza"
"""What configurations, the list of artefacts and Python call the parser."""

FILES = (
    "models/constituency/ptb3-revised_charlm.pt",
    "models/pos/combined_charlm.pt",
    "models/pretrain/conll17.pt",
    "models/forward_charlm/1billion.pt",
    "models/backward_charlm/1billion.pt",
)
"""Parser, tagger, word vectors and two character models, by their paths on the hub."""


def stanza_folder() -> Path:
    """Return the folder of Stanza's files in the cache.

    Raises:
        BackendError: They were not fetched.
    """
    return fetched_folder(find_artefact(STANZA))


def check_stanza_folder(folder: Path) -> None:
    """Check that a folder holds all of Stanza's files.

    Raises:
        BackendError: One is missing.
    """
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise BackendError(
            f"scpn.parser_path: {folder} lacks {', '.join(missing)}. Put the files there under the "
            "paths that they have on the hub, or leave the key out, and they are fetched."
        )


def check_stanza() -> None:
    """Check that Stanza is installed.

    Raises:
        BackendError: It is not.
    """
    if find_spec(STANZA) is None:
        raise BackendError("scpn.parser: stanza is not installed; run `pip install stanza`.")
