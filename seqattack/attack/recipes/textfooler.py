"""TextFooler: words whose vectors are near (Jin et al., 2020)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack
from seqattack.attack.recipes.building import _lm, greedy_attack, word_level_checks
from seqattack.attack.recipes.recipe import AttackContext, Need, Recipe


def textfooler(name: str) -> Recipe:
    """Return TextFooler (Jin et al., 2020).

    Replacements are the 50 words whose vectors are nearest, with a cosine of at least 0.5. The
    vectors are the masked LM's own word vectors, which need no further download.
    """

    def build(bench: AttackContext) -> TokenAttack:
        from seqattack.attack import constraints as c
        from seqattack.attack import words as w

        lm = _lm(bench)
        swaps = w.WordSwaps(w.each_word(lambda word: lm.neighbours(word, 50, 0.5)))
        return greedy_attack(bench, swaps, [c.SamePartOfSpeech(), *word_level_checks(bench, 0.878)])

    return Recipe(name, build, frozenset({Need.MASKED_LM, Need.SIMILARITY}))
