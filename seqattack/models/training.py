"""What trainings of all models share."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from seqattack.errors import ConfigError
from seqattack.models.device import has_bfloat16, resolve_precision
from seqattack.models.loading import weights_checksum
from seqattack.models.pretrained import describe_pretrained


def use_bfloat16(precision: str, device: str) -> bool:
    """Whether to train with bfloat16 autocast.

    Args:
        precision: ``auto``, ``bfloat16`` or ``float32``.
        device: ``cpu`` or ``cuda``.

    Raises:
        ConfigError: bfloat16 was asked for and the device does not have it natively.
    """
    if precision == "bfloat16" and not has_bfloat16(device):
        raise ConfigError(
            f"training.precision is bfloat16, but the {device} here has no native bfloat16; "
            "write auto or float32."
        )
    return resolve_precision(precision, device) == "bfloat16"


def origin_of(pretrained: str, revision: str | None) -> dict[str, Any]:
    """Return where a pretrained model comes from, and its checksum."""
    return describe_pretrained(pretrained, revision) | {"checksum": weights_checksum(pretrained)}


def versions() -> dict[str, str]:
    """Return the versions of the libraries that weights depend on."""
    return {name: version(name) for name in ("torch", "transformers", "accelerate", "tokenizers")}
