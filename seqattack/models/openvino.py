"""Forward passes on the processor by OpenVINO: models are converted once and kept in the cache."""

from __future__ import annotations

import logging
import shutil
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqattack import __version__
from seqattack.errors import BackendError, ModelError
from seqattack.files.cache import cache_folder
from seqattack.files.checksums import sha256_json
from seqattack.models.backend import resolve_backend
from seqattack.models.precisions import Precision
from seqattack.text import clipped

logger = logging.getLogger(__name__)

Array = np.ndarray[Any, Any]

FILE = "openvino_model.xml"
"""The file of a graph, as optimum calls it; the weights lie beside it, in one that ends with
``.bin``."""

HINTS: Mapping[Precision, str] = {"float32": "f32", "bfloat16": "bf16"}
"""OpenVINO's names of precisions; without one, it computes in bfloat16 where the processor can."""

TOLERANCE = 1e-3
"""How far a converted model's numbers may be from those of the model, absolutely or relatively."""

CURE = "set the backend to torch."


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a model that is converted, such as all but the head.

    Args:
        name: The model's folder or hub name, as errors call it.
        what: What the part computes; with `checksum`, this names it in the cache.
        checksum: Of the model's weights, configuration and tokenizer, or the hub's commit.
        load: Returns the part as a torch module, in float32 on the processor; called where it has
            not been converted yet. Of what the module gives, the first is converted.
    """

    name: str
    what: str
    checksum: str
    load: Callable[[], torch.nn.Module]


def converted(
    part: Part, backend: str, device: str, precision: Precision
) -> torch.nn.Module | None:
    """Return a part of a model as OpenVINO computes it; None where torch has to.

    The module takes ``input_ids`` and ``attention_mask``, of shape (texts, sub-tokens), and gives
    a tuple of what the part gives first.

    Args:
        part: The part.
        backend: ``torch``, ``openvino`` or ``auto``; see `seqattack.models.backend.BACKENDS`.
        device: Where the model runs: ``cpu``, ``cuda`` or ``cuda:N``.
        precision: Of the forward passes.

    Raises:
        ModelError: There is no such backend, or OpenVINO is wanted and cannot run the model.
        BackendError: OpenVINO is wanted and not installed, or the cache cannot be written.
    """
    if resolve_backend(backend, device) == "torch":
        return None
    try:
        return load_converted(part, precision)
    except ModelError as error:
        if backend != "auto":
            raise
        logger.warning("%s Now torch computes it.", error)
        return None


class CompiledGraph:
    """A graph that OpenVINO has made ready for the processor, with as many threads as torch has.

    Args:
        path: Of the graph.
        precision: Of the forward passes; inputs and outputs keep their types.
        cure: What to do if the graph cannot be loaded.

    Attributes:
        inputs: The names of its inputs.

    Raises:
        BackendError: openvino is not installed.
        ModelError: The graph is broken.
    """

    def __init__(self, path: Path, precision: Precision, cure: str) -> None:
        settings = {
            "INFERENCE_PRECISION_HINT": HINTS[precision],
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "ENABLE_CPU_PINNING": False,  # jobs side by side would be held on the same core
        }
        core = import_openvino().Core()
        try:
            self._compiled = core.compile_model(str(path), "CPU", settings)
        except Exception as error:
            raise ModelError(f"{path}: openvino cannot load it ({_reason(error)}); {cure}") from (
                error
            )
        self.inputs = tuple(each.get_any_name() for each in self._compiled.inputs)
        self._lock = threading.Lock()

    def run(self, inputs: Mapping[str, Array]) -> Array:
        """Return the graph's first output.

        Args:
            inputs: All its inputs by name, of shape (texts, sub-tokens).
        """
        with self._lock:  # one call at a time, and the next writes over what this one found
            found: Array = self._compiled(dict(inputs))[0]
            return found.copy()


class ConvertedModel(torch.nn.Module):
    """A graph that stands where a model of transformers stood.

    Args:
        graph: The graph.
    """

    def __init__(self, graph: CompiledGraph) -> None:
        super().__init__()
        self._graph = graph

    def forward(self, **inputs: torch.Tensor) -> tuple[torch.Tensor]:
        """Return the graph's output, alone in a tuple.

        Args:
            **inputs: Those of the graph, of shape (texts, sub-tokens).
        """
        arrays = {name: inputs[name].numpy() for name in self._graph.inputs}
        return (torch.from_numpy(self._graph.run(arrays)),)


class _First(torch.nn.Module):
    """A model that gives the first of its outputs alone."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self._model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self._model(input_ids=input_ids, attention_mask=attention_mask)[0]
        return found


def import_openvino() -> Any:
    """Return the package openvino, with its telemetry switched off.

    Raises:
        BackendError: It is not installed.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
    except ImportError as error:
        raise BackendError(
            "openvino is not installed; run `pip install 'seqattack[openvino]'`, or set the "
            "backend to torch."
        ) from error
    return openvino


def load_converted(part: Part, precision: Precision) -> ConvertedModel:
    """Return a part of a model; it is converted if the cache does not have it.

    Processes that ask for the same one at the same time wait for the first of them.

    Args:
        part: The part.
        precision: Of the forward passes.

    Raises:
        BackendError: openvino is not installed, or the cache cannot be written.
        ModelError: The part cannot be converted.
    """
    from filelock import FileLock

    import_openvino()
    made_by = [version(name) for name in ("openvino", "torch", "transformers")]
    key = sha256_json([part.checksum, part.what, __version__, *made_by])[:16]
    kept = cache_folder() / "openvino" / key
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        if not kept.is_dir():
            with FileLock(f"{kept}.lock"):
                if not kept.is_dir():
                    _keep(part, kept)
    except OSError as error:
        raise _unwritable(kept.parent, error.strerror or error) from error
    cure = f"delete the folder {kept} and run again."
    return ConvertedModel(CompiledGraph(kept / FILE, precision, cure))


def _keep(part: Part, folder: Path) -> None:
    """Convert a part of a model into a folder, completely or not at all."""
    graph = _convert(part)
    work = folder.with_name(f"{folder.name}.work")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        import_openvino().save_model(graph, work / FILE, compress_to_fp16=False)
    except Exception as error:
        shutil.rmtree(work, ignore_errors=True)
        raise _unwritable(folder.parent, _reason(error)) from error
    work.replace(folder)


def _unwritable(folder: Path, reason: object) -> BackendError:
    return BackendError(
        f"{folder}: could not be written ({reason}). Free some space, or set SEQATTACK_CACHE to "
        "another folder."
    )


def _convert(part: Part) -> Any:
    """Convert a part of a model, and compare it with the original on another shape."""
    openvino = import_openvino()
    module = _First(part.load()).eval()
    other = _example(3, 24)
    try:
        graph = _traced(module)
        with torch.inference_mode():
            expected = module(**other).numpy()
        settings = {"INFERENCE_PRECISION_HINT": HINTS["float32"]}
        compiled = openvino.Core().compile_model(graph, "CPU", settings)
        names = [each.get_any_name() for each in compiled.inputs]
        found = compiled({name: other[name].numpy() for name in names})[0]
    except Exception as error:
        raise ModelError(
            f"{part.name}: OpenVINO cannot convert it ({_reason(error)}); {CURE}"
        ) from error
    same_shape = found.shape == expected.shape
    if not same_shape or not np.allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE):
        raise ModelError(f"{part.name}: converted to OpenVINO, it gives other numbers; {CURE}")
    return graph


def _traced(module: torch.nn.Module) -> Any:
    """Return a module's graph; openvino's own `convert_model` does this, and reports it."""
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    with _silence(), torch.no_grad():
        decoder = TorchScriptPythonDecoder(  # weights are copied: the graph outlives the module
            module, example_input=_example(2, 8), shared_memory=False
        )
        frontend = FrontEndManager().load_by_framework("pytorch")
        return frontend.convert(frontend.load(decoder))


@contextmanager
def _silence() -> Iterator[None]:
    """Keep back the warnings of a trace: about deprecated names, and about what it leaves out."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.disable(before)


def _example(rows: int, length: int) -> dict[str, torch.Tensor]:
    """Return the inputs of a batch, the last row of which is padded."""
    ids = torch.arange(rows * length).reshape(rows, length) % 7 + 1
    mask = torch.ones_like(ids)
    mask[-1, length // 2 :] = 0
    return {"input_ids": ids, "attention_mask": mask}


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return clipped(next((line for line in reversed(lines) if line.strip()), lines[0]), 200)
