"""How a masked LM is trained."""

from __future__ import annotations

from dataclasses import dataclass

from seqattack.checks import check_choice, check_integer, check_number, check_seed
from seqattack.models.precisions import PRECISIONS, PrecisionChoice


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

    Raises:
        ConfigError: A value is out of range.
    """

    steps: int = 1000
    learning_rate: float = 3e-4
    batch_size: int = 32
    warmup_ratio: float = 0.05
    seed: int = 0
    precision: PrecisionChoice = "auto"

    def __post_init__(self) -> None:
        check_integer("steps", self.steps)
        check_number("learning_rate", self.learning_rate, 0, over=True)
        check_integer("batch_size", self.batch_size)
        check_number("warmup_ratio", self.warmup_ratio, 0, 1)
        check_seed("seed", self.seed)
        check_choice("precision", self.precision, PRECISIONS)
