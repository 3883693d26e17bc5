"""TextAttack's own recipes."""

from __future__ import annotations

import random
from contextlib import AbstractContextManager
from copy import copy
from functools import cache
from typing import TYPE_CHECKING, Any

from seqattack.attack.recipes.building import checks_of_every_recipe
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def textattack_recipe(name: str) -> Recipe:
    """Return a recipe of TextAttack's own, its goal function swapped for the sentence's.

    Transformation, constraints and search are TextAttack's; a recipe may change entities. Such
    recipes draw from Python's, NumPy's or torch's own generators, so their sentences are attacked
    one after the other.
    """

    @cache
    def original() -> Any:
        from seqattack.attack.textattack_recipes import build_recipe

        return build_recipe(name)

    def around(rng: random.Random) -> AbstractContextManager[None]:
        from seqattack.attack.textattack_recipes import running

        return running(name, rng)

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack.attack import TokenAttack

        found = original()
        checks = [*found.pre_transformation_constraints, *found.constraints]
        return TokenAttack(
            context.goal,
            [*checks, *checks_of_every_recipe(context)],
            found.transformation,
            copy(found.search_method),
        )

    return Recipe(name, build, shares_batches=False, around=around)


TEXTATTACK_RECIPES = (
    "a2t",
    "alzantot",
    "bad-characters",
    "checklist",
    "deepwordbug",
    "faster-alzantot",
    "hotflip",
    "iga",
    "input-reduction",
    "kuleshov",
    "leap",
    "pruthi",
    "pso",
    "pwws",
    "seq2sick",
    "textbugger",
)
"""TextAttack's names of the recipes that have no version of our own."""
