"""Paraphrases by SCPN (Iyyer et al., 2018; paper, section 3.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import checks_of_every_recipe
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def scpn(name: str) -> Recipe:
    """Return the attack by SCPN's paraphrases (Iyyer et al., 2018; paper, section 3.1.4).

    The original, and then up to 15 paraphrases, the best first, are paraphrased in ten forms each.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack.attack import TokenAttack
        from seqattack.attack.paraphrases import BestFirst, Paraphrases

        forms = Paraphrases(context.session("paraphraser"), context.goal.initial_attacked_text)
        return TokenAttack(context.goal, checks_of_every_recipe(context), forms, BestFirst(16))

    return Recipe(name, build, frozenset({"paraphraser"}))
