"""How a masked LM is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class MaskedLMSettings:
    """What the weights depend on, besides the text, the pretrained model and the machine.

    Args:
        steps: Optimizer steps.
        learning_rate: The encoder's highest; the head's is three times as high.
        batch_size: Sentences in a step.
        warmup_ratio: Share of the steps in which the rate rises.
        seed: The seed of masks, order and the head's initial weights.
        precision: ``auto`` is bfloat16 autocast where the device has it natively.
    """

    steps: int = 1000
    learning_rate: float = 3e-4
    batch_size: int = 32
    warmup_ratio: float = 0.05
    seed: int = 0
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
