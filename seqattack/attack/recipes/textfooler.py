"""TextFooler: words whose vectors are near (Jin et al., 2020)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.attack.recipes.building import greedy_attack, word_level_checks
from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack


def textfooler(name: str) -> Recipe:
    """Return TextFooler (Jin et al., 2020).

    Replacements are the 50 words whose vectors are nearest, with a cosine of at least 0.5. The
    vectors are the masked LM's own word vectors, which need no further download.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack import constraints as c
        from seqattack.attack import words as w

        lm = context.session("masked-lm")
        swaps = w.WordSwaps(w.each_word(lambda word: lm.neighbours(word, 50, 0.5)))
        return greedy_attack(
            context, swaps, [c.SamePartOfSpeech(), *word_level_checks(context, 0.878)]
        )

    return Recipe(name, build, frozenset({"masked-lm", "similarity"}))
