"""The names of sentence encoders, and what has to be fetched for one; light to import."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from seqattack.files.artefacts import Artefact, Kind, find_artefact, hub_artefact

SENTENCE_TRANSFORMERS = "sentence-transformers"
"""The backend for models of the library sentence-transformers."""

USE = "use"
"""The backend for the Universal Sentence Encoder."""

BACKENDS = (SENTENCE_TRANSFORMERS, USE)
"""The values of the config's ``similarity.backend``; the first is the default."""

UNIVERSAL = "universal-sentence-encoder"
"""The artefact that `USE` takes where the config names no model."""


def encoder_artefacts(config: Mapping[str, Any]) -> Sequence[Artefact]:
    """Return what has to be fetched for a sentence encoder.

    Args:
        config: The config's ``similarity``.

    Example:
        >>> [artefact.name for artefact in encoder_artefacts({"backend": "use"})]
        ['universal-sentence-encoder']
    """
    model = config.get("model")
    if config.get("backend") == USE:
        return () if model else (find_artefact(config.get("artefact", UNIVERSAL)),)
    if model is None or os.path.isdir(model) or "revision" not in config:
        return ()
    return (hub_artefact(Kind.MODEL, model, config["revision"]),)
