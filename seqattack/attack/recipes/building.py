"""What recipes share: constraints and searches of word-level attacks."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from seqattack.attack.recipes.recipe import AttackContext
from seqattack.errors import RecipeError
from seqattack.tags import OUTSIDE, tag_class

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack
    from seqattack.attack.entity_edits import Choice, Names
    from seqattack.attack.textattack import Constraint


def word_level_checks(context: AttackContext, least_similarity: float | None) -> list[object]:
    """Return what all word-level attacks must keep to (paper, sections 3.1.2 and 3.1.3).

    Entity tokens stay, numbers stay numbers, and the victim takes no changed word for an entity.

    Args:
        context: As given to the recipe's `build`.
        least_similarity: Least cosine of candidate and original; None asks for none.

    Returns:
        Constraints, the costliest last.
    """
    from seqattack.attack import constraints as c

    checks = [c.ProtectEntities(), c.NumbersStayNumbers(), no_new_entity(context)]
    if least_similarity is None:
        return checks
    return [*checks, c.SimilarEnough(context.session("similarity"), least_similarity)]


def no_new_entity(context: AttackContext) -> Constraint:
    """Return the constraint that the victim takes no changed word for an entity.

    Args:
        context: As given to the recipe's `build`; its settings say how this is found out.
    """
    from seqattack.attack import constraints as c

    is_published = context.settings.new_entity_check == "published"
    return (c.NoNewEntityPublished if is_published else c.NoNewEntity)(context.victim)


def checks_of_every_recipe(context: AttackContext) -> list[object]:
    """Return the constraints that every recipe keeps to: the settings', and the victim's length."""
    from seqattack.attack import constraints as c

    checks: list[object] = []
    if context.settings.ascii_only:
        checks.append(c.TokenCheck("ascii-only", c.ascii_only))
    if context.settings.refuse_negations:
        checks.append(c.TokenCheck("no-negation", c.no_negation))
    checks.append(c.TokenCheck("fits-victim", lambda tokens, _: context.victim.fits(tokens)))
    return checks


def word_attack(
    context: AttackContext,
    transformation: object,
    checks: Sequence[object],
    search: object,
    most_candidates: int | None = None,
    by_text: bool = False,
) -> TokenAttack:
    """Return an attack on words, each changed once, stopwords and punctuation never.

    Args:
        context: As given to the recipe's `build`.
        transformation: Makes candidates, a TextAttack `Transformation`.
        checks: The recipe's own constraints, the costliest last.
        search: A TextAttack `SearchMethod`.
        most_candidates: Candidates of one step of the search; None sets no limit.
        by_text: Whether they are tried in the alphabetical order of their texts.
    """
    from seqattack.attack import constraints as c
    from seqattack.attack.attack import TokenAttack
    from seqattack.attack.textattack import RepeatModification

    shared: list[object] = [RepeatModification(), c.NoStopwords(), c.WordsOnly()]
    shared += checks_of_every_recipe(context)
    every = [*shared, *checks]
    return TokenAttack(context.goal, every, transformation, search, most_candidates, by_text)


def entity_attack(
    context: AttackContext, choice: Callable[[Names, random.Random, int], Choice]
) -> TokenAttack:
    """Return an attack that replaces whole entities, each once, by one of 50.

    Args:
        context: As given to the recipe's `build`; it has the resource ``entities``.
        choice: Given entities by class, the sentence's generator and the number of candidates,
            returns what chooses them; of `seqattack.attack.entity_edits`.

    Raises:
        RecipeError: The victim knows none of the entities' classes.
    """
    from seqattack.attack.attack import TokenAttack
    from seqattack.attack.entity_edits import EntityReplacements
    from seqattack.attack.search import Greedy
    from seqattack.attack.textattack import RepeatModification

    known = {tag_class(label) for label in context.victim.labels} - {OUTSIDE}
    given = context.session("entities")
    names = {label: each for label, each in given.items() if label in known}
    if not names:
        raise RecipeError(
            f"--entities: has entities of {', '.join(sorted(given)) or 'no class'}, and the victim "
            f"knows {', '.join(sorted(known))}; name the classes as the victim does."
        )
    checks = [RepeatModification(), *checks_of_every_recipe(context)]
    replacements = EntityReplacements(choice(names, context.rng, 50))
    return TokenAttack(context.goal, checks, replacements, Greedy())


def greedy_attack(
    context: AttackContext, transformation: object, checks: Sequence[object]
) -> TokenAttack:
    """Return an attack on words in order of their importance, each changed once.

    Args:
        context: As given to the recipe's `build`.
        transformation: Makes candidates, a TextAttack `Transformation`.
        checks: The recipe's own constraints, the costliest last.
    """
    from seqattack.attack.search import GreedyByImportance

    search = GreedyByImportance(
        context.victim.unk_token, context.settings.max_pieces, context.victim.pieces
    )
    return word_attack(context, transformation, checks, search)
