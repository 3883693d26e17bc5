"""How a victim is fine-tuned."""

from __future__ import annotations

from dataclasses import dataclass

from seqattack.checks import check_boolean, check_choice, check_integer, check_number, check_seed
from seqattack.models.precisions import PRECISIONS, PrecisionChoice
from seqattack.victim.hardening import EmbeddingAttackSettings, NoiseSettings, settings_of


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What the weights depend on, besides the data, the pretrained model and the machine.

    Args:
        epochs: Passes over the training set (the paper: 3).
        learning_rate: Highest learning rate; it falls linearly to 0.
        batch_size: Sentences in a step.
        seed: The seed of the new head, dropout and the order of the sentences.
        precision: ``auto`` is bfloat16 autocast where the device has it natively.
        warmup_ratio: Share of the steps in which the learning rate rises, in [0, 1].
        weight_decay: The weight decay of AdamW.
        max_length: Most sub-tokens of a sentence; None is the model's own limit. A longer sentence
            is refused, not cut.
        continued: Whether the pretrained model is a victim whose training goes on, with its own
            head and tags, instead of getting a new one.
        noise: Fresh noise for the training sentences of every epoch, or none; it may be given as an
            object of JSON.
        embedding_attack: Adversarial training in the space of input embeddings, or none; it may be
            given as an object of JSON.

    Raises:
        ConfigError: A value is out of range.
    """

    epochs: int = 3
    learning_rate: float = 5e-5
    batch_size: int = 16
    seed: int = 0
    precision: PrecisionChoice = "auto"
    warmup_ratio: float = 0.0
    weight_decay: float = 0.0
    max_length: int | None = None
    continued: bool = False
    noise: NoiseSettings | None = None
    embedding_attack: EmbeddingAttackSettings | None = None

    def __post_init__(self) -> None:
        check_integer("epochs", self.epochs)
        check_number("learning_rate", self.learning_rate, 0, over=True)
        check_integer("batch_size", self.batch_size)
        check_seed("seed", self.seed)
        check_choice("precision", self.precision, PRECISIONS)
        check_number("warmup_ratio", self.warmup_ratio, 0, 1)
        check_number("weight_decay", self.weight_decay, 0)
        if self.max_length is not None:
            check_integer("max_length", self.max_length)
        check_boolean("continued", self.continued)
        noise = settings_of("noise", NoiseSettings, self.noise)
        attack = settings_of("embedding_attack", EmbeddingAttackSettings, self.embedding_attack)
        object.__setattr__(self, "noise", noise)
        object.__setattr__(self, "embedding_attack", attack)
