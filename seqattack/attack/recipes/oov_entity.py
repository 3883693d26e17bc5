"""Entities replaced by made-up ones of their class (after TextFlint's OOV)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import entity_attack
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def oov_entity(name: str) -> Recipe:
    """Return an attack by unseen entities (after OOV of TextFlint; Wang et al., 2021).

    Every entity may be replaced once, by one of 50 whose words no entity of the lists has.
    TextFlint takes entities that are not in the training set from a list of its own, without a
    search; these are made of halves of words of the class.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack.entity_edits import unseen

        return entity_attack(context, unseen)

    return Recipe(name, build, frozenset({"entities"}))
