"""A word inserted at an entity's edge (after ViBA)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import checks_of_every_recipe
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def boundary(name: str) -> Recipe:
    """Return an attack on the bounds of entities (after the Virtual Boundary Attack, ViBA).

    One word is inserted right before or right behind an entity, and is outside it: one of the 50
    that the masked LM finds most probable there. All edges are tried, and the best word is taken.
    ViBA (Yang, Wu and Zhao, 2024: Attack Named Entity Recognition by Entity Boundary Interference)
    also changes a sentence by one inserted word, so that the victim is wrong about this word or
    about others; how it chooses word and place is not followed here.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack.attack import TokenAttack
        from seqattack.attack.entity_edits import EdgeInsertions
        from seqattack.attack.search import Greedy

        edits = EdgeInsertions(context.session("masked-lm"), 50)
        return TokenAttack(context.goal, checks_of_every_recipe(context), edits, Greedy())

    return Recipe(name, build, frozenset({"masked-lm"}))
