"""TextAttack's goal function, for the entity tokens of one sentence (paper, section 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from seqattack.attack.goals import Goal
from seqattack.attack.lookout import SearchOverError
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import GoalFunction, GoalFunctionResult
from seqattack.records import Stop
from seqattack.tags import OUTSIDE
from seqattack.victim.probabilities import Probabilities

SLICE = 1024
"""Tokens of the texts that are evaluated before a limited search looks at its limits."""


class ProbabilitySource(Protocol):
    """What a goal function asks of the victim: `seqattack.victim.gateway.Session`."""

    labels: tuple[str, ...]

    def probabilities(self, texts: Sequence[tuple[str, ...]]) -> list[Probabilities]:
        """Return, for each token sequence, probabilities of shape (tokens, tags)."""
        ...


@dataclass(frozen=True, slots=True)
class Best:
    """The earliest text that reached the highest share of counted tokens seen so far.

    Args:
        text: The text.
        probabilities: The victim's.
        share: Tokens that count towards the target / the goal's tokens.
        labels_score: The goal's tokens that are wrong / the goal's tokens, in [0, 1].
        newly_broken: Indices of the goal's tokens that are wrong and were right before.
    """

    text: TaggedText
    probabilities: Probabilities
    share: float
    labels_score: float
    newly_broken: tuple[int, ...]


class TokenGoalFunctionResult(GoalFunctionResult):  # type: ignore[misc]  # TextAttack is untyped
    """TextAttack's result type for token classification."""

    def get_text_color_input(self) -> str:
        """Return TextAttack's colour for an original text."""
        return "red"

    def get_text_color_perturbed(self) -> str:
        """Return TextAttack's colour for an adversarial text."""
        return "blue"

    def get_colored_output(self, color_method: str | None = None) -> str:
        """Return the predicted tags as one string."""
        return " ".join(self.output)


class TokenGoalFunction(GoalFunction):  # type: ignore[misc]  # TextAttack is untyped
    """A goal over the entity tokens of one sentence.

    The search is driven towards `target`, so a status of success means that this share of entity
    tokens is wrong; an attack succeeds as soon as one entity token is wrong that was right before
    (or, where the goal does not ask for that, as soon as more tokens count than in the original),
    and `best` remembers the earliest candidate with the highest share.

    Args:
        goal: Says which tokens are wrong and how near a text is to the goal.
        victim: Gives the victim's probabilities.
        query_budget: Evaluations allowed, the first of the original included.
        max_mispredicted: Share of entity tokens, in (0, 1], at which the search stops.
        timeout: Seconds allowed, or None.
        clock: Seconds spent so far; asked only with a timeout.
        watch: Called after every evaluation with this goal function; returning True cancels the
            search.

    Raises:
        RecipeError: The goal cannot be reached with this victim.

    Attributes:
        best: The best adversarial example so far, or None.
        already_wrong: Indices of the original's entity tokens that were wrong before the attack.
        target: Share of entity tokens that a search is driven towards; `max_mispredicted` unless
            the search changes it.
    """

    num_queries: int

    def __init__(
        self,
        goal: Goal,
        victim: ProbabilitySource,
        *,
        query_budget: int,
        max_mispredicted: float,
        timeout: float | None = None,
        clock: Callable[[], float] | None = None,
        watch: Callable[[TokenGoalFunction], bool] | None = None,
    ) -> None:
        # TextAttack's own constructor only checks its model zoo and makes a cache; the victim's
        # session is the cache here.
        goal.check(victim.labels)
        self.goal = goal
        self.victim = victim
        self.model = victim
        self.maximizable = False
        self.use_cache = False
        self.query_budget = query_budget
        self.allow_skip = False
        self.max_mispredicted = max_mispredicted
        self.target = max_mispredicted
        self.timeout = timeout
        self.clock = clock
        self.watch = watch
        self.best: Best | None = None
        self.already_wrong: frozenset[int] = frozenset()
        self._share_before = 0.0
        self._limit: Stop | None = None

    def predicted(self, probabilities: Probabilities) -> tuple[str, ...]:
        """Return the most probable tag of each token."""
        return tuple(self.victim.labels[index] for index in probabilities.argmax(axis=1))

    def labels_score(self, tags: Sequence[str], predicted: Sequence[str]) -> float:
        """Return the share of the goal's tokens that are wrong, in [0, 1]; 0 without any."""
        total = len(self.goal.tokens(tags))
        return len(self.goal.wrong(tags, predicted)) / total if total else 0.0

    def share(self, tags: Sequence[str], predicted: Sequence[str]) -> float:
        """Return the tokens that count towards the target / the goal's tokens; 0 without any."""
        total = len(self.goal.tokens(tags))
        return len(self.goal.counted(tags, predicted)) / total if total else 0.0

    def start(self, text: TaggedText) -> GoalFunctionResult:
        """Evaluate the original text; this is the first query."""
        result, _ = self.init_attack_example(text, " ".join(text.tags))
        self.already_wrong = frozenset(self.goal.wrong(text.tags, result.output))
        self._share_before = self.share(text.tags, result.output)
        return result

    @property
    def is_reached_before(self) -> bool:
        """Whether the original leaves nothing to attack."""
        tags = self.initial_attacked_text.tags
        if self.goal.must_break:
            return self.already_wrong >= set(self.goal.tokens(tags))
        return self._share_before >= self.max_mispredicted

    def newly_broken(self, text: TaggedText, predicted: Sequence[str]) -> tuple[int, ...]:
        """Return the goal's tokens that are wrong now and were right in the original."""
        return tuple(
            index
            for index in self.goal.wrong(text.tags, predicted)
            if text.origins[index] is not None and text.origins[index] not in self.already_wrong
        )

    def get_results(
        self, attacked_text_list: list[TaggedText], check_skip: bool = False
    ) -> tuple[list[GoalFunctionResult], bool]:
        """Evaluate texts within the query budget and remember the best candidate.

        Returns:
            One result a text (fewer where the budget ran out), and whether the search is over.
        """
        results: list[GoalFunctionResult] = []
        over = False
        for part in self._parts(attacked_text_list):
            found, over = self._evaluate(part, check_skip)
            results += found
            if over:
                break
        return results, over

    def _parts(self, texts: list[TaggedText]) -> list[list[TaggedText]]:
        if not texts or (self.watch is None and self.timeout is None):
            return [texts]
        size = max(1, SLICE // len(texts[0].tokens))
        return [texts[start : start + size] for start in range(0, len(texts), size)]

    def _evaluate(
        self, texts: list[TaggedText], check_skip: bool
    ) -> tuple[list[GoalFunctionResult], bool]:
        queries = self.num_queries
        try:
            results, over = super().get_results(texts, check_skip)
        except SearchOverError:
            self.num_queries = queries
            raise
        for result in results:
            if result.attacked_text.is_candidate:
                self._remember(result)
        reached = self._limit_reached()
        self._limit = Stop.QUERY_BUDGET if over else reached
        return results, self._limit is not None

    def end_at_limits(self) -> None:
        """End the search where its time is up or it is cancelled, in the middle of a step too.

        Raises:
            SearchOverError: It must end; `stop_reason` says why.
        """
        if reason := self._limit_reached():
            self.stop_for(reason)
            raise SearchOverError

    def _limit_reached(self) -> Stop | None:
        is_cancelled = self.watch is not None and self.watch(self)
        if self._timed_out():
            return Stop.TIMEOUT
        return Stop.CANCELLED if is_cancelled else None

    @property
    def queries_left(self) -> int:
        """How many evaluations the budget still allows."""
        return max(0, int(self.query_budget) - int(self.num_queries))

    @property
    def is_over(self) -> bool:
        """Whether a limit has ended the search."""
        return self._limit is not None

    @property
    def stop_reason(self) -> Stop:
        """Why the search stopped; to be asked when it has."""
        if self.best is not None and self.best.share >= self.max_mispredicted:
            return Stop.GOAL_REACHED
        return self._limit or Stop.CANDIDATES_EXHAUSTED

    def stop_for(self, reason: Stop) -> None:
        """Note why the search is about to stop; a limit that was reached before counts.

        Args:
            reason: A limit of the search's own.
        """
        self._limit = self._limit or reason

    def _timed_out(self) -> bool:
        return self.timeout is not None and self.clock is not None and self.clock() > self.timeout

    def choose(self, result: GoalFunctionResult | None) -> None:
        """Take a search's own choice for the best, whatever was seen on the way.

        Args:
            result: The choice; None where the search found none.
        """
        self.best = None if result is None else self._found(result)

    def _remember(self, result: GoalFunctionResult) -> None:
        found = self._found(result)
        if not self._is_success(found):
            return
        if self.best is None or found.share > self.best.share:
            self.best = found

    def _found(self, result: GoalFunctionResult) -> Best:
        text = result.attacked_text
        return Best(
            text,
            result.raw_output,
            self.share(text.tags, result.output),
            self.labels_score(text.tags, result.output),
            self.newly_broken(text, result.output),
        )

    def _is_success(self, found: Best) -> bool:
        if self.goal.must_break:
            return bool(found.newly_broken)
        return found.share > self._share_before

    def _call_model(self, attacked_text_list: list[TaggedText]) -> list[Probabilities]:
        return self.victim.probabilities([text.tokens for text in attacked_text_list])

    def _process_model_outputs(self, inputs: Any, outputs: Any) -> Any:
        return outputs

    def _get_displayed_output(self, raw_output: Probabilities) -> tuple[str, ...]:
        return self.predicted(raw_output)

    def _is_goal_complete(self, model_output: Probabilities, attacked_text: TaggedText) -> bool:
        predicted = self.predicted(model_output)
        return (
            attacked_text.is_candidate
            and self.share(attacked_text.tags, predicted) >= self.target
            and (not self.goal.must_break or bool(self.newly_broken(attacked_text, predicted)))
        )

    def _get_score(self, model_output: Probabilities, attacked_text: TaggedText) -> float:
        tags = attacked_text.tags
        if not self.goal.scores_repaired_tags:
            tags = self._tags_before_repair(attacked_text)
        scores = self.goal.scores(tags, model_output, self.victim.labels)
        total = len(self.goal.tokens(tags))
        return float(scores.sum(dtype=np.float64)) / total if total else 0.0

    def _tags_before_repair(self, text: TaggedText) -> tuple[str, ...]:
        """Return a text's tags, those of entity tokens as they are in the original."""
        before = self.initial_attacked_text.tags
        return tuple(
            tag if tag == OUTSIDE or origin is None else before[origin]
            for tag, origin in zip(text.tags, text.origins, strict=True)
        )

    def _goal_function_result_type(self) -> type[TokenGoalFunctionResult]:
        return TokenGoalFunctionResult
