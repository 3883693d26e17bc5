"""Entities replaced by ones of another class (after TextFlint's CrossCategory)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import entity_attack
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def cross_category(name: str) -> Recipe:
    """Return an attack by entities of other classes (after CrossCategory of TextFlint).

    Every entity may be replaced once, by one of 50 entities of other classes. The truth changes
    with it: the adversarial example has the tags of the new class, and the goal, the metrics and
    the corpus of adversarial examples judge by these. TextFlint (Wang et al., 2021) takes entities
    that can have several labels from a list of its own, without a search.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack.entity_edits import other_class

        return entity_attack(context, other_class)

    return Recipe(name, build, frozenset({"entities"}))
