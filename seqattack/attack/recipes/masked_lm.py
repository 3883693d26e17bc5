"""Attacks by words that a masked LM suggests: BERT-Attack, CLARE and BAE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import greedy_attack, word_attack, word_level_checks
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def bert_attack(name: str) -> Recipe:
    """Return BERT-Attack (Li et al., 2020; paper, section 3.1.2).

    Words are tried in order of importance. The masked LM, which sees the whole sentence, suggests
    48 words; at most 40 % of the words, rounded up, are replaced.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack import constraints as c
        from seqattack.attack import words as w

        swaps = w.WordSwaps(w.seen_words(context.session("masked-lm"), 48))
        checks = [c.FewTokensChanged(0.4), *word_level_checks(context, 0.4)]
        return greedy_attack(context, swaps, checks)

    return Recipe(name, build, frozenset({"masked-lm", "similarity"}))


def clare(name: str, most_candidates: int | None = None) -> Recipe:
    """Return CLARE without merges (Li et al., 2021; paper, section 3.1.3).

    Every step tries replacements and insertions at all places, the most probable words first, and
    takes the best. Neither the paper nor CLARE's own paper, as far as TextAttack's recipe quotes
    it, limits the candidates of a step, only the steps. So a step takes what the query budget
    allows, which is one edit for most sentences and 512 queries.

    Args:
        name: The recipe's name.
        most_candidates: Candidates of one step; each place in turn gives its most probable word.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack import words as w
        from seqattack.attack.search import Greedy

        spread = most_candidates is not None
        edits = w.SwapsAndInsertions(context.session("masked-lm"), 50, 5e-4, spread)
        checks = word_level_checks(context, 0.7)
        return word_attack(context, edits, checks, Greedy(), most_candidates)

    return Recipe(name, build, frozenset({"masked-lm", "similarity"}))


def clare_spread(name: str) -> Recipe:
    """Return CLARE with at most 64 candidates a step, spread over all places.

    64 is an eighth of the paper's query budget, which is then enough for several edits.
    """
    return clare(name, most_candidates=64)


def bae(name: str) -> Recipe:
    """Return BAE-R (Garg and Ramakrishnan, 2020): 50 masked-LM replacements of masked words."""

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack import constraints as c
        from seqattack.attack import words as w

        swaps = w.WordSwaps(w.masked_words(context.session("masked-lm"), 50))
        return greedy_attack(
            context, swaps, [c.SamePartOfSpeech(), *word_level_checks(context, 0.936)]
        )

    return Recipe(name, build, frozenset({"masked-lm", "similarity"}))
