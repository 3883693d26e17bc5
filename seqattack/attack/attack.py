"""TextAttack's `Attack`, for tagged texts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from seqattack.attack.constraints import CostlyConstraint, PredictionConstraint
from seqattack.attack.goal_function import Judged, TokenGoalFunction
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import (
    Attack,
    Constraint,
    GoalFunctionResult,
    PreTransformationConstraint,
    SearchMethod,
    Transformation,
)
from seqattack.attack.transformation import TokenTransformation

CHUNK = 32
"""Candidates whose constraints are checked at once."""

LAST = 4
"""The largest group of candidates that costly constraints are still asked about when a search's
time is up: after one and two, so seven in all."""

_HOOKS = ("get_transformations", "filter_transformations", "get_indices_to_order", "take_step")
"""Methods of an attack that its search method is given; all but the last by TextAttack."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a step of a search came to.

    Args:
        chosen: The best candidate that all constraints allow; None where there is none.
        is_over: Whether a limit ends the search.
    """

    chosen: GoalFunctionResult | None
    is_over: bool


class TokenAttack(Attack):  # type: ignore[misc]  # TextAttack is untyped
    """The attack of one sentence; goal, generator and caches belong to that sentence alone.

    Constraints are asked in the order of what they cost. In a step (`take_step`), those that need
    no model come first. Then the victim judges the candidates, and `PredictionConstraint` reads its
    answers. `CostlyConstraint` is asked last, about the best candidates, until it allows one.
    TextAttack's own searches call `get_transformations`, which asks all constraints beforehand.

    Args:
        goal_function: Judges candidates.
        constraints: What a candidate must satisfy; costly ones last.
        transformation: Makes candidates, the most promising first.
        search_method: Chooses among them.
        most_candidates: Candidates of one step; None takes all that the budget allows.
        by_text: Whether candidates are tried in the alphabetical order of their texts, as the
            published code does, instead of the transformation's.
    """

    goal_function: TokenGoalFunction

    def __init__(
        self,
        goal_function: TokenGoalFunction,
        constraints: Sequence[Constraint | PreTransformationConstraint],
        transformation: Transformation,
        search_method: SearchMethod,
        most_candidates: int | None = None,
        by_text: bool = False,
    ) -> None:
        super().__init__(goal_function, list(constraints), transformation, search_method)
        self.most_candidates = most_candidates
        self.by_text = by_text
        self._plain, self._on_predictions, self._costly = _in_order_of_cost(self.constraints)
        search_method.take_step = self.take_step

    def take_step(
        self,
        current: TaggedText,
        original: TaggedText,
        indices: Sequence[int] | None = None,
        above: float = -math.inf,
    ) -> Step:
        """Judge the candidates made of a text, and return the best that all constraints allow.

        The goal function's `best` becomes the allowed candidate that breaks most, if it breaks more
        than any before. The result is the same as if costly constraints had been asked about every
        candidate first; only those that cannot be chosen are not asked about.

        Args:
            current: The text.
            original: The text before the attack.
            indices: Of the tokens that may be changed; None for all.
            above: The score that the chosen candidate must exceed.
        """
        made = self._distinct(current, original, indices)
        judged = self.goal_function.judge(list(islice(made, self._wanted)))
        for constraint in self._on_predictions:
            compared = original if constraint.compare_against_original else current
            judged = [
                each
                for each in judged
                if constraint.allows(each.text, compared, each.reading.predicted)
            ]
        better = [each for each in judged if self.goal_function.improves(each)]
        better.sort(key=lambda each: -each.reading.share)
        best = self._first_allowed(better, current, original)
        if best is not None:
            self.goal_function.best = best
        if self.goal_function.is_over:
            return Step(None, is_over=True)
        higher = [each for each in judged if each.score > above]
        higher.sort(key=lambda each: -each.score)
        chosen = self._first_allowed(higher, current, original)
        is_over = self.goal_function.check_limits()
        return Step(None if chosen is None else self.goal_function.result(chosen), is_over)

    @property
    def _wanted(self) -> int:
        """How many candidates a step may have judged."""
        left = self.goal_function.queries_left
        return left if self.most_candidates is None else min(left, self.most_candidates)

    def _distinct(
        self, current: TaggedText, original: TaggedText, indices: Sequence[int] | None
    ) -> Iterator[TaggedText]:
        """Yield the distinct candidates that the constraints without a model allow."""
        seen = {current.tokens}
        for candidate in self._made(current, indices):
            if candidate.tokens not in seen:
                seen.add(candidate.tokens)
                candidate.maker = self.transformation
                if _allowed(self._plain, [candidate], current, original):
                    yield candidate

    def _made(self, current: TaggedText, indices: Sequence[int] | None) -> Iterable[TaggedText]:
        """Return what the transformation makes of a text."""
        if not isinstance(self.transformation, TokenTransformation):
            made: list[TaggedText] = self._get_transformations_uncached(
                current, indices_to_modify=indices
            )
            return made
        modifiable = set(range(len(current.tokens)) if indices is None else indices)
        for constraint in self.pre_transformation_constraints:
            modifiable &= constraint(current, self.transformation)
        return self.transformation.candidates(current, sorted(modifiable))

    def _first_allowed(
        self, ranked: Sequence[Judged], current: TaggedText, original: TaggedText
    ) -> Judged | None:
        """Return the first that the costly constraints allow, marked as a candidate.

        One is asked about first, then two, then four: mostly the first is allowed. A search that a
        limit has ended asks about those alone. Without costly constraints the first is allowed.
        """
        start, size = 0, 1 if self._costly else len(ranked)
        while start < len(ranked):
            if self._costly and self.goal_function.is_over and size > LAST:
                return None
            part = ranked[start : start + size]
            texts = [each.text for each in part]
            self.goal_function.is_checking = size <= LAST
            allowed = _allowed(self._costly, texts, current, original)
            self.goal_function.is_checking = False
            for each in part:
                if any(each.text is text for text in allowed):
                    each.text.is_candidate = True
                    return each
            start, size = start + size, 2 * size
        return None

    def get_transformations(
        self, current_text: TaggedText, original_text: TaggedText | None = None, **kwargs: Any
    ) -> list[TaggedText]:
        """Return the distinct candidates that pass all constraints, for searches of TextAttack's.

        They keep the transformation's order, unless they are sorted by text. Constraints are
        checked only until there are as many candidates as the query budget still allows, so a
        costly one is not asked for more.
        """
        made = self._get_transformations_uncached(current_text, original_text, **kwargs)
        distinct = list(dict.fromkeys(made))
        if self.by_text:
            distinct.sort(key=lambda candidate: candidate.text)
        wanted = self._wanted
        kept: list[TaggedText] = []
        for start in range(0, len(distinct), CHUNK):
            if len(kept) >= wanted:
                break
            chunk = distinct[start : start + CHUNK]
            passed = set(self.filter_transformations(chunk, current_text, original_text))
            kept += [candidate for candidate in chunk if candidate in passed]
        return kept[:wanted]

    def filter_transformations(
        self,
        transformed_texts: list[TaggedText],
        current_text: TaggedText,
        original_text: TaggedText | None = None,
    ) -> list[TaggedText]:
        """Return the texts that pass all constraints, marked as candidates.

        Args:
            transformed_texts: Texts that a transformation made.
            current_text: What they were made of.
            original_text: The text before the attack.
        """
        passed: list[TaggedText] = super().filter_transformations(
            transformed_texts, current_text, original_text
        )
        for candidate in passed:
            candidate.is_candidate = True
        return passed

    def search(self, initial_result: GoalFunctionResult) -> None:
        """Search once from `initial_result`; what was found is in the goal function's `best`.

        In TextAttack, attack and search method refer to each other. This method cuts that circle:
        a sentence's caches are then freed with its attack, without the garbage collector.
        """
        try:
            self.search_method(initial_result)
        finally:
            for name in _HOOKS:
                delattr(self.search_method, name)


def _in_order_of_cost(
    constraints: Iterable[Constraint],
) -> tuple[list[Constraint], list[PredictionConstraint], list[Constraint]]:
    """Return constraints without a model, those that read predictions, and the costly ones."""
    plain: list[Constraint] = []
    on_predictions: list[PredictionConstraint] = []
    costly: list[Constraint] = []
    for constraint in constraints:
        if isinstance(constraint, PredictionConstraint):
            on_predictions.append(constraint)
        else:
            (costly if isinstance(constraint, CostlyConstraint) else plain).append(constraint)
    return plain, on_predictions, costly


def _allowed(
    constraints: Iterable[Constraint],
    texts: list[TaggedText],
    current: TaggedText,
    original: TaggedText,
) -> list[TaggedText]:
    """Return the texts that all of some constraints allow."""
    for constraint in constraints:
        if not texts:
            break
        compared = original if constraint.compare_against_original else current
        texts = constraint.call_many(texts, compared)
    return texts
