"""TextAttack's `Attack`, for tagged texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqattack.attack.goal_function import TokenGoalFunction
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import (
    Attack,
    Constraint,
    GoalFunctionResult,
    PreTransformationConstraint,
    SearchMethod,
    Transformation,
)

CHUNK = 32
"""Candidates whose constraints are checked at once."""

_HOOKS = ("get_transformations", "filter_transformations", "get_indices_to_order")
"""Methods of an attack that TextAttack's `Attack` gives its search method."""


class TokenAttack(Attack):  # type: ignore[misc]  # TextAttack is untyped
    """The attack of one sentence; goal, generator and caches belong to that sentence alone.

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

    def get_transformations(
        self, current_text: TaggedText, original_text: TaggedText | None = None, **kwargs: Any
    ) -> list[TaggedText]:
        """Return the distinct candidates that pass all constraints.

        They keep the transformation's order, unless they are sorted by text. Constraints are
        checked only until there are as many candidates as the query budget still allows, so a
        costly one is not asked for more.
        """
        made = self._get_transformations_uncached(current_text, original_text, **kwargs)
        distinct = list(dict.fromkeys(made))
        if self.by_text:
            distinct.sort(key=lambda candidate: candidate.text)
        wanted = self.goal_function.queries_left
        if self.most_candidates is not None:
            wanted = min(wanted, self.most_candidates)
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
