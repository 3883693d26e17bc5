"""BERT-Attack with single departures that are no options of the library, for measuring them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from seqattack.attack import constraints as c
from seqattack.attack import words as w
from seqattack.attack.attack import TokenAttack
from seqattack.attack.recipes.building import greedy_attack, word_level_checks
from seqattack.attack.recipes.recipe import AttackContext, Recipe


def bert_attack(name: str, *, least_similarity: float = 0.4, numbers_stay: bool = True) -> Recipe:
    """Return BERT-Attack; with the defaults, it is the library's.

    Args:
        name: The recipe's name.
        least_similarity: Least cosine of candidate and original.
        numbers_stay: Whether numbers are replaced by numbers only.
    """

    def build(context: AttackContext) -> TokenAttack:
        swaps = w.WordSwaps(w.seen_words(context.session("masked-lm"), 48))
        checks = [
            check
            for check in word_level_checks(context, least_similarity)
            if numbers_stay or not isinstance(check, c.NumbersStayNumbers)
        ]
        return greedy_attack(context, swaps, [c.FewTokensChanged(0.4), *checks])

    return Recipe(name, build, frozenset({"masked-lm", "similarity"}))


RECIPES: Mapping[str, Callable[[str], Recipe]] = {
    "bert-attack-similarity-0.2": partial(bert_attack, least_similarity=0.2),
    "bert-attack-any-number": partial(bert_attack, numbers_stay=False),
}
"""By name, as in the library's registry."""
