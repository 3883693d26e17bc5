"""TextAttack's goal function, for the entity tokens of one sentence (paper, section 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from seqattack.attack.goals import Goal, Tagged
from seqattack.attack.lookout import SearchOverError
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import (
    GoalFunction,
    GoalFunctionResult,
    GoalFunctionResultStatus,
)
from seqattack.records import Stop
from seqattack.tags import entity_around, tag_class
from seqattack.victim.probabilities import Probabilities

Tags = tuple[str, ...]
Origins = tuple[int | None, ...]
Weights = tuple[int, ...]
_Labelled = tuple[Tags, Origins, Weights]

SLICE = 1024
"""Tokens of the texts that are judged before a limited search looks at its limits."""


class ProbabilitySource(Protocol):
    """What a goal function asks of the victim: `seqattack.victim.gateway.Session`."""

    labels: tuple[str, ...]

    def probabilities(self, texts: Sequence[tuple[str, ...]]) -> list[Probabilities]:
        """Return, for each token sequence, probabilities of shape (tokens, tags)."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What a prediction means for the goal.

    Args:
        predicted: The victim's tags.
        share: Tokens that count towards the target / the goal's tokens, each by its weight.
        labels_score: The goal's tokens that are wrong / the goal's tokens, by weight, in [0, 1].
        newly_broken: Indices of the goal's tokens that are wrong and were right before.
    """

    predicted: tuple[str, ...]
    share: float
    labels_score: float
    newly_broken: tuple[int, ...]


class Judged(NamedTuple):
    """A text that the victim has judged.

    Attributes:
        text: The text.
        probabilities: The victim's, of shape (tokens, tags).
        score: How near the text is to the goal.
        reading: What the prediction means for the goal; texts may share one.
    """

    text: TaggedText
    probabilities: Probabilities
    score: float
    reading: Reading


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

    A query is a text that the victim was asked to judge: the paper's model invocation.

    Args:
        goal: Says which tokens are wrong and how near a text is to the goal.
        victim: Gives the victim's probabilities.
        query_budget: Evaluations allowed, the first of the original included.
        max_mispredicted: Share of entity tokens, in (0, 1], at which the search stops.
        timeout: Seconds allowed, or None.
        clock: Seconds spent so far; asked only with a timeout.
        watch: Called with this goal function after every evaluation, and whenever the limits are
            looked at; returning True cancels the search.

    Raises:
        RecipeError: The goal cannot be reached with this victim.

    Attributes:
        best: The best adversarial example so far, or None.
        already_wrong: Indices of the original's entity tokens that were wrong before the attack.
        target: Share of entity tokens that a search is driven towards; `max_mispredicted` unless
            the search changes it.
        is_checking: Whether a few texts that were judged are being checked; a limit then ends the
            search after them.
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
        self.is_checking = False
        self.timeout = timeout
        self.clock = clock
        self.watch = watch
        self.best: Judged | None = None
        self.already_wrong: frozenset[int] = frozenset()
        self._share_before = 0.0
        self._limit: Stop | None = None
        self._is_ending = False
        self._readings: dict[_Labelled, dict[bytes, Reading]] = {}

    def share(self, text: Tagged, predicted: Sequence[str]) -> float:
        """Return the tokens that count towards the target / the goal's tokens, by weight."""
        return self.goal.share(text, self.goal.counted(text.tags, predicted))

    def start(self, text: TaggedText) -> GoalFunctionResult:
        """Evaluate the original text; this is the first query."""
        result, _ = self.init_attack_example(text, " ".join(text.tags))
        self.already_wrong = frozenset(self.goal.wrong(text.tags, result.output))
        self._share_before = self.share(text, result.output)
        self._readings.clear()  # that of the original did not know what was wrong before
        return result

    @property
    def is_reached_before(self) -> bool:
        """Whether the original leaves nothing to attack."""
        tags = self.initial_attacked_text.tags
        if self.goal.must_break:
            return self.already_wrong >= set(self.goal.tokens(tags))
        return self._share_before >= self.max_mispredicted

    def newly_broken(self, text: TaggedText, predicted: Sequence[str]) -> tuple[int, ...]:
        """Return the goal's tokens that are wrong now and were right in the original.

        A token that is new in an entity counts where a token of that entity was right.
        """
        wrong = self.goal.wrong(text.tags, predicted)
        return tuple(index for index in wrong if self._was_right(text, index))

    def _was_right(self, text: TaggedText, index: int) -> bool:
        """Whether a token, or the entity that it is new in, was right in the original."""
        origin = text.origins[index]
        if origin is not None:
            return origin not in self.already_wrong
        before = (text.origins[i] for i in entity_around(text.tags, index))
        return any(each is not None and each not in self.already_wrong for each in before)

    def judge(self, texts: Sequence[TaggedText]) -> list[Judged]:
        """Ask the victim about texts, as many as the query budget allows, in their order.

        Each is one query, whether a constraint refuses the text afterwards or not. Where a limit
        ends the search in between, those that were judged until then are returned.

        Raises:
            SearchOverError: A limit ended the search before any was judged.
        """
        texts = texts[: self.queries_left]
        answers: list[Probabilities] = []
        for part in self._parts(texts):
            try:
                answers += self.victim.probabilities([text.tokens for text in part])
            except SearchOverError:
                if not answers:
                    raise
                self._is_ending = True
                break
        self.num_queries += len(answers)
        return self._judged(texts[: len(answers)], answers)

    def _parts(self, texts: Sequence[TaggedText]) -> list[Sequence[TaggedText]]:
        """Return texts in the parts in which they are judged: one, if nothing limits the search."""
        if not texts or (self.watch is None and self.timeout is None):
            return [texts]
        size = max(1, SLICE // len(texts[0].tokens))
        return [texts[start : start + size] for start in range(0, len(texts), size)]

    def improves(self, judged: Judged) -> bool:
        """Whether a text is a success, and breaks more than the best one so far."""
        share = judged.reading.share
        if self.best is not None and share <= self.best.reading.share:
            return False
        if self.goal.must_break:
            return bool(judged.reading.newly_broken)
        return share > self._share_before

    def check_limits(self) -> bool:
        """Return whether a limit ends the search; whoever watches it is told first."""
        reached = self._limit_reached()
        if not self.queries_left:
            reached = Stop.QUERY_BUDGET
        if reached:
            self.stop_for(reached)
        return self.is_over

    def get_results(
        self, attacked_text_list: list[TaggedText], check_skip: bool = False
    ) -> tuple[list[GoalFunctionResult], bool]:
        """Evaluate texts within the query budget and remember the best candidate.

        Returns:
            One result a text (fewer where the budget ran out), and whether the search is over.
        """
        judged = self.judge(attacked_text_list)
        for each in judged:
            if each.text.is_candidate and self.improves(each):
                self.best = each
        return [self.result(each) for each in judged], self.check_limits()

    def result(self, judged: Judged) -> GoalFunctionResult:
        """Return what TextAttack keeps of a text that was judged."""
        reading = judged.reading
        reached = (
            judged.text.is_candidate
            and reading.share >= self.target
            and (not self.goal.must_break or bool(reading.newly_broken))
        )
        return TokenGoalFunctionResult(
            judged.text,
            judged.probabilities,
            reading.predicted,
            GoalFunctionResultStatus.SUCCEEDED if reached else GoalFunctionResultStatus.SEARCHING,
            judged.score,
            self.num_queries,
            self.ground_truth_output,
        )

    def end_at_limits(self) -> None:
        """End the search where its time is up or it is cancelled, in the middle of a step too.

        Where it does so among the texts of a step, those that were judged may still be checked.

        Raises:
            SearchOverError: It must end; `stop_reason` says why.
        """
        if self._is_ending:
            return
        if reason := self._limit_reached():
            self.stop_for(reason)
            self._is_ending = self.is_checking
            if not self._is_ending:
                raise SearchOverError

    def _limit_reached(self) -> Stop | None:
        """Return which limit ends the search; whoever watches it is told first."""
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
        if self.best is not None and self.best.reading.share >= self.max_mispredicted:
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
        self.best = None
        if result is not None:
            (self.best,) = self._judged([result.attacked_text], [result.raw_output])

    def _judged(
        self, texts: Sequence[TaggedText], answers: Sequence[Probabilities]
    ) -> list[Judged]:
        """Return texts with their scores; those that are labelled alike are scored at once."""
        alike: dict[_Labelled, list[int]] = {}
        for position, text in enumerate(texts):
            weights = self.goal.weights(text.tokens)
            alike.setdefault((text.tags, text.origins, weights), []).append(position)
        found: list[Any] = [None] * len(texts)
        for labelled, positions in alike.items():
            rows = np.array([answers[position] for position in positions])
            predictions = rows.argmax(axis=2)
            readings = self._readings.setdefault(labelled, {})
            scores = self._scores(*labelled, rows)
            for position, prediction, score in zip(positions, predictions, scores, strict=True):
                key = prediction.tobytes()
                if key not in readings:
                    readings[key] = self._reading(texts[position], prediction)
                found[position] = Judged(texts[position], answers[position], score, readings[key])
        return found

    def _scores(
        self, tags: Tags, origins: Origins, weights: Weights, rows: Probabilities
    ) -> list[float]:
        """Return the score of each of some texts with the same tags and weights."""
        if not self.goal.scores_repaired_tags:
            tags = self._tags_before_repair(tags, origins)
        places = self.goal.tokens(tags)
        if not places:
            return [0.0] * len(rows)
        # In one layout, so that a sum's last digit does not depend on the number of texts.
        scores = np.ascontiguousarray(self.goal.scores(tags, rows, self.victim.labels))
        if self.goal.by_characters:
            scores = scores * np.array([weights[index] for index in places], scores.dtype)
        total = sum(weights[index] for index in places)
        sums: list[float] = (scores.sum(axis=1, dtype=np.float64) / total).tolist()
        return sums

    def _reading(self, text: TaggedText, prediction: np.ndarray[Any, Any]) -> Reading:
        predicted = tuple(self.victim.labels[index] for index in prediction)
        return Reading(
            predicted,
            self.share(text, predicted),
            self.goal.labels_score(text, predicted),
            self.newly_broken(text, predicted),
        )

    def _tags_before_repair(self, tags: Tags, origins: Origins) -> Tags:
        """Return a text's tags, but with a B or I tag as in the original where the class is its."""
        before = self.initial_attacked_text.tags
        return tuple(
            tag if origin is None or tag_class(tag) != tag_class(before[origin]) else before[origin]
            for tag, origin in zip(tags, origins, strict=True)
        )

    def _is_goal_complete(self, model_output: Probabilities, attacked_text: TaggedText) -> bool:
        (judged,) = self._judged([attacked_text], [model_output])
        return bool(self.result(judged).goal_status == GoalFunctionResultStatus.SUCCEEDED)

    def _get_score(self, model_output: Probabilities, attacked_text: TaggedText) -> float:
        (judged,) = self._judged([attacked_text], [model_output])
        return judged.score

    def _process_model_outputs(self, inputs: Any, outputs: Any) -> Any:
        return outputs

    def _goal_function_result_type(self) -> type[TokenGoalFunctionResult]:
        return TokenGoalFunctionResult
