"""What computes a model's forward passes: torch, or on a processor OpenVINO."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from seqattack.errors import ModelError

if TYPE_CHECKING:
    import torch

    from seqattack.models.device import Precision

logger = logging.getLogger(__name__)

Backend = Literal["torch", "openvino"]
"""What computes forward passes."""

BACKENDS = ("auto", "torch", "openvino")
"""``auto`` is OpenVINO where it is installed, the processor has bfloat16 natively and the model can
be converted."""


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
        backend: ``torch``, ``openvino`` or ``auto``; see `BACKENDS`.
        device: Where the model runs: ``cpu``, ``cuda`` or ``cuda:N``.
        precision: Of the forward passes.

    Raises:
        ModelError: There is no such backend, or OpenVINO is wanted and cannot run the model.
        BackendError: OpenVINO is wanted and not installed, or the cache cannot be written.
    """
    if resolve_backend(backend, device) == "torch":
        return None
    from seqattack.models.openvino import load_converted

    try:
        return load_converted(part, precision)
    except ModelError as error:
        if backend != "auto":
            raise
        logger.warning("%s Now torch computes it.", error)
        return None


def resolve_backend(backend: str, device: str) -> Backend:
    """Return the backend to use.

    Args:
        backend: ``torch``, ``openvino`` or ``auto``; see `BACKENDS`.
        device: Where the model runs: ``cpu``, ``cuda`` or ``cuda:N``.

    Raises:
        ModelError: There is no such backend, or it does not run on this device.
    """
    from seqattack.models.device import has_bfloat16

    if backend == "auto":
        gains = device == "cpu" and has_bfloat16(device)
        return "openvino" if gains and find_spec("openvino") else "torch"
    if backend not in BACKENDS:
        raise ModelError(f"backend {backend!r} is unknown; write auto, torch or openvino.")
    if backend == "openvino" and device != "cpu":
        raise ModelError(
            f"backend openvino runs on the processor, not on {device}; set the device to cpu, or "
            "the backend to torch."
        )
    return "openvino" if backend == "openvino" else "torch"
