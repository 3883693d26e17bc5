"""Victims that optimum exported to OpenVINO, which runs them on the processor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqattack.errors import ModelError
from seqattack.files.checksums import sha256_file, sha256_json
from seqattack.models.device import resolve_precision
from seqattack.models.openvino import FILE, CompiledGraph, import_openvino
from seqattack.models.precisions import Precision, PrecisionChoice
from seqattack.victim.exported import ExportedVictim, Graph


def load_openvino(
    folder: str,
    tags: Sequence[str] = (),
    precision: PrecisionChoice = "float32",
) -> ExportedVictim:
    """Load a victim that optimum exported to OpenVINO.

    Args:
        folder: Holds ``openvino_model.xml`` and ``.bin``, ``config.json`` and the tokenizer.
        tags: Its tags in the order of their ids, where its configuration has none.
        precision: Of the forward passes; ``auto`` is bfloat16 where the processor has it natively.

    Raises:
        BackendError: openvino is not installed.
        ModelError: Something is missing or broken.
    """
    resolved = resolve_precision(precision, "cpu")
    victim = ExportedVictim(Path(folder), tags, lambda found: _graph(found, resolved))
    victim.precision, victim.backend = resolved, "openvino"
    return victim


def _graph(folder: Path, precision: Precision) -> Graph:
    import_openvino()
    path = folder / FILE
    weights = path.with_suffix(".bin")
    if not (path.is_file() and weights.is_file()):
        raise ModelError(
            f"{folder}: needs {FILE} and {weights.name}, as optimum exports them; a model of "
            "transformers is named by its folder alone and runs with the backend openvino."
        )
    checksum = sha256_json([sha256_file(path), sha256_file(weights)])
    graph = CompiledGraph(path, precision, "export it again.")
    return Graph(graph.inputs, graph.run, checksum)
