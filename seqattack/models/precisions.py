"""The names of precisions, for what must not import torch."""

from typing import Literal, get_args

Precision = Literal["float32", "bfloat16"]
"""What a model computes in."""

PrecisionChoice = Literal["auto", "float32", "bfloat16"]
"""What a user may ask for; ``auto`` is bfloat16 where the device has it natively."""

PRECISIONS: tuple[PrecisionChoice, ...] = get_args(PrecisionChoice)
