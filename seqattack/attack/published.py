"""How the published code searches, and what it tries: its behaviour, built anew.

The code is WalterSimoncini/SeqAttack with TextAttack 0.2.15. What it does differently from the
paper is in docs/deviations.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import islice, product
from typing import TYPE_CHECKING

import numpy as np

from seqattack.attack.goal_function import TokenGoalFunction
from seqattack.attack.search import by_importance
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import (
    GoalFunctionResult,
    GoalFunctionResultStatus,
    GreedyWordSwapWIR,
    SearchMethod,
    Transformation,
    words_from_text,
)
from seqattack.masked_lm.model import Piece
from seqattack.masked_lm.session import Slot
from seqattack.tags import OUTSIDE

if TYPE_CHECKING:
    from seqattack.masked_lm.session import MaskedLMSession, Suggestion

STEP = 0.1
"""By how much the published code raises its target, and where it begins."""


class RisingTargets(SearchMethod):  # type: ignore[misc]  # TextAttack is untyped
    """Searches anew from the original for each of a row of rising targets, on one budget.

    The first target is the original's score, or 0.1 if that is less; targets below the best score
    so far are left out, although scores and targets measure different things. The first search
    that fails is the last. The best of the successes is kept, by its score.

    Args:
        search: The search of one target, set up as TextAttack's `Attack` sets up this one.
        goal: The sentence's goal function.
    """

    is_black_box = True

    def __init__(self, search: SearchMethod, goal: TokenGoalFunction) -> None:
        self.search = search
        self.goal = goal

    def perform_search(self, initial_result: GoalFunctionResult) -> GoalFunctionResult:
        """Return the best success, or the original; it is also the goal function's `best`."""
        for name in ("get_transformations", "get_goal_results", "get_indices_to_order"):
            setattr(self.search, name, getattr(self, name))
        best: GoalFunctionResult | None = None
        try:
            for target in targets(initial_result.score, self.goal.max_mispredicted):
                if best is not None and target < best.score:
                    continue
                self.goal.target = target
                found = self.search.perform_search(initial_result)
                if found.goal_status != GoalFunctionResultStatus.SUCCEEDED:
                    break
                if best is None or found.score > best.score:
                    best = found
                if self.goal.is_over:
                    break
        finally:  # a limit may end the search in the middle of a step
            for name in ("get_transformations", "get_goal_results", "get_indices_to_order"):
                delattr(self.search, name)
            self.goal.choose(best)
        return initial_result if best is None else best

    def check_transformation_compatibility(self, transformation: Transformation) -> bool:
        """Whether the search of one target can use a transformation."""
        return bool(self.search.check_transformation_compatibility(transformation))


def targets(score: float, most: float) -> list[float]:
    """Return the targets that the published code tries, rising.

    Args:
        score: The original's score.
        most: The share of entity tokens that is wanted in the end; targets may exceed it by less
            than a step.

    Example:
        >>> [round(each, 2) for each in targets(0.55, 0.8)]
        [0.55, 0.65, 0.75, 0.85]
    """
    found: list[float] = np.arange(max(score, STEP), most + STEP, STEP).tolist()
    return found


class GreedyInSteps(SearchMethod):  # type: ignore[misc]
    """A greedy search of few steps; it stands for a clock that ends a slow attack after them.

    Args:
        most: Most steps, each of which keeps one edit.
    """

    is_black_box = True

    def __init__(self, most: int) -> None:
        self.most = most

    def perform_search(self, initial_result: GoalFunctionResult) -> GoalFunctionResult:
        """Return the last step's best candidate."""
        best = initial_result
        for _ in range(self.most):
            candidates = self.get_transformations(
                best.attacked_text, original_text=initial_result.attacked_text
            )
            if not candidates:
                break
            results, over = self.get_goal_results(candidates)
            best = max(results, key=lambda result: result.score)
            if over or best.goal_status == GoalFunctionResultStatus.SUCCEEDED:
                break
        return best

    def check_transformation_compatibility(self, transformation: Transformation) -> bool:
        """Any transformation will do."""
        return True


class RankAllWords(GreedyWordSwapWIR):  # type: ignore[misc]
    """TextAttack's greedy search over words in which every word is ranked, and paid for.

    Stopwords and entities are ranked too, though they may not be changed. The rule about words of
    many pieces compares words in the order of the sentence with places in the order of importance,
    so it may leave out another word than the long one.

    Args:
        unk_token: The victim's unknown token.
        max_pieces: Words of more pieces are left out, or others in their place; None keeps all.
        pieces: Number of sub-tokens of a word.
    """

    def __init__(
        self, unk_token: str, max_pieces: int | None, pieces: Callable[[str], int]
    ) -> None:
        super().__init__(wir_method="unk", unk_token=unk_token)
        self.max_pieces = max_pieces
        self.pieces = pieces

    def _get_index_order(
        self, initial_text: TaggedText, max_len: int = -1
    ) -> tuple[list[int], bool]:
        tokens = initial_text.tokens
        indices = [index for index, token in enumerate(tokens) if is_word(token)]
        order, is_over = by_importance(initial_text, indices, self.unk_token, self.get_goal_results)
        most = math.inf if self.max_pieces is None else self.max_pieces
        pairs = zip(order, sorted(order), strict=True)
        return [index for index, other in pairs if self.pieces(tokens[other]) <= most], is_over


class FragmentEdits(Transformation):  # type: ignore[misc]
    """CLARE's edits with parts of words only, because a test in TextAttack is turned around.

    Only vocabularies that mark parts (WordPiece) give replacements: in others they keep a mark
    which the published code then refuses as no ASCII. A part may be inserted before every word
    that may be changed, entities among them.

    Args:
        lm: The sentence's session with the masked LM.
        count: Most parts a place, for swaps and for insertions.
        least: Least probability of a part that replaces a word.
    """

    def __init__(self, lm: MaskedLMSession, count: int, least: float) -> None:
        self.lm = lm
        self.count = count
        self.least = least

    def _get_transformations(
        self, current_text: TaggedText, indices_to_modify: Iterable[int]
    ) -> list[TaggedText]:
        indices = sorted(indices_to_modify)
        swaps = [Slot(i) for i in indices if current_text.tags[i] == OUTSIDE]
        edited = [
            current_text.replace_word_at_index(slot.index, part)
            for slot, part in self._parts(
                current_text, swaps if self.lm.marks_continuations else [], self.least
            )
        ]
        insertions = [Slot(i, insert=True) for i in indices]
        edited += [
            current_text.insert_text_before_word_index(slot.index, part)
            for slot, part in self._parts(current_text, insertions, 0.0)
        ]
        return edited

    def _parts(
        self, text: TaggedText, slots: Sequence[Slot], least: float
    ) -> list[tuple[Slot, str]]:
        """Return each slot's parts that are not the word that stands there."""
        found = self.lm.suggestions(text.tokens, slots, self.count, least, Piece.CONTINUATION)
        return [
            (slot, part.text)
            for slot, parts in zip(slots, found, strict=True)
            for part in parts
            if part.text != text.tokens[slot.index] and len(words_from_text(part.text)) == 1
        ]


def seen_words(
    lm: MaskedLMSession, count: int
) -> Callable[[Sequence[str], Sequence[int]], list[list[str]]]:
    """Return BERT-Attack's suggestions as published.

    Of the most probable entries of the whole vocabulary, a word of one piece gets those that are
    words. A word of several pieces gets the first combinations in the order in which they are
    made, with the last piece changing first, since their sorting is thrown away.

    Args:
        lm: The sentence's session with the masked LM.
        count: Entries a piece, and most combinations.
    """

    def suggest(tokens: Sequence[str], indices: Sequence[int]) -> list[list[str]]:
        return [combined(lm.seen(tokens, index, count), count) for index in indices]

    return suggest


def combined(pieces: Sequence[Sequence[Suggestion]], count: int) -> list[str]:
    """Return the words that suggestions for the pieces of a word make; see `seen_words`.

    Of a word of four pieces or more, which the published code would not finish, as many
    combinations are tried as one of three has.

    Args:
        pieces: For each piece, the most probable entry first.
        count: Most combinations.
    """
    if not pieces:
        return []
    if len(pieces) == 1:
        return [each.text for each in pieces[0] if each.begins and is_one_word(each.text)]
    tried = islice(product(*pieces), count**3)
    words = ("".join(part.text for part in parts) for parts in tried)
    return list(islice(filter(is_one_word, words), count))


def is_one_word(text: str) -> bool:
    """Whether TextAttack takes a text for one word.

    >>> is_one_word("mln"), is_one_word("46.6"), is_one_word(",")
    (True, False, False)
    """
    return len(words_from_text(text)) == 1


def is_word(token: str) -> bool:
    """Whether TextAttack finds a word in a token.

    >>> is_word("46.6"), is_word("...")
    (True, False)
    """
    return bool(words_from_text(token))


def few_words_changed(most: float) -> Callable[[Sequence[str], Sequence[str]], bool]:
    """Return a check that at most a share of the words is changed, punctuation not counted.

    Args:
        most: The share, in [0, 1]; their number is rounded up.
    """

    def allows(tokens: Sequence[str], original: Sequence[str]) -> bool:
        changed = sum(new != old for new, old in zip(tokens, original, strict=True))
        return changed <= math.ceil(most * sum(map(is_word, original)))

    return allows


def no_negation(tokens: Sequence[str], original: Sequence[str]) -> bool:
    """Whether the text holds none of the negations that the published code refuses.

    >>> no_negation(["they", "do", "not"], []), no_negation(["never"], [])
    (False, True)
    """
    text = " ".join(tokens)
    return not any(each in text for each in ("n't", "do not", "does not"))
