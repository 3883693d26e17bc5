"""What an attack's outcome depends on, besides victim and sentences."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RecipeOptions:
    """Choices that every recipe honours.

    Args:
        max_pieces: Words of more sub-tokens than this are not ranked; None ranks all.
        ascii_only: Refuse candidates with a non-ASCII character, as the published code does.
        refuse_negations: Refuse candidates with a negation; the published code refuses some.
    """

    max_pieces: int | None = 3
    ascii_only: bool = False
    refuse_negations: bool = False


@dataclass(frozen=True, slots=True)
class AttackSettings:
    """What an attack's outcome depends on, besides victim and sentences.

    Args:
        recipe: A recipe's name, such as ``deepwordbug-i-5``.
        goal: A goal function's name.
        seed: The run's seed; each sentence has its own generator, seeded by this, the recipe's
            name and the sentence's id.
        query_budget: Goal-function evaluations a sentence (the paper: 512).
        max_mispredicted: Share of entity tokens at which a search stops.
        timeout: Seconds a sentence, its share of shared batches counted as its own; None for no
            limit. With a limit the outcome may depend on the machine's speed.
        options: Choices that every recipe honours.
    """

    recipe: str
    goal: str = "untargeted-strict"
    seed: int = 0
    query_budget: int = 512
    max_mispredicted: float = 0.8
    timeout: float | None = None
    options: RecipeOptions = field(default_factory=RecipeOptions)
