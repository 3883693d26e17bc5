"""Paraphrases by SCPN (Iyyer et al., 2018; paper, section 3.1.4)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import checks_of_every_recipe
from seqattack.attack.recipes.recipe import AttackContext, Recipe
from seqattack.records import Stop

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
        limit = partial(context.goal.stop_for, Stop.SOURCE_LIMIT)
        search = BestFirst(16, limit)
        return TokenAttack(context.goal, checks_of_every_recipe(context), forms, search)

    return Recipe(name, build, frozenset({"paraphraser"}))
