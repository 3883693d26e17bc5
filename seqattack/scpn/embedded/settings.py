"""How a small SCPN is trained."""

from __future__ import annotations

from dataclasses import dataclass

from seqattack.checks import check_integer, check_number, check_seed


@dataclass(frozen=True, slots=True)
class ScpnSettings:
    """What the weights depend on, besides the sentences and the machine.

    Args:
        steps: Optimizer steps of each of the two networks.
        learning_rate: The paraphraser's highest, which falls linearly to 0; the parse generator's
            is three times as high.
        batch_size: Pairs in a step.
        hidden: Size of the paraphraser's states; the parse generator's are half as large.
        seed: The seed of pairs, order and initial weights.

    Raises:
        ConfigError: A value is out of range.
    """

    steps: int = 800
    learning_rate: float = 3e-3
    batch_size: int = 64
    hidden: int = 128
    seed: int = 0

    def __post_init__(self) -> None:
        check_integer("steps", self.steps)
        check_number("learning_rate", self.learning_rate, 0, over=True)
        check_integer("batch_size", self.batch_size)
        check_integer("hidden", self.hidden, 2)
        check_seed("seed", self.seed)
