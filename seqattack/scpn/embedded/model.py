"""The embedded SCPN: a small one, trained on the generated newswire."""

from __future__ import annotations

from pathlib import Path

from seqattack.models.embedded import TRAINING_TEXT, made_once


def embedded_scpn() -> Path:
    """Return the folder of the embedded SCPN; it is trained the first time it is asked for.

    Raises:
        BackendError: The cache cannot be written.
    """
    from seqattack.corpus.newswire import generate_newswire
    from seqattack.scpn.embedded.settings import ScpnSettings
    from seqattack.scpn.embedded.training import train_scpn

    settings = ScpnSettings(steps=500)

    def train(folder: Path) -> None:
        corpus = generate_newswire(**TRAINING_TEXT)
        train_scpn(corpus["train"], corpus["dev"], output=folder, settings=settings)

    return made_once("SCPN", settings, train)
