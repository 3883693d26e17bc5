"""Typos in entities only (after TextFlint's EntTypos)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import word_attack
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def entity_typo(name: str) -> Recipe:
    """Return an attack by typos in entities (after EntTypos of TextFlint; Wang et al., 2021).

    Every word of an entity may get one typo: two neighbouring characters are swapped, or one is
    substituted, deleted or inserted, as in DeepWordBug. Every step tries all words of all entities
    and takes the best; words of any number of sub-tokens are tried. TextFlint's typos are random.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack import constraints as c
        from seqattack.attack.characters import CharacterEdits
        from seqattack.attack.search import Greedy

        return word_attack(context, CharacterEdits(context.rng), [c.EntitiesOnly()], Greedy())

    return Recipe(name, build)
