"""The embedded masked LM: all-MiniLM-L6-v2 with a head trained on the generated newswire."""

from __future__ import annotations

from pathlib import Path

from seqattack.models.embedded import TRAINING_TEXT, made_once


def embedded_masked_lm() -> Path:
    """Return the folder of the embedded masked LM; it is trained the first time it is asked for.

    Raises:
        BackendError: The embedded encoder's package is missing, or the cache cannot be written.
    """
    from seqattack.corpus.newswire import generate_newswire
    from seqattack.masked_lm.settings import MaskedLMSettings
    from seqattack.masked_lm.training import train_masked_lm
    from seqattack.models.pretrained import embedded_model_path

    settings = MaskedLMSettings(steps=200)

    def train(folder: Path) -> None:
        corpus = generate_newswire(**TRAINING_TEXT)
        train_masked_lm(
            corpus["train"],
            corpus["dev"],
            pretrained=embedded_model_path(),
            output=folder,
            settings=settings,
        )

    return made_once("masked LM", settings, train)
