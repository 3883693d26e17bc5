"""What a recipe is, and what it is given to build the attack of one sentence."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack
    from seqattack.attack.goals import TokenGoalFunction
    from seqattack.masked_lm.session import MaskedLMSession
    from seqattack.scpn.session import ParaphraseSession
    from seqattack.sentence_encoder.session import SimilaritySession
    from seqattack.victim.gateway import Session
from seqattack.attack.settings import RecipeOptions


@dataclass(frozen=True, slots=True)
class AttackContext:
    """What a recipe is given to build the attack of one sentence.

    Args:
        victim: The sentence's session with the victim.
        goal: The sentence's goal function.
        rng: The sentence's generator, seeded by run seed, recipe and sentence id.
        options: Choices that every recipe honours.
        lm: The sentence's session with the masked LM, where the recipe needs one.
        similarity: The sentence's similarities, where the recipe needs them.
        entities: By class, the entities to choose from, where the recipe needs them.
        paraphrases: The sentence's session with the paraphraser, where the recipe needs one.
    """

    victim: Session
    goal: TokenGoalFunction
    rng: random.Random
    options: RecipeOptions
    lm: MaskedLMSession | None = None
    similarity: SimilaritySession | None = None
    entities: Mapping[str, Sequence[tuple[str, ...]]] | None = None
    paraphrases: ParaphraseSession | None = None


class Need(StrEnum):
    """What a recipe needs besides the victim; the values are the command line's options."""

    MASKED_LM = "masked-lm"
    SIMILARITY = "similarity"
    ENTITIES = "entities"
    PARAPHRASER = "paraphraser"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named attack.

    Args:
        name: Such as ``deepwordbug-i-5``.
        build: Makes the attack of one sentence.
        needs: What it needs besides the victim.
        shares_batches: Whether several sentences may be in flight.
        around: Given the sentence's generator, what building and search happen in.
    """

    name: str
    build: Callable[[AttackContext], TokenAttack]
    needs: frozenset[Need] = frozenset()
    shares_batches: bool = True
    around: Callable[[random.Random], AbstractContextManager[None]] = lambda rng: nullcontext()
