"""TextAttack's `Attack`, for tagged texts."""

from __future__ import annotations

from typing import Any

from seqattack.attack.goals import TokenGoalFunction
from seqattack.attack.text import TaggedText

from textattack import Attack  # isort: skip
from textattack.goal_function_results import GoalFunctionResult  # isort: skip


class TokenAttack(Attack):  # type: ignore[misc]  # TextAttack is untyped
    """The attack of one sentence; goal, generator and caches belong to that sentence alone."""

    goal_function: TokenGoalFunction

    def get_transformations(
        self, current_text: TaggedText, original_text: TaggedText | None = None, **kwargs: Any
    ) -> list[TaggedText]:
        """Return the distinct candidates that pass all constraints, marked as candidates."""
        candidates = super().get_transformations(current_text, original_text, **kwargs)
        distinct = list(dict.fromkeys(candidates))
        for candidate in distinct:
            candidate.is_candidate = True
        return distinct

    def search(self, initial_result: GoalFunctionResult) -> None:
        """Search from `initial_result`; what was found is in the goal function's `best`."""
        self.search_method(initial_result)
