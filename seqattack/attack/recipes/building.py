"""What recipes share: constraints and searches of word-level attacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack
    from seqattack.masked_lm.session import MaskedLMSession
from seqattack.attack.recipes.recipe import AttackContext


def _lm(bench: AttackContext) -> MaskedLMSession:
    if bench.lm is None:
        raise ValueError("this recipe needs a masked LM")
    return bench.lm


def word_level_checks(bench: AttackContext, least_similarity: float | None) -> list[object]:
    """Return what all word-level attacks must keep to (paper, sections 3.1.2 and 3.1.3).

    Entity tokens stay, numbers stay numbers, and the victim takes no changed word for an entity.

    Args:
        bench: As given to the recipe's `build`.
        least_similarity: Least cosine of candidate and original; None asks for none.

    Returns:
        Constraints, the costliest last.
    """
    from seqattack.attack import constraints as c

    checks = [c.ProtectEntities(), c.NumbersStayNumbers(), c.NoNewEntity(bench.victim)]
    if least_similarity is None:
        return checks
    if bench.similarity is None:
        raise ValueError("this recipe needs a similarity backend")
    return [*checks, c.SimilarEnough(bench.similarity, least_similarity)]


def _for_every_recipe(bench: AttackContext) -> list[object]:
    from seqattack.attack import constraints as c

    checks: list[object] = []
    if bench.options.ascii_only:
        checks.append(c.TokenCheck("ascii-only", c.ascii_only))
    if bench.options.refuse_negations:
        checks.append(c.TokenCheck("no-negation", c.no_negation))
    checks.append(c.TokenCheck("fits-victim", lambda tokens, _: bench.victim.fits(tokens)))
    return checks


def word_attack(
    bench: AttackContext,
    transformation: object,
    checks: Sequence[object],
    search: object,
    most_candidates: int | None = None,
) -> TokenAttack:
    """Return an attack on words, each changed once, stopwords and punctuation never.

    Args:
        bench: As given to the recipe's `build`.
        transformation: Makes candidates, a TextAttack `Transformation`.
        checks: The recipe's own constraints, the costliest last.
        search: A TextAttack `SearchMethod`.
        most_candidates: Candidates of one step of the search; None sets no limit.
    """
    from seqattack.attack import constraints as c
    from seqattack.attack.attack import TokenAttack
    from seqattack.attack.textattack import RepeatModification

    shared: list[object] = [RepeatModification(), c.NoStopwords(), c.WordsOnly()]
    shared += _for_every_recipe(bench)
    return TokenAttack(bench.goal, [*shared, *checks], transformation, search, most_candidates)


def greedy_attack(
    bench: AttackContext, transformation: object, checks: Sequence[object]
) -> TokenAttack:
    """Return an attack on words in order of their importance, each changed once.

    Args:
        bench: As given to the recipe's `build`.
        transformation: Makes candidates, a TextAttack `Transformation`.
        checks: The recipe's own constraints, the costliest last.
    """
    from seqattack.attack.search import GreedyByImportance

    search = GreedyByImportance(
        bench.victim.unk_token, bench.options.max_pieces, bench.victim.pieces
    )
    return word_attack(bench, transformation, checks, search)
