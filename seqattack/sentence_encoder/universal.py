"""Sentence embeddings of the Universal Sentence Encoder, or of any SavedModel like it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from seqattack.errors import BackendError, ModelError
from seqattack.files.checksums import sha256_folder, sha256_json
from seqattack.models.batching import PROBES, BatchedModel
from seqattack.models.soundness import check_answers
from seqattack.sentence_encoder.encoder import Vector
from seqattack.sentence_encoder.settings import USE
from seqattack.text import reason_of


class UniversalSentenceEncoder(BatchedModel[str, Vector]):
    """The Universal Sentence Encoder (Cer et al., 2018), the paper's sentence encoder.

    The model takes texts as they are, so none is padded here. TensorFlow adds numbers in an order
    that depends on the batch size, and an encoder may pad all texts to the longest one. The rest
    of its batch must not change a bit of a text's vector, so both are measured: where the size
    matters, every batch has the same number of texts; where the neighbours matter, texts are
    encoded one by one.

    Args:
        model: Folder of the SavedModel, or one that holds that folder.
        batch_size: Texts in a full batch; `batch_tokens` has no effect.

    Raises:
        BackendError: TensorFlow is missing.
        ModelError: There is no SavedModel, or it does not turn texts into vectors.
    """

    name = USE

    tries_sizes = False

    def __init__(self, model: str | Path, batch_size: int = 32) -> None:
        super().__init__(batch_size, longest=1)
        self.batch_size = batch_size
        folder = _model_folder(Path(model))
        self._tensorflow = _tensorflow()
        self._encode = _load(self._tensorflow, folder)
        self.checksum = sha256_json(sha256_folder(folder))

    def items(self, texts: list[str]) -> list[str]:
        """Return the texts."""
        return texts

    def length(self, item: str) -> int:
        """Return 1, so that all texts share one bucket."""
        return 1

    def capacity(self, bucket: int) -> int:
        """Return how many texts make a full batch: 1 where a text's neighbours matter."""
        return self.batch_size if self.is_neighbour_invariant else 1

    def forward(self, items: Sequence[str], length: int) -> Sequence[Vector]:
        """Return a vector of length 1 for each text."""
        vectors = np.asarray(self._encode(self._tensorflow.constant(list(items))), dtype=np.float32)
        if vectors.ndim != 2 or len(vectors) != len(items):
            raise ModelError(
                f"similarity.model: {len(items)} texts gave an array of shape {vectors.shape}; a "
                "sentence encoder gives one vector for each text."
            )
        check_answers(self.name, vectors)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return list(vectors / np.maximum(norms, np.finfo(np.float32).tiny))

    def probes(self) -> Sequence[str]:
        """Return sample texts for testing batch invariance."""
        return [" ".join(tokens) for tokens in PROBES]

    def arrays(self, result: Vector) -> Sequence[Vector]:
        """Return the vector itself."""
        return (result,)

    @cached_property
    def is_neighbour_invariant(self) -> bool:
        """Whether a text's vector is the same bytes in every full batch, at every place."""
        size = self.batch_size
        texts = [*self.probes(), "Rain .", " ".join(" ".join(t) for t in PROBES * 4)]
        mixed = [texts[place % len(texts)] for place in range(size)]
        vectors = self.forward(mixed, 1)
        alike = {text: self.forward([text] * size, 1)[0] for text in texts}
        return all(map(np.array_equal, vectors, (alike[text] for text in mixed)))


def _model_folder(model: Path) -> Path:
    """Return the folder that holds ``saved_model.pb``: the one given, or one in it."""
    for folder in (model, *sorted(path for path in model.glob("*") if path.is_dir())):
        if (folder / "saved_model.pb").is_file():
            return folder
    raise ModelError(
        f"similarity.model {model}: no SavedModel there; give the folder that holds a "
        "saved_model.pb."
    )


def _tensorflow() -> Any:
    """Import TensorFlow, to run on the processor with torch's number of threads."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # its sums have another order
    try:
        import tensorflow
    except ImportError as error:
        raise BackendError(
            "similarity.backend use needs TensorFlow; run `make setup-use` or `pip install "
            "tensorflow-cpu`, or use `snakemake --use-conda`. similarity.backend "
            "sentence-transformers needs neither."
        ) from error
    import torch

    threads = torch.get_num_threads()
    threading = tensorflow.config.threading
    if threading.get_intra_op_parallelism_threads() != threads:
        with suppress(RuntimeError):  # TensorFlow has computed something, and keeps its threads
            threading.set_intra_op_parallelism_threads(threads)
            threading.set_inter_op_parallelism_threads(1)
            tensorflow.config.set_visible_devices([], "GPU")  # the GPU is for torch
    return tensorflow


def _load(tensorflow: Any, folder: Path) -> Callable[[Any], Any]:
    """Return a SavedModel's function from texts to vectors: its object, or its signature."""
    try:
        loaded = tensorflow.saved_model.load(str(folder))
    except Exception as error:  # TensorFlow raises many kinds
        raise ModelError(
            f"{folder}: TensorFlow cannot load this SavedModel ({reason_of(error)}); fetch or "
            "copy it again."
        ) from error
    if callable(loaded):
        return lambda texts: _only(folder, loaded(texts))
    signature = getattr(loaded, "signatures", {}).get("serving_default")
    names = list(signature.structured_input_signature[1]) if signature else []
    if len(names) != 1:
        raise ModelError(
            f"{folder}: neither callable nor with a signature `serving_default` of one input, so "
            "it is not a sentence encoder."
        )
    # The signature lives only as long as the object that it was loaded with.
    return lambda texts, owner=loaded: _only(folder, signature(**{names[0]: texts}))  # type: ignore[misc]


def _only(folder: Path, output: Any) -> Any:
    """Return a model's output, which may be wrapped in a dictionary of one entry."""
    if not isinstance(output, dict):
        return output
    for name in ("outputs", "default"):
        if name in output:
            return output[name]
    if len(output) != 1:
        raise ModelError(f"{folder}: one output is needed; it has {', '.join(sorted(output))}.")
    return next(iter(output.values()))
