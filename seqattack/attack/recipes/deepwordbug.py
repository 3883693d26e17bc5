"""DeepWordBug: typos (Gao et al., 2018; paper, section 3.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import greedy_attack, no_new_entity
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def deepwordbug(name: str, max_distance: int, protect_entities: bool) -> Recipe:
    """Return DeepWordBug (Gao et al., 2018; paper, section 3.1.1).

    Each of four kinds of typo gives one candidate a word; words are tried in order of importance,
    each at most once; the whole text stays within a Levenshtein distance of the original.

    Args:
        name: The recipe's name.
        max_distance: Largest Levenshtein distance, in characters, of text and original.
        protect_entities: DeepWordBug-II: entity tokens are not changed, and no changed word may be
            taken for an entity.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack import constraints as c
        from seqattack.attack.characters import CharacterEdits

        checks = [c.FewCharactersChanged(max_distance)]
        if protect_entities:
            checks += [c.ProtectEntities(), no_new_entity(context)]
        return greedy_attack(context, CharacterEdits(context.rng), checks)

    return Recipe(name, build)
