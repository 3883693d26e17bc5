"""Recipes by name.

A package may bring recipes of its own, as entry points of the group ``seqattack.recipes``: each
names a function that takes the recipe's name and returns its `Recipe`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from seqattack.attack.plugins import load_plugin, plugins
from seqattack.attack.recipes.boundary import boundary
from seqattack.attack.recipes.concat import concat
from seqattack.attack.recipes.context import context
from seqattack.attack.recipes.cross_category import cross_category
from seqattack.attack.recipes.deepwordbug import deepwordbug
from seqattack.attack.recipes.entity_swap import entity_swap
from seqattack.attack.recipes.entity_typo import entity_typo
from seqattack.attack.recipes.longer_entity import longer_entity
from seqattack.attack.recipes.masked_lm import bae, bert_attack, clare, clare_spread
from seqattack.attack.recipes.morpheus import morpheus
from seqattack.attack.recipes.obfuscation import OBFUSCATIONS, obfuscate, obfuscation
from seqattack.attack.recipes.oov_entity import oov_entity
from seqattack.attack.recipes.published import (
    bert_attack_published,
    clare_published,
    deepwordbug_published,
)
from seqattack.attack.recipes.recipe import Recipe
from seqattack.attack.recipes.scpn import scpn
from seqattack.attack.recipes.textattack import TEXTATTACK_RECIPES, textattack_recipe
from seqattack.attack.recipes.textfooler import textfooler
from seqattack.errors import RecipeError
from seqattack.suggest import did_you_mean
from seqattack.text import clipped

_DEEPWORDBUG = re.compile(r"deepwordbug-(i|ii)-([1-9][0-9]*)(-published)?")
_OBFUSCATE = re.compile(r"obfuscate-([1-9][0-9]*)")
_CLARE_STEPS = re.compile(r"clare-published-([1-9][0-9]*)")

_PUBLISHED = {"clare": "clare-published-1", "scpn": "scpn"}
"""Published readings that are not called after their recipe."""

_RECIPES: Mapping[str, Callable[[str], Recipe]] = {
    "bert-attack": bert_attack,
    "clare": clare,
    "clare-spread": clare_spread,
    "bert-attack-published": bert_attack_published,
    "clare-published": clare_published,
    "scpn": scpn,
    "textfooler": textfooler,
    "bae": bae,
    "morpheus": morpheus,
    "entity-swap": entity_swap,
    **dict.fromkeys(OBFUSCATIONS, obfuscation),
    "obfuscate": obfuscate,
    "entity-typo": entity_typo,
    "longer-entity": longer_entity,
    "oov-entity": oov_entity,
    "cross-category": cross_category,
    "boundary": boundary,
    "context": context,
    "concat": concat,
}

KNOWN_RECIPES = (
    "deepwordbug-i-5",
    "deepwordbug-ii-5",
    "deepwordbug-ii-30",
    *_RECIPES,
    *TEXTATTACK_RECIPES,
)
"""All names that need no number, and DeepWordBug's with the paper's numbers."""

ENTRY_POINTS = "seqattack.recipes"
"""Group of the entry points of other packages' recipes."""


def find_recipe(name: str) -> Recipe:
    """Return the recipe called `name`.

    Args:
        name: ``deepwordbug-i-K`` or ``deepwordbug-ii-K`` with the largest Levenshtein distance K
            (and ``-published`` for the published reading), ``clare-published-N`` with its number
            of steps, ``obfuscate-K`` with its largest Levenshtein distance, another recipe of
            ours, one of TextAttack's by its name there, or one that an installed package brings.

    Raises:
        RecipeError: No recipe has this name, or its package cannot be imported.

    Example:
        >>> find_recipe("deepwordbug-ii-5").name
        'deepwordbug-ii-5'
    """
    match = _DEEPWORDBUG.fullmatch(name)
    if match:
        make = deepwordbug_published if match[3] else deepwordbug
        return make(name, int(match[2]), match[1] == "ii")
    steps = _CLARE_STEPS.fullmatch(name)
    if steps:
        return clare_published(name, int(steps[1]))
    distance = _OBFUSCATE.fullmatch(name)
    if distance:
        return obfuscate(name, int(distance[1]))
    if name in _RECIPES:
        return _RECIPES[name](name)
    if name in TEXTATTACK_RECIPES:
        return textattack_recipe(name)
    others = plugins(ENTRY_POINTS)
    if name in others:
        recipe: Recipe = load_plugin(others[name], Recipe, name)
        return recipe
    raise RecipeError(
        f"unknown recipe {clipped(name)!r}{did_you_mean(name, (*KNOWN_RECIPES, *others))} "
        "The number at the end of a DeepWordBug name is its largest Levenshtein distance."
    )


def published_recipe(name: str) -> str | None:
    """Return the published reading of a recipe of the paper; None of any other.

    SCPN has no other reading but its goal's. CLARE's has one step: the time limit of the paper's
    Table 1 ends the published code on a processor after one or two, and of the two readings, this
    one has the paper's modification rate.

    >>> published_recipe("clare"), published_recipe("scpn"), published_recipe("bae")
    ('clare-published-1', 'scpn', None)
    """
    if name in _PUBLISHED:
        return _PUBLISHED[name]
    other = f"{name}-published"
    return other if other in _RECIPES or _DEEPWORDBUG.fullmatch(other) else None
