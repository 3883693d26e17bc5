"""The files that an SCPN's folder must hold; light to import, as the pipeline's plan needs it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from seqattack.errors import BackendError

FILES = (
    "scpn.pt",
    "parse_generator.pt",
    "parse_vocab.pkl",
    "ptb_tagset.pkl",
    "bpe.codes",
    "vocab.txt",
)
"""OpenAttack's files: two networks, their two vocabularies, and the sub-words."""


def check_folder(folder: Path) -> None:
    """Check that a folder holds the files of an SCPN.

    Raises:
        BackendError: One is missing.
    """
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise BackendError(
            f"scpn.path: {folder} lacks {', '.join(missing)}. Put the files of the published SCPN "
            "there (150 MB; https://data.thunlp.org/TAADToolbox/scpn.zip, which OpenAttack names "
            "AttackAssist.SCPN), or write `scpn: {embedded: small}`, which trains a small one."
        )


def check_openattack() -> None:
    """Check that OpenAttack, whose networks an SCPN is made of, is installed.

    Raises:
        BackendError: It is not.
    """
    if find_spec("OpenAttack") is None:
        raise BackendError("an SCPN needs OpenAttack; run `pip install OpenAttack`.")
