"""Entities swapped for others of their class (the paper's future work, section 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import checks_of_every_recipe
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def entity_swap(name: str) -> Recipe:
    """Return an attack on the entities themselves (the paper's future work, section 5.1).

    Every entity may be replaced once, by one of 50 entities of the same class.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack.attack import TokenAttack
        from seqattack.attack.search import Greedy
        from seqattack.attack.textattack import RepeatModification
        from seqattack.attack.words import EntitySwaps

        swaps = EntitySwaps(context.session("entities"), context.rng, 50)
        checks = [RepeatModification(), *checks_of_every_recipe(context)]
        return TokenAttack(context.goal, checks, swaps, Greedy())

    return Recipe(name, build, frozenset({"entities"}))
