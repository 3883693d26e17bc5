"""Victims that are GLiNER models: they look for the classes that they are told."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqattack.errors import BackendError, ModelError
from seqattack.models.device import resolve_device
from seqattack.models.loading import model_errors, weights_checksum
from seqattack.models.packed import pack
from seqattack.models.soundness import check_finite
from seqattack.tags import iob2_tags
from seqattack.victim.answers import check_tags
from seqattack.victim.probabilities import Probabilities, with_tags
from seqattack.victim.victim import Victim

THRESHOLD = 0.5
"""The least score of an entity, GLiNER's own default."""


class GlinerVictim(Victim):
    """A GLiNER, given the tokens with a space between them; an entity has all tokens it touches.

    A token of an entity has the tag's probability from the entity's score and ``O`` from the
    rest; other tokens are ``O`` for certain. Texts go through one by one, because a GLiNER's scores
    depend a little on the padding of its batch.

    Args:
        model: The GLiNER.
        classes: What it looks for.
        checksum: What it is.
        device: Where it runs.
        folder: Where it was loaded from; None for a model of the hub.
    """

    batch_size = 1
    unit = "words as GLiNER splits them"
    unk_token = "[UNK]"

    def __init__(
        self,
        model: Any,
        classes: Sequence[str],
        checksum: str,
        device: str = "cpu",
        folder: Path | None = None,
    ) -> None:
        self.model = model
        self.classes = list(classes)
        self.labels = check_tags(self.name, iob2_tags(classes))
        self.checksum = checksum
        self.device = device
        self.folder = folder
        self.max_length = int(model.config.max_len)

    def probabilities(
        self, texts: Sequence[Sequence[str]], padded_length: int
    ) -> list[Probabilities]:
        """Find the entities of each text; see `Victim.probabilities`."""
        joined = [" ".join(tokens) for tokens in texts]
        found = self.model.inference(
            joined, self.classes, flat_ner=True, threshold=THRESHOLD, batch_size=1
        )
        return [self._rows(*pair) for pair in zip(texts, found, strict=True)]

    def length(self, tokens: Sequence[str]) -> int:
        """Return a text's number of words, as GLiNER splits it."""
        return sum(1 for _ in self.model.data_processor.words_splitter(" ".join(tokens)))

    def _rows(self, tokens: Sequence[str], entities: Sequence[Mapping[str, Any]]) -> Probabilities:
        ends = np.cumsum([len(token) + 1 for token in tokens]) - 1
        starts = ends - [len(token) for token in tokens]
        rows, ids = np.zeros((len(tokens), len(self.labels))), [0] * len(tokens)
        rows[:, 0] = 1
        for entity in sorted(entities, key=lambda each: each["start"]):
            touched = (starts < entity["end"]) & (ends > entity["start"])
            free = [index for index in np.flatnonzero(touched) if not ids[index]]
            begin = 1 + 2 * self.classes.index(entity["label"])
            for number, index in enumerate(free):
                ids[index] = begin + (number > 0)
                rows[index, 0] = 1 - entity["score"]
                rows[index, ids[index]] = entity["score"]
        return with_tags(rows, ids)


def load_gliner(
    name: str,
    classes: Sequence[str],
    *,
    revision: str | None = None,
    device: str = "auto",
) -> GlinerVictim:
    """Load a GLiNER.

    Args:
        name: Folder or hub name.
        classes: What it is to look for.
        revision: Pinned revision of a hub model.
        device: ``auto``, ``cpu`` or ``cuda``.

    Raises:
        BackendError: The package gliner is not installed.
        ModelError: The model is missing or broken, or no class is given.
    """
    try:
        from gliner import GLiNER
    except ImportError as error:
        raise BackendError("gliner is not installed; run `pip install 'seqattack[gliner]'`.") from (
            error
        )
    if not classes:
        raise ModelError(
            f"gliner:{name}: a GLiNER has to be told what to look for; give classes with --tags "
            "(in Python and in the config: tags), such as person location."
        )
    device = resolve_device(device)
    folder = Path(name) if os.path.isdir(name) else None
    checksum = weights_checksum(name)
    if folder and checksum is None:
        raise ModelError(f"gliner:{name}: no model.safetensors in this folder; save it with it.")
    with model_errors(f"gliner:{name}", "the model"):
        model = GLiNER.from_pretrained(name, revision=revision, map_location=device)
    check_finite(f"gliner:{name}", model)
    checksum = checksum or _commit(name, revision)
    return GlinerVictim(pack(model.eval()), classes, checksum, device, folder)


def _commit(name: str, revision: str | None) -> str:
    """Return the commit of a hub model that was loaded, which names its folder in the cache."""
    from huggingface_hub import try_to_load_from_cache

    path = try_to_load_from_cache(name, "gliner_config.json", revision=revision)
    return Path(path).parent.name if isinstance(path, str) else f"{name} {revision or 'main'}"
