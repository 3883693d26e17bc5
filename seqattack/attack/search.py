"""Greedy searches: over words in order of importance, and over all words at once.

Both have the victim judge a step's candidates first and ask costly constraints last. Ties go to the
candidate that was made first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seqattack.attack.attack import Step
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import (
    GoalFunctionResult,
    GoalFunctionResultStatus,
    SearchMethod,
    Transformation,
    transformation_consists_of_word_swaps_and_deletions,
)


class StepwiseSearch(SearchMethod):  # type: ignore[misc]  # TextAttack is untyped
    """A search that asks its attack for the best candidate of each step.

    Attributes:
        take_step: Set by the attack: `seqattack.attack.attack.TokenAttack.take_step`.
    """

    take_step: Callable[..., Step]

    @property
    def is_black_box(self) -> bool:
        """True: the victim's gradients are not used."""
        return True


class Greedy(StepwiseSearch):
    """Takes the best candidate of all words, again and again, until the goal is reached.

    A step may lower the score. The search also ends where a step has no candidate.
    """

    def perform_search(self, initial_result: GoalFunctionResult) -> GoalFunctionResult:
        """Return the last step's candidate, or the original."""
        original, current = initial_result.attacked_text, initial_result
        is_over = False
        while not is_over and current.goal_status != GoalFunctionResultStatus.SUCCEEDED:
            step = self.take_step(current.attacked_text, original)
            if step.chosen is None:
                break
            current, is_over = step.chosen, step.is_over
        return current


class GreedyByImportance(StepwiseSearch):
    """Changes words in order of their importance, each to the candidate with the highest score.

    Where no candidate raises the score, the word stays (Jin et al., 2020; Gao et al., 2018).
    Words are ranked by the score of the text in which they are replaced by the unknown token; each
    such text is one query. Words of equal importance keep their order in the sentence.

    Args:
        unk_token: The victim's unknown token.
        max_pieces: Words that the victim's tokenizer splits into more pieces than this are not
            ranked, so never changed, as in the published code; None ranks all.
        pieces: Number of sub-tokens of a word.
    """

    def __init__(
        self, unk_token: str, max_pieces: int | None, pieces: Callable[[str], int]
    ) -> None:
        self.unk_token = unk_token
        self.max_pieces = max_pieces
        self.pieces = pieces

    def perform_search(self, initial_result: GoalFunctionResult) -> GoalFunctionResult:
        """Return the text with all changes, or the original."""
        original, current = initial_result.attacked_text, initial_result
        order, is_over = self._order(original)
        for index in order:
            if is_over or current.goal_status == GoalFunctionResultStatus.SUCCEEDED:
                break
            text = current.attacked_text
            if index not in text.origins:
                continue  # another word's edit has joined the two
            place = text.origins.index(index)
            step = self.take_step(text, original, [place], current.score)
            current, is_over = step.chosen or current, step.is_over
        return current

    def _order(self, initial_text: TaggedText) -> tuple[list[int], bool]:
        """Return the words' indices, the most important first, and whether a limit was reached."""
        _, modifiable = self.get_indices_to_order(initial_text)
        indices = sorted(index for index in modifiable if self._is_ranked(initial_text, index))
        if not indices:
            return [], False
        return by_importance(initial_text, indices, self.unk_token, self.get_goal_results)

    def check_transformation_compatibility(self, transformation: Transformation) -> bool:
        """Whether a transformation leaves every word at its place, or deletes it."""
        return bool(transformation_consists_of_word_swaps_and_deletions(transformation))

    def _is_ranked(self, text: TaggedText, index: int) -> bool:
        return self.max_pieces is None or self.pieces(text.tokens[index]) <= self.max_pieces


def by_importance(
    text: TaggedText,
    indices: Sequence[int],
    unk_token: str,
    evaluate: Callable[[list[TaggedText]], tuple[list[GoalFunctionResult], bool]],
) -> tuple[list[int], bool]:
    """Rank words by the score of the text in which the unknown token stands for them.

    Args:
        text: The text.
        indices: Of the words.
        unk_token: The victim's unknown token.
        evaluate: The goal function's `get_results`; each word costs a query.

    Returns:
        The indices, the most important first, and whether a limit was reached.
    """
    texts = [text.replace_word_at_index(index, unk_token) for index in indices]
    results, is_over = evaluate(texts)
    scored = zip(indices, (result.score for result in results), strict=False)
    ranked = sorted(scored, key=lambda pair: (-pair[1], pair[0]))
    return [index for index, _ in ranked], is_over
