"""The files of Stanza's English constituency parser; light to import, as the plan needs it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from seqattack.errors import BackendError
from seqattack.files.artefacts import artefacts
from seqattack.files.cache import cache_folder

STANZA = "stanza"
"""The parser's name in a configuration, and its artefact's."""

FILES = (
    "models/constituency/ptb3-revised_charlm.pt",
    "models/pos/combined_charlm.pt",
    "models/pretrain/conll17.pt",
    "models/forward_charlm/1billion.pt",
    "models/backward_charlm/1billion.pt",
)
"""Parser, tagger, word vectors and two character models, by their paths on the hub."""


def stanza_folder(given: str | None = None) -> Path:
    """Return the folder of Stanza's files: the given one, or the one in the cache."""
    if given is not None:
        return Path(given)
    return cache_folder() / f"{STANZA}-{artefacts()[STANZA].version[:8]}"


def check_stanza(folder: Path) -> None:
    """Check that Stanza is installed and that a folder holds all of its files.

    Raises:
        BackendError: It is not, or a file is missing.
    """
    if find_spec("stanza") is None:
        raise BackendError("scpn.parser: stanza is not installed; run `pip install stanza`.")
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        listed = artefacts()[STANZA]
        raise BackendError(
            f"scpn.parser: {folder} lacks {', '.join(missing)}. Put the files of "
            f"{listed.address} at revision {listed.version} there under the same paths, name "
            "another folder as scpn.parser_path, or write `parser: shallow`."
        )
