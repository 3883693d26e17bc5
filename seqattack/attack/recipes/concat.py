"""An unrelated sentence appended (after TextFlint's ConcatSent)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import checks_of_every_recipe
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack

MOST = 50
"""Sentences that are tried."""


def concat(name: str) -> Recipe:
    """Return an attack by an unrelated sentence behind the attacked one.

    One of 50 sentences without entities is appended, the one after which the victim is most wrong
    about the entities before it. After ConcatSent of TextFlint (Wang et al., 2021), which
    concatenates sentences without a search, and the distractor sentences of Jia and Liang (2017).
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack.attack import TokenAttack
        from seqattack.attack.entity_edits import Appendices
        from seqattack.attack.search import Greedy

        sentences = context.session("distractors")
        chosen = context.rng.sample(sentences, min(MOST, len(sentences)))
        checks = checks_of_every_recipe(context)
        return TokenAttack(context.goal, checks, Appendices(chosen), Greedy())

    return Recipe(name, build, frozenset({"distractors"}))
