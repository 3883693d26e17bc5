"""Entities replaced by longer ones of their class (after TextFlint's SwapLonger)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import entity_attack
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def longer_entity(name: str) -> Recipe:
    """Return an attack by longer entities (after SwapLonger of TextFlint; Wang et al., 2021).

    Every entity may be replaced once, by one of 50 entities of the same class that have more
    tokens. TextFlint replaces short entities from a list of its own, without a search.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack.entity_edits import longer

        return entity_attack(context, longer)

    return Recipe(name, build, frozenset({"entities"}))
