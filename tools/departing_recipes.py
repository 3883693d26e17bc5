"""BERT-Attack with single departures that are no options of the library, for measuring them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from seqattack.attack import constraints as c
from seqattack.attack import published as p
from seqattack.attack import words as w
from seqattack.attack.attack import TokenAttack
from seqattack.attack.recipes.building import greedy_attack, word_attack, word_level_checks
from seqattack.attack.recipes.recipe import AttackContext, Recipe


def bert_attack(
    name: str,
    *,
    least_similarity: float = 0.4,
    numbers_stay: bool = True,
    all_ranked: bool = False,
    sorted_combinations: bool = True,
) -> Recipe:
    """Return BERT-Attack; with the defaults, it is the library's.

    Args:
        name: The recipe's name.
        least_similarity: Least cosine of candidate and original.
        numbers_stay: Whether numbers are replaced by numbers only.
        all_ranked: Whether every word is ranked, and paid for.
        sorted_combinations: Whether a word of several sub-tokens is replaced by the most probable
            ones.
    """

    def build(context: AttackContext) -> TokenAttack:
        suggest = w.seen_words if sorted_combinations else p.seen_words
        swaps = w.WordSwaps(suggest(context.session("masked-lm"), 48))
        checks = [
            c.FewTokensChanged(0.4),
            *(
                check
                for check in word_level_checks(context, least_similarity)
                if numbers_stay or not isinstance(check, c.NumbersStayNumbers)
            ),
        ]
        if not all_ranked:
            return greedy_attack(context, swaps, checks)
        victim = context.victim
        search = p.RankAllWords(victim.unk_token, context.settings.max_pieces, victim.pieces)
        return word_attack(context, swaps, checks, search)

    return Recipe(name, build, frozenset({"masked-lm", "similarity"}))


RECIPES: Mapping[str, Callable[[str], Recipe]] = {
    "bert-attack-similarity-0.2": partial(bert_attack, least_similarity=0.2),
    "bert-attack-any-number": partial(bert_attack, numbers_stay=False),
    "bert-attack-all-ranked": partial(bert_attack, all_ranked=True),
    "bert-attack-unsorted": partial(bert_attack, sorted_combinations=False),
}
"""By name, as in the library's registry."""
