"""Paraphrases by SCPN (Iyyer et al., 2018; paper, section 3.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack
from seqattack.attack.recipes.building import _for_every_recipe
from seqattack.attack.recipes.recipe import AttackContext, Need, Recipe


def scpn(name: str) -> Recipe:
    """Return the attack by SCPN's paraphrases (Iyyer et al., 2018; paper, section 3.1.4).

    The original, and then up to 15 paraphrases, the best first, are paraphrased in ten forms each.
    """

    def build(bench: AttackContext) -> TokenAttack:
        from seqattack.attack.attack import TokenAttack
        from seqattack.attack.paraphrases import BestFirst, Paraphrases

        if bench.paraphrases is None:
            raise ValueError("this recipe needs a paraphraser")
        forms = Paraphrases(bench.paraphrases, bench.goal.initial_attacked_text)
        return TokenAttack(bench.goal, _for_every_recipe(bench), forms, BestFirst(16))

    return Recipe(name, build, frozenset({Need.PARAPHRASER}))
