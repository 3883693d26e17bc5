"""The attack of one sentence, and its record."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from seqattack.attack.goals import find_goal
from seqattack.attack.lookout import Lookout, SearchOverError
from seqattack.attack.recipes.recipe import AttackContext, Recipe
from seqattack.attack.settings import AttackSettings
from seqattack.files.checksums import sha256_json
from seqattack.records import AttackRecord, Outcome, Prediction, Stop
from seqattack.sentence import Sentence
from seqattack.victim.gateway import Session
from seqattack.victim.prediction import predicted_text
from seqattack.victim.probabilities import Probabilities

if TYPE_CHECKING:
    from seqattack.attack.goal_function import TokenGoalFunction
    from seqattack.attack.text import TaggedText


def attack_sentence(
    sentence: Sentence,
    victim: Session,
    recipe: Recipe,
    settings: AttackSettings,
    sessions: Mapping[str, Any] | None = None,
    clock: Callable[[], float] | None = None,
    watch: Callable[[TokenGoalFunction], bool] | None = None,
    lookout: Lookout | None = None,
) -> AttackRecord:
    """Attack one sentence.

    Args:
        sentence: Tokens and gold tags.
        victim: The sentence's session with the victim.
        recipe: Builds the attack.
        settings: Goal, seed and limits.
        sessions: By resource, the sentence's session with it.
        clock: Seconds spent on the sentence so far; asked only with a timeout.
        watch: As for `TokenGoalFunction`.
        lookout: Computes for the victim and the sessions; it is told what limits the search.
    """
    from seqattack.attack.goal_function import TokenGoalFunction
    from seqattack.attack.text import TaggedText

    goal = TokenGoalFunction(
        find_goal(settings.goal),
        victim,
        query_budget=settings.query_budget,
        max_mispredicted=settings.max_mispredicted,
        timeout=settings.timeout,
        clock=clock,
        watch=watch,
    )
    initial = goal.start(TaggedText.from_sentence(sentence))
    skip = _reason_to_skip(goal, sentence)
    if skip is None:
        rng = random.Random(sha256_json([settings.seed, settings.recipe, sentence.id]))
        if lookout is not None:
            lookout.check = goal.end_at_limits
        with recipe.around(rng), suppress(SearchOverError):
            attack = recipe.build(AttackContext(victim, goal, rng, settings, sessions or {}))
            attack.search(initial)
        stop = goal.stop_reason
    else:
        stop = skip
    return _record(sentence, settings, goal, initial.raw_output, stop, skip is not None, victim)


def _reason_to_skip(goal: TokenGoalFunction, sentence: Sentence) -> Stop | None:
    if not goal.goal.tokens(sentence.tags):
        return Stop.NO_ENTITY
    return Stop.ALREADY_WRONG if goal.is_reached_before else None


def _record(
    sentence: Sentence,
    settings: AttackSettings,
    goal: TokenGoalFunction,
    probabilities: Probabilities,
    stop: Stop,
    skipped: bool,
    victim: Session,
) -> AttackRecord:
    original = prediction(goal, sentence, probabilities)
    before = goal.goal.labels_score(original, original.predicted)
    best = goal.best
    outcome = Outcome.SUCCESS if best else Outcome.SKIPPED if skipped else Outcome.FAILED
    return AttackRecord(
        id=sentence.id,
        recipe=settings.recipe,
        goal=goal.goal.name,
        outcome=outcome,
        stop=stop,
        original=original,
        adversarial=prediction(goal, best.text, best.probabilities) if best else None,
        labels_score_before=round(before, 6),
        labels_score=round(best.reading.labels_score if best else before, 6),
        already_wrong=tuple(sorted(goal.already_wrong)),
        newly_broken=best.reading.newly_broken if best else (),
        queries=goal.num_queries,
        forward_passes=victim.forward_passes,
        victim_id=victim.victim_id,
        hard_labels=victim.hard_labels,
    )


def prediction(
    goal: TokenGoalFunction, text: Sentence | TaggedText, probabilities: Probabilities
) -> Prediction:
    """Return what the victim makes of a text.

    Args:
        goal: The sentence's goal function, which knows the victim's tags.
        text: Tokens and true tags.
        probabilities: The victim's, of shape (tokens, tags).
    """
    return predicted_text(text.tokens, text.tags, probabilities, goal.victim.labels)
