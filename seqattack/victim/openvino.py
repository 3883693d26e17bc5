"""Victims that OpenVINO runs on the processor: exported by optimum, or converted here once."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from seqattack.errors import BackendError, ModelError
from seqattack.files.cache import cache_folder
from seqattack.files.checksums import sha256_file, sha256_json
from seqattack.models.device import Precision, resolve_precision
from seqattack.models.loading import load_config, weights_checksum
from seqattack.victim.exported import Array, ExportedVictim, Graph
from seqattack.victim.transformers import load_classifier

FILE = "openvino_model.xml"
"""What optimum calls the graph; the weights lie beside it, in a file that ends with ``.bin``."""

HINTS: Mapping[Precision, str] = {"float32": "f32", "bfloat16": "bf16"}
"""OpenVINO's names of precisions; without one, it computes in bfloat16 where the processor can."""

TOLERANCE = 1e-3
"""How far a converted model's logits may be from those of the model."""


def load_openvino(
    folder: str,
    tags: Sequence[str] = (),
    precision: Precision | Literal["auto"] = "float32",
) -> ExportedVictim:
    """Load a victim that OpenVINO runs.

    A model of transformers is converted on its first use and kept in the cache.

    Args:
        folder: Holds ``openvino_model.xml`` and ``.bin``, as optimum exports them, or
            ``model.safetensors``; besides, ``config.json`` and the tokenizer.
        tags: Its tags in the order of their ids, where its configuration has none.
        precision: Of the forward passes; ``auto`` is bfloat16 where the processor has it natively.

    Raises:
        BackendError: openvino is not installed, or the cache cannot be written.
        ModelError: Something is missing or broken, or the model cannot be converted.
    """
    resolved = resolve_precision(precision, "cpu")
    victim = ExportedVictim(Path(folder), tags, lambda found: _graph(found, resolved))
    victim.precision = resolved
    return victim


def _graph(folder: Path, precision: Precision) -> Graph:
    openvino = _openvino()
    path, checksum = _files(folder)
    threads = torch.get_num_threads()
    settings = {"INFERENCE_PRECISION_HINT": HINTS[precision], "INFERENCE_NUM_THREADS": threads}
    try:
        compiled = openvino.Core().compile_model(str(path), "CPU", settings)
    except Exception as error:
        raise ModelError(f"{path}: openvino cannot load it: {error}; export it again.") from error

    def run(inputs: Mapping[str, Array]) -> Array:
        found: Array = compiled(dict(inputs))[0]
        return found.copy()  # the next call writes over it

    return Graph(tuple(each.get_any_name() for each in compiled.inputs), run, checksum)


def _openvino() -> Any:
    try:
        import openvino
    except ImportError as error:
        raise BackendError(
            "openvino is not installed; run `pip install 'seqattack[openvino]'`."
        ) from error
    return openvino


def _files(folder: Path) -> tuple[Path, str]:
    """Return the graph of a folder's model and a checksum of what it is made of."""
    path = folder / FILE
    weights = path.with_suffix(".bin")
    if path.is_file() and weights.is_file():
        return path, sha256_json([sha256_file(path), sha256_file(weights)])
    checksum = weights_checksum(folder)
    if path.is_file() or checksum is None:
        raise ModelError(
            f"{folder}: needs {FILE} and {weights.name}, as optimum exports them, or "
            "model.safetensors, which is converted."
        )
    return _converted(folder, checksum), f"{checksum} openvino"


def _converted(folder: Path, checksum: str) -> Path:
    """Return the converted graph of a model of transformers, from the cache if it is there."""
    from filelock import FileLock

    made_by = [version(name) for name in ("openvino", "torch", "transformers")]
    kept = cache_folder() / "openvino" / sha256_json([checksum, made_by])[:16]
    work = kept.with_name(f"{kept.name}.work")
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{kept}.lock"):
            if not kept.is_dir():
                shutil.rmtree(work, ignore_errors=True)
                work.mkdir()
                _convert(folder, work / FILE)
                work.replace(kept)
    except OSError as error:
        raise BackendError(
            f"{kept.parent}: could not be written ({error.strerror or error}). Free some space, "
            "or set SEQATTACK_CACHE to another folder."
        ) from error
    return kept / FILE


def _convert(folder: Path, path: Path) -> None:
    """Convert a model of transformers, compare the two on another shape, and write the graph."""
    openvino, name = _openvino(), str(folder)
    model = load_classifier(name, None, load_config(name, None), "float32").eval()
    try:
        with warnings.catch_warnings(action="ignore"):  # of what tracing cannot see
            graph = openvino.convert_model(model, example_input=_example(2, 8))
        other = _example(3, 24)
        with torch.inference_mode():
            expected = model(**other).logits.numpy()
        compiled = openvino.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        names = [each.get_any_name() for each in compiled.inputs]
        found = compiled({each: other[each].numpy() for each in names})[0]
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"{name}: OpenVINO cannot convert it ({reason}); {_CURE}") from error
    if not np.allclose(found, expected, atol=TOLERANCE):
        raise ModelError(f"{name}: converted to OpenVINO, it gives other tags; {_CURE}")
    openvino.save_model(graph, path, compress_to_fp16=False)


_CURE = "run it with torch (its path alone, without `openvino:`), or export it with optimum."


def _example(rows: int, length: int) -> dict[str, torch.Tensor]:
    """Return the inputs of a batch, the last row of which is padded."""
    ids = torch.arange(rows * length).reshape(rows, length) % 7 + 1
    mask = torch.ones_like(ids)
    mask[-1, length // 2 :] = 0
    return {"input_ids": ids, "attention_mask": mask}
