"""Entities swapped for others of their class (the paper's future work, section 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack
from seqattack.attack.recipes.building import _for_every_recipe
from seqattack.attack.recipes.recipe import AttackContext, Need, Recipe


def entity_swap(name: str) -> Recipe:
    """Return an attack on the entities themselves (the paper's future work, section 5.1).

    Every entity may be replaced once, by one of 50 entities of the same class.
    """

    def build(bench: AttackContext) -> TokenAttack:
        from seqattack.attack.attack import TokenAttack
        from seqattack.attack.textattack import GreedySearch, RepeatModification
        from seqattack.attack.words import EntitySwaps

        swaps = EntitySwaps(bench.entities or {}, bench.rng, 50)
        checks = [RepeatModification(), *_for_every_recipe(bench)]
        return TokenAttack(bench.goal, checks, swaps, GreedySearch())

    return Recipe(name, build, frozenset({Need.ENTITIES}))
