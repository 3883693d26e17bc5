"""What computes a model's forward passes: torch, or on a processor OpenVINO."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal, get_args

from seqattack.errors import ModelError

Backend = Literal["torch", "openvino"]
"""What computes forward passes."""

BackendChoice = Literal["auto", "torch", "openvino"]
"""What a user may ask for; ``auto`` is OpenVINO where it is installed, the processor has bfloat16
natively and the model can be converted."""

BACKENDS: tuple[BackendChoice, ...] = get_args(BackendChoice)


def resolve_backend(backend: str, device: str) -> Backend:
    """Return the backend to use.

    Args:
        backend: ``torch``, ``openvino`` or ``auto``; see `BackendChoice`.
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
