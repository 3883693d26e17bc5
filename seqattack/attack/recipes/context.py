"""Words around entities replaced by ones that a masked LM suggests (after RockNER)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import greedy_attack, word_level_checks
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def context(name: str) -> Recipe:
    """Return the attack on the context of entities (after RockNER; Lin et al., 2021).

    Words outside entities are masked in order of importance, and replaced by one of the 50 that the
    masked LM finds most probable; at most 40 % of the words, rounded up. The victim must not take a
    new word for an entity. Nothing asks for similarity: with other words around it, an entity is
    still one of its class. RockNER changes random words, without a search.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack import constraints as c
        from seqattack.attack import words as w

        swaps = w.WordSwaps(w.masked_words(context.session("masked-lm"), 50))
        checks = [c.FewTokensChanged(0.4), *word_level_checks(context, None)]
        return greedy_attack(context, swaps, checks)

    return Recipe(name, build, frozenset({"masked-lm"}))
