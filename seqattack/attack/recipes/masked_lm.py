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
        from seqattack.attack import words as w
        from seqattack.attack.textattack import MaxWordsPerturbed

        swaps = w.WordSwaps(w.seen_words(context.session("masked-lm"), 48))
        checks = [MaxWordsPerturbed(max_percent=0.4), *word_level_checks(context, 0.4)]
        return greedy_attack(context, swaps, checks)

    return Recipe(name, build, frozenset({"masked-lm", "similarity"}))


def clare(name: str) -> Recipe:
    """Return CLARE without merges (Li et al., 2021; paper, section 3.1.3).

    Every step tries replacements and insertions at all places and takes the best. A step tries at
    most an eighth of the paper's query budget, the most probable words of all places first, so
    that the budget is enough for several edits.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack import words as w
        from seqattack.attack.textattack import GreedySearch

        edits = w.SwapsAndInsertions(context.session("masked-lm"), count=50, least=5e-4)
        return word_attack(
            context, edits, word_level_checks(context, 0.7), GreedySearch(), most_candidates=64
        )

    return Recipe(name, build, frozenset({"masked-lm", "similarity"}))


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
