"""How a small SCPN is trained."""

from __future__ import annotations

from dataclasses import dataclass


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
    """

    steps: int = 800
    learning_rate: float = 3e-3
    batch_size: int = 64
    hidden: int = 128
    seed: int = 0
