"""Victims in OpenVINO's format, on the processor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from seqattack.errors import BackendError, ModelError
from seqattack.files.checksums import sha256_file, sha256_json
from seqattack.victim.exported import Array, ExportedVictim, Graph

FILE = "openvino_model.xml"
"""What optimum calls the graph; the weights lie beside it, in a file that ends with ``.bin``."""


def load_openvino(folder: str, tags: Sequence[str] = ()) -> ExportedVictim:
    """Load a victim that optimum exported to OpenVINO.

    Args:
        folder: Holds ``openvino_model.xml`` and ``.bin``, ``config.json`` and the tokenizer.
        tags: Its tags in the order of their ids, where its configuration has none.

    Raises:
        BackendError: openvino is not installed.
        ModelError: Something is missing or broken.
    """
    return ExportedVictim(Path(folder), tags, _graph)


def _graph(folder: Path) -> Graph:
    try:
        import openvino
    except ImportError as error:
        raise BackendError(
            "openvino is not installed; run `pip install 'seqattack[openvino]'`."
        ) from error
    path = folder / FILE
    weights = path.with_suffix(".bin")
    if not (path.is_file() and weights.is_file()):
        raise ModelError(f"{folder}: needs {FILE} and {weights.name}, as optimum exports them.")
    # OpenVINO would compute in bfloat16 wherever the processor can.
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": torch.get_num_threads()}
    try:
        compiled = openvino.Core().compile_model(str(path), "CPU", settings)
    except Exception as error:
        raise ModelError(f"{path}: openvino cannot load it: {error}; export it again.") from error

    def run(inputs: Mapping[str, Array]) -> Array:
        found: Array = compiled(dict(inputs))[0]
        return found.copy()  # the next call writes over it

    names = tuple(each.get_any_name() for each in compiled.inputs)
    return Graph(names, run, sha256_json([sha256_file(path), sha256_file(weights)]))
