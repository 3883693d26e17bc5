"""Attack recipes by name: transformation, constraints and search of one sentence's attack."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqattack.errors import RecipeError
from seqattack.suggest import did_you_mean

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack
    from seqattack.attack.goals import TokenGoalFunction
    from seqattack.victim.gateway import Session


@dataclass(frozen=True, slots=True)
class RecipeOptions:
    """Choices that every recipe honours.

    Args:
        max_pieces: Words of more sub-tokens than this are not ranked; None ranks all.
        ascii_only: Refuse candidates with a non-ASCII character, as the reference does.
        refuse_negations: Refuse candidates with a negation, as the reference does.
    """

    max_pieces: int | None = 3
    ascii_only: bool = False
    refuse_negations: bool = False


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a recipe is given to build the attack of one sentence.

    Args:
        victim: The sentence's session with the victim.
        goal: The sentence's goal function.
        rng: The sentence's generator, seeded by run seed, recipe and sentence id.
        options: Choices that every recipe honours.
    """

    victim: Session
    goal: TokenGoalFunction
    rng: random.Random
    options: RecipeOptions


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named attack.

    Args:
        name: Such as ``deepwordbug-i-5``.
        build: Makes the attack of one sentence.
    """

    name: str
    build: Callable[[Workbench], TokenAttack]


@dataclass(frozen=True, slots=True)
class _Family:
    pattern: re.Pattern[str]
    example: str
    make: Callable[[str, re.Match[str]], Recipe]


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

    def build(bench: Workbench) -> TokenAttack:
        from textattack.constraints.overlap import LevenshteinEditDistance

        from seqattack.attack import constraints as c
        from seqattack.attack.transformations import CharacterEdits

        checks = [LevenshteinEditDistance(max_distance)]
        if protect_entities:
            checks += [c.ProtectEntities(), c.NoNewEntity(bench.victim)]
        return _greedy_attack(bench, CharacterEdits(bench.rng), checks)

    return Recipe(name, build)


def _greedy_attack(bench: Workbench, transformation: object, checks: list[object]) -> TokenAttack:
    """Return a greedy attack by importance with the constraints that all such recipes share."""
    from textattack.constraints.pre_transformation import RepeatModification

    from seqattack.attack import constraints as c
    from seqattack.attack.attack import TokenAttack
    from seqattack.attack.search import GreedyByImportance

    shared: list[object] = [RepeatModification(), c.NoStopwords(), c.WordsOnly()]
    if bench.options.ascii_only:
        shared.append(c.TokenCheck("ascii-only", c.ascii_only))
    if bench.options.refuse_negations:
        shared.append(c.TokenCheck("no-negation", c.no_negation))
    shared.append(c.TokenCheck("fits-victim", lambda tokens, _: bench.victim.fits(tokens)))
    search = GreedyByImportance(
        bench.victim.unk_token, bench.options.max_pieces, bench.victim.pieces
    )
    return TokenAttack(bench.goal, [*shared, *checks], transformation, search)


_FAMILIES = (
    _Family(
        re.compile(r"deepwordbug-(i|ii)-([1-9][0-9]*)"),
        "deepwordbug-ii-5",
        lambda name, match: deepwordbug(name, int(match[2]), match[1] == "ii"),
    ),
)

KNOWN_RECIPES = ("deepwordbug-i-5", "deepwordbug-ii-5", "deepwordbug-ii-30")


def find_recipe(name: str) -> Recipe:
    """Return the recipe called `name`.

    Args:
        name: ``deepwordbug-i-K`` or ``deepwordbug-ii-K`` with the largest Levenshtein distance K.

    Raises:
        RecipeError: No recipe has this name.

    Example:
        >>> find_recipe("deepwordbug-ii-5").name
        'deepwordbug-ii-5'
    """
    for family in _FAMILIES:
        match = family.pattern.fullmatch(name)
        if match:
            return family.make(name, match)
    raise RecipeError(
        f"unknown recipe {name!r}{did_you_mean(name, KNOWN_RECIPES)} "
        "The number at the end of a DeepWordBug name is its largest Levenshtein distance."
    )
