"""Sentence embeddings of sentence-transformers models."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch

from seqattack.errors import BackendError
from seqattack.files.checksums import sha256_folder, sha256_json
from seqattack.models.backend import BackendChoice
from seqattack.models.batch_size import BATCH_TOKENS
from seqattack.models.batching import PROBES, BatchedModel, model_inputs
from seqattack.models.device import resolve_device, resolve_precision
from seqattack.models.openvino import Part, converted
from seqattack.models.precisions import Precision
from seqattack.models.pretrained import embedded_model_path
from seqattack.models.soundness import check_answers, check_finite
from seqattack.sentence_encoder.encoder import Vector
from seqattack.sentence_encoder.settings import SENTENCE_TRANSFORMERS
from seqattack.text import reason_of

EMBEDDED = "all-MiniLM-L6-v2"
"""What tables call the embedded model."""


class SentenceTransformersEncoder(BatchedModel[tuple[int, ...], Vector]):
    """A sentence-transformers model (Reimers & Gurevych, 2019).

    A text that is longer than the model takes is cut, as sentence-transformers does.

    Args:
        model: Folder or hub name of the model; None takes the embedded all-MiniLM-L6-v2.
        revision: Commit of a hub model.
        device: ``auto``, ``cpu`` or ``cuda``.
        precision: Of the forward passes: ``auto``, ``float32`` or ``bfloat16``; the vectors are
            always float32.
        backend: What computes the forward passes: ``torch``, ``openvino`` or ``auto``.

    Attributes:
        network: Computes a vector for each text, of any length.
        backend: What computes it.

    Raises:
        BackendError: sentence-transformers, the model or the backend is missing, or a hub model has
            no revision.
        ModelError: The device is missing, or the backend cannot run the model.
    """

    def __init__(
        self,
        model: str | None = None,
        revision: str | None = None,
        device: str = "cpu",
        precision: str = "float32",
        backend: BackendChoice = "torch",
    ) -> None:
        source = str(embedded_model_path()) if model is None else model
        self._device = resolve_device(device)
        resolved = resolve_precision(precision, self._device)
        self.checksum = _checksum(source) if os.path.isdir(source) else revision or source
        load = partial(_load, source, revision, self._device)
        part = Part(source, "vectors", self.checksum, lambda: _Vectors(load("float32")))
        ready = converted(part, backend, self._device, resolved)
        loaded = load(resolved)
        self.network = _Vectors(loaded) if ready is None else ready
        self._tokenizer = loaded.tokenizer
        super().__init__(BATCH_TOKENS, int(loaded.max_seq_length or 512))
        self.backend = "torch" if ready is None else "openvino"
        label = EMBEDDED if model is None else Path(model).name if os.path.isdir(model) else model
        self.name = f"{SENTENCE_TRANSFORMERS} {label}"

    def items(self, texts: list[str]) -> list[tuple[int, ...]]:
        """Return the ids of each text's sub-tokens."""
        if not texts:
            return []
        encoding = self._tokenizer(texts, truncation=True, max_length=self.longest)
        return [tuple(ids) for ids in encoding["input_ids"]]

    def length(self, item: tuple[int, ...]) -> int:
        """Return the number of sub-tokens."""
        return len(item)

    def forward(self, items: Sequence[tuple[int, ...]], length: int) -> Sequence[Vector]:
        """Return a vector of length 1 for each text."""
        pad_id = int(self._tokenizer.pad_token_id or 0)
        features = model_inputs(items, length, pad_id, self._device)
        with torch.inference_mode():
            vectors = self.network(**features)[0]
            unit = torch.nn.functional.normalize(vectors.float(), dim=1).cpu().numpy()
        check_answers(self.name, unit)
        return cast("Sequence[Vector]", list(unit))

    def probes(self) -> Sequence[tuple[int, ...]]:
        """Return sample texts for testing batch invariance."""
        return self.items([" ".join(tokens) for tokens in PROBES])

    def arrays(self, result: Vector) -> Sequence[Vector]:
        """Return the vector itself."""
        return (result,)


class _Vectors(torch.nn.Module):
    """A model of sentence-transformers that takes and gives what models of transformers do.

    Args:
        model: The model.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, **inputs: torch.Tensor) -> tuple[torch.Tensor]:
        """Return a vector for each text, alone in a tuple."""
        return (self.model(inputs)["sentence_embedding"],)


def _checksum(folder: str) -> str:
    """Return one SHA-256 of a folder's files, those that its modules have in folders included."""
    files = sha256_folder(Path(folder))
    return sha256_json({name: files[name] for name in files if not name.startswith(".")})


def _load(source: str, revision: str | None, device: str, precision: Precision) -> Any:
    """Load a model from a folder, or from the hub at a pinned revision."""
    from seqattack.models.deferred import deferred

    try:
        with deferred():
            from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise BackendError(
            f"similarity.backend {SENTENCE_TRANSFORMERS} needs the package of that name; run "
            f"`pip install {SENTENCE_TRANSFORMERS}`."
        ) from error
    if revision is None and not os.path.isdir(source):
        raise BackendError(
            f"similarity.model {source}: there is no such folder; a model on the hub needs its "
            "commit as similarity.revision."
        )
    from seqattack.models.loading import quietly
    from seqattack.models.packed import pack

    try:
        with quietly(), deferred():
            model = SentenceTransformer(
                source,
                revision=revision,
                device=device,
                trust_remote_code=False,
                model_kwargs={"dtype": precision},
            ).eval()
    except Exception as error:  # a damaged file may raise anything
        raise BackendError(
            f"similarity.model {source}: could not be loaded ({reason_of(error)}). Check the "
            "name, the revision and the network, or download the model and give its folder."
        ) from error
    check_finite(f"similarity.model {source}", model)
    return pack(model)
