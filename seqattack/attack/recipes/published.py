"""The paper's recipes as its authors published them, bugs included.

They differ from the paper, and from the recipes of the same names without ``-published``, in what
docs/deviations.md lists. With the goal ``untargeted-strict-published`` they are what Table 1 was
probably made by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqattack.attack.recipes.recipe import AttackContext, Recipe

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack
    from seqattack.attack.textattack import SearchMethod


def deepwordbug_published(name: str, max_distance: int, protect_entities: bool) -> Recipe:
    """Return DeepWordBug as published.

    Args:
        name: The recipe's name.
        max_distance: Largest Levenshtein distance, in characters, of text and original.
        protect_entities: DeepWordBug-II: entity tokens are not changed, and a changed word may not
            be taken for an entity, which is looked up at a wrong index.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack import constraints as c
        from seqattack.attack.characters import CharacterEdits

        checks = [c.FewCharactersChanged(max_distance)]
        if protect_entities:
            checks += [c.ProtectEntities(), c.NoNewEntityPublished(context.victim)]
        return _attack(context, CharacterEdits(context.rng), checks, _by_importance(context))

    return Recipe(name, build)


def bert_attack_published(name: str) -> Recipe:
    """Return BERT-Attack as published: similarity at least 0.2, and words in lower case."""

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack import constraints as c
        from seqattack.attack import published as p
        from seqattack.attack.words import WordSwaps

        swaps = WordSwaps(p.seen_words(context.session("masked-lm"), 48), keep_case=False)
        checks = [
            c.TokenCheck("ascii-only", c.ascii_only),
            c.TokenCheck("few-words", p.few_words_changed(0.4)),
            c.ProtectEntities(),
            c.NoNewEntityPublished(context.victim),
            c.SimilarEnough(context.session("similarity"), 0.2),
        ]
        return _attack(context, swaps, checks, _by_importance(context))

    return Recipe(name, build, frozenset({"masked-lm", "similarity"}))


def clare_published(name: str, most_steps: int | None = None) -> Recipe:
    """Return CLARE as published: parts of words, sorted by the whole text before the budget cuts.

    With 512 queries most sentences of 28 tokens or more get one edit, shorter ones two or more.

    Args:
        name: The recipe's name.
        most_steps: Most edits; it stands for the 120 seconds of the paper's Table 1, which end the
            published code on a processor after one or two. None sets no limit.
    """

    def build(context: AttackContext) -> TokenAttack:
        from seqattack.attack import constraints as c
        from seqattack.attack import published as p
        from seqattack.attack.textattack import GreedySearch

        search = GreedySearch() if most_steps is None else p.GreedyInSteps(most_steps)
        edits = p.FragmentEdits(context.session("masked-lm"), 50, 5e-4)
        checks = [
            c.TokenCheck("ascii-only", c.ascii_only),
            c.NoNewEntityPublished(context.victim),
            c.SimilarEnough(context.session("similarity"), 0.7),
        ]
        return _attack(context, edits, checks, search)

    return Recipe(name, build, frozenset({"masked-lm", "similarity"}))


def _by_importance(context: AttackContext) -> SearchMethod:
    from seqattack.attack.published import RankAllWords

    victim = context.victim
    return RankAllWords(victim.unk_token, context.settings.max_pieces, victim.pieces)


def _attack(
    context: AttackContext, transformation: object, checks: Sequence[object], search: SearchMethod
) -> TokenAttack:
    """Return an attack with rising targets, its candidates in the order of their texts."""
    from seqattack.attack import constraints as c
    from seqattack.attack import published as p
    from seqattack.attack.recipes.building import word_attack

    every = [c.TokenCheck("no-negation", p.no_negation), *checks]
    rising = p.RisingTargets(search, context.goal)
    return word_attack(context, transformation, every, rising, by_text=True)
