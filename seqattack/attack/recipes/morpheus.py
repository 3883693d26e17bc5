"""Morpheus: other inflections (Tan et al., 2020)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import word_attack, word_level_checks
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def morpheus(name: str) -> Recipe:
    """Return Morpheus (Tan et al., 2020): other inflections of nouns, verbs and adjectives."""

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack import words as w
        from seqattack.attack.search import Greedy

        checks = word_level_checks(context, None)
        return word_attack(context, w.WordSwaps(w.each_word(w.inflections)), checks, Greedy())

    return Recipe(name, build)
