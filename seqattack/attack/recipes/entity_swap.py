"""Entities swapped for others of their class (the paper's future work, section 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import entity_attack
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def entity_swap(name: str) -> Recipe:
    """Return an attack on the entities themselves (the paper's future work, section 5.1).

    Every entity may be replaced once, by one of 50 entities of the same class.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack.entity_edits import same_class

        return entity_attack(context, same_class)

    return Recipe(name, build, frozenset({"entities"}))
