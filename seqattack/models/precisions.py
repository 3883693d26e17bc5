"""The names of precisions, for what must not import torch."""

PRECISIONS = ("auto", "float32", "bfloat16")
"""``auto`` is bfloat16 where the device has it natively."""
