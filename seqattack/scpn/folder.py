"""The files that an SCPN's folder must hold; light to import, as the pipeline's plan needs it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from seqattack import integrity
from seqattack.errors import BackendError
from seqattack.files.artefacts import Artefact
from seqattack.files.fetch.fetching import fetched_folder

PARAPHRASER, PARSE_GENERATOR = "scpn.pt", "parse_generator.pt"
"""The files of the two networks."""

FILES = (
    PARAPHRASER,
    PARSE_GENERATOR,
    "parse_vocab.pkl",
    "ptb_tagset.pkl",
    "bpe.codes",
    "vocab.txt",
)
"""OpenAttack's files: two networks, their two vocabularies, and the sub-words."""


def scpn_folder(artefact: Artefact) -> Path:
    """Return the folder of an SCPN in an artefact that was fetched before.

    Raises:
        BackendError: It was not fetched, or holds no SCPN.
    """
    fetched = fetched_folder(artefact)
    found = sorted(path.parent for path in fetched.rglob(PARAPHRASER))
    folder = found[0] if found else fetched
    check_folder(folder)
    return folder


def check_folder(folder: Path) -> None:
    """Check that a folder holds the files of an SCPN.

    Raises:
        BackendError: One is missing.
        IntegrityError: The folder is a run's, and a file of it changed since it was made.
    """
    integrity.check_folder(folder)
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise BackendError(
            f"scpn: {folder} lacks {', '.join(missing)}. Write `scpn: {{artefact: scpn}}`, which "
            "fetches the published SCPN, or `scpn: {embedded: small}`, which trains a small one."
        )


def check_openattack() -> None:
    """Check that OpenAttack, whose networks an SCPN is made of, is installed.

    Raises:
        BackendError: It is not.
    """
    if find_spec("OpenAttack") is None:
        raise BackendError("an SCPN needs OpenAttack; run `pip install OpenAttack`.")
