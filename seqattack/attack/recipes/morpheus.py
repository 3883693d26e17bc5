"""Morpheus: other inflections (Tan et al., 2020)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack
from seqattack.attack.recipes.building import word_attack, word_level_checks
from seqattack.attack.recipes.recipe import AttackContext, Recipe


def morpheus(name: str) -> Recipe:
    """Return Morpheus (Tan et al., 2020): other inflections of nouns, verbs and adjectives."""

    def build(bench: AttackContext) -> TokenAttack:
        from seqattack.attack import words as w
        from seqattack.attack.textattack import GreedySearch

        checks = word_level_checks(bench, None)
        return word_attack(bench, w.WordSwaps(w.each_word(w.inflections)), checks, GreedySearch())

    return Recipe(name, build)
