"""Victims in ONNX format, run by onnxruntime on the processor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from glob import escape
from pathlib import Path

import torch

from seqattack.errors import BackendError, ModelError
from seqattack.files.checksums import sha256_file, sha256_json
from seqattack.victim.exported import Array, ExportedVictim, Graph

FILE = "model.onnx"
"""What optimum calls the graph."""


def load_onnx(folder: str, tags: Sequence[str] = ()) -> ExportedVictim:
    """Load a victim that optimum exported to ONNX.

    Args:
        folder: Holds ``model.onnx`` (or one file of another name, as quantized models have),
            ``config.json`` and the tokenizer.
        tags: Its tags in the order of their ids, where its configuration has none.

    Raises:
        BackendError: onnxruntime is not installed.
        ModelError: Something is missing or broken.
    """
    return ExportedVictim(Path(folder), tags, _graph)


def _graph(folder: Path) -> Graph:
    try:
        import onnxruntime
    except ImportError as error:
        raise BackendError(
            "onnxruntime is not installed; run `pip install 'seqattack[onnx]'`."
        ) from error
    path = _file(folder)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise ModelError(
            f"{path}: onnxruntime cannot load it: {error}; export it again."
        ) from error

    def run(inputs: Mapping[str, Array]) -> Array:
        found: Array = session.run(None, dict(inputs))[0]
        return found

    return Graph(tuple(each.name for each in session.get_inputs()), run, _checksum(path))


def _checksum(path: Path) -> str:
    """Return a checksum of a graph; large ones have their weights in files beside them."""
    parts = [sha256_file(each) for each in sorted(path.parent.glob(f"{escape(path.name)}*"))]
    return parts[0] if len(parts) == 1 else sha256_json(parts)


def _file(folder: Path) -> Path:
    found = sorted(folder.glob("*.onnx"))
    if (folder / FILE) in found:
        return folder / FILE
    if len(found) != 1:
        said = ", ".join(each.name for each in found) or "none"
        raise ModelError(f"{folder}: needs {FILE}, or one .onnx file alone; there is {said}.")
    return found[0]
