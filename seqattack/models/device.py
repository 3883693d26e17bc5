"""The device that a model runs on, and the precision of its numbers."""

from __future__ import annotations

from typing import cast, get_args

import torch

from seqattack.errors import ModelError
from seqattack.models.precisions import Precision


def resolve_device(device: str) -> str:
    """Return the device to use.

    Args:
        device: ``auto`` (a GPU if there is one), ``cpu``, ``cuda`` or ``cuda:N``.

    Raises:
        ModelError: The device is missing, or there is none of that name.
    """
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, number = device.partition(":")
    if kind not in ("cpu", "cuda") or not (number.isdigit() or device == kind):
        raise ModelError(f"device {device!r} is unknown; write auto, cpu, cuda or cuda:0.")
    if kind == "cuda" and int(number or 0) >= torch.cuda.device_count():
        raise ModelError(
            f"device {device}: torch sees {torch.cuda.device_count()} GPUs; write cpu or auto, or "
            "install a driver and a torch built for it."
        )
    return device


def has_bfloat16(device: str) -> bool:
    """Whether a device computes in bfloat16 natively.

    Args:
        device: ``cpu``, ``cuda`` or ``cuda:N``.
    """
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # AVX512_BF16 and AMX have private checks only; oneDNN's public one counts emulation as well.
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def resolve_precision(precision: str, device: str) -> Precision:
    """Return the precision to use.

    Args:
        precision: ``float32``, ``bfloat16``, or ``auto``: bfloat16 where it is native.
        device: As for `has_bfloat16`.

    Raises:
        ModelError: There is no such precision.
    """
    if precision == "auto":
        return "bfloat16" if has_bfloat16(device) else "float32"
    if precision in get_args(Precision):
        return cast(Precision, precision)
    raise ModelError(f"precision {precision!r} is unknown; write auto, float32 or bfloat16.")
