"""Obfuscation: words, entities too, written so that a reader knows them and a model does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import word_attack
from seqattack.attack.recipes.recipe import AttackContext, Recipe
from seqattack.perturbations.perturbers import COUNT, PERTURBERS, Perturber

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack

OBFUSCATIONS = tuple(PERTURBERS)
"""The recipes of one kind, called as their perturbers."""

MOST_TOUCHED = 0.4
"""Share of a sentence's tokens that a recipe may touch where a reader sees it."""

MOST_CHARACTERS = 10
"""Largest Levenshtein distance of `obfuscate` without a number."""

WAYS = 3
"""Ways of each kind to write a word that `obfuscate` tries."""

COMBINED = tuple(each for name, each in PERTURBERS.items() if not name.startswith("keyboard-"))


def obfuscation(name: str) -> Recipe:
    """Return the recipe of one kind of obfuscation.

    Words are tried in order of importance, each once, in at most eight ways of its kind, or joined
    with a neighbour (`spacing`). What a reader sees stays within 40 % of the sentence's tokens;
    other characters than the token's own (`combining`, `ocr`, `keyboard`, `leet`) stand in at most
    two places of it. What a reader does not see has no limit.

    Args:
        name: One of `OBFUSCATIONS`.
    """
    perturber = PERTURBERS[name]

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack.obfuscation import FewWordsTouched

        checks = [FewWordsTouched(MOST_TOUCHED)] if perturber.visible else []
        return _attack(context, [perturber], COUNT, checks)

    return Recipe(name, build)


def obfuscate(name: str, max_distance: int = MOST_CHARACTERS) -> Recipe:
    """Return the recipe that takes, for each word, the best of three ways of every kind.

    Args:
        name: The recipe's name.
        max_distance: Largest Levenshtein distance, in characters, of text and original.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack.constraints import FewCharactersChanged

        return _attack(context, COMBINED, WAYS, [FewCharactersChanged(max_distance)])

    return Recipe(name, build)


def _attack(
    context: AttackContext, perturbers: Sequence[Perturber], count: int, checks: Sequence[object]
) -> TokenAttack:
    """Return an attack on all words: names are often of more than three sub-tokens."""
    from seqattack.attack.obfuscation import Perturbed
    from seqattack.attack.search import GreedyByImportance

    joins = any(each.name == "spacing" for each in perturbers)
    edits = Perturbed(perturbers, context.rng, count, joins)
    search = GreedyByImportance(context.victim.unk_token, None, context.victim.pieces)
    return word_attack(context, edits, checks, search)
