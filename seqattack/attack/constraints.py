"""Constraints that know tokens and tags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from seqattack.attack.goals import ProbabilitySource
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack_import import stopwords
from seqattack.tags import OUTSIDE, entity_tokens

from textattack.constraints import Constraint, PreTransformationConstraint  # isort: skip

NEGATIONS = frozenset({"n't", "not", "no", "never", "nor", "cannot"})


class WordsOnly(PreTransformationConstraint):  # type: ignore[misc]  # TextAttack is untyped
    """Punctuation is never touched: a token without a letter or digit is no word."""

    def _get_modifiable_indices(self, current_text: TaggedText) -> set[int]:
        return {
            index
            for index, token in enumerate(current_text.tokens)
            if any(character.isalnum() for character in token)
        }


class NoStopwords(PreTransformationConstraint):  # type: ignore[misc]
    """Stopwords are never touched, whatever their case."""

    def __init__(self) -> None:
        self.stopwords = stopwords()

    def _get_modifiable_indices(self, current_text: TaggedText) -> set[int]:
        return {
            index
            for index, token in enumerate(current_text.tokens)
            if token.lower() not in self.stopwords
        }


class ProtectEntities(PreTransformationConstraint):  # type: ignore[misc]
    """Entity tokens are never touched (paper, section 3.1.1)."""

    def _get_modifiable_indices(self, current_text: TaggedText) -> set[int]:
        return set(range(len(current_text.tokens))) - set(entity_tokens(current_text.tags))


class NoNewEntity(Constraint):  # type: ignore[misc]
    """No changed token outside the entities may be taken for an entity by the victim.

    The victim's answer is the one that the goal function uses afterwards: the session remembers
    it, so a candidate goes through the model once.

    Args:
        victim: The sentence's session.
    """

    def __init__(self, victim: ProbabilitySource) -> None:
        super().__init__(compare_against_original=True)
        self.victim = victim
        self._outside = victim.labels.index(OUTSIDE)

    def _check_constraint_many(
        self, transformed_texts: list[TaggedText], reference_text: TaggedText
    ) -> list[TaggedText]:
        answers = self.victim.probabilities([text.tokens for text in transformed_texts])
        return [
            text
            for text, probabilities in zip(transformed_texts, answers, strict=True)
            if self._changed_stay_outside(text, probabilities)
        ]

    def _changed_stay_outside(self, text: TaggedText, probabilities: Any) -> bool:
        changed = [index for index in text.modified if text.tags[index] == OUTSIDE]
        return all(int(probabilities[index].argmax()) == self._outside for index in changed)

    def _check_constraint(self, transformed_text: TaggedText, reference_text: TaggedText) -> bool:
        return bool(self._check_constraint_many([transformed_text], reference_text))


class TokenCheck(Constraint):  # type: ignore[misc]
    """A candidate is refused unless a plain function of its tokens and the original's allows it.

    Args:
        name: The constraint's name, for messages.
        allows: Given the candidate's tokens and the original's.
    """

    def __init__(self, name: str, allows: Callable[[Sequence[str], Sequence[str]], bool]) -> None:
        super().__init__(compare_against_original=True)
        self.name = name
        self.allows = allows

    def _check_constraint(self, transformed_text: TaggedText, reference_text: TaggedText) -> bool:
        return self.allows(transformed_text.tokens, reference_text.tokens)

    def extra_repr_keys(self) -> list[str]:
        """Return the attributes that TextAttack prints."""
        return ["name"]


def ascii_only(tokens: Sequence[str], original: Sequence[str]) -> bool:
    """Whether every character is ASCII (an option of the reference implementation).

    >>> ascii_only(["caf\u00e9"], ["cafe"])
    False
    """
    return all(token.isascii() for token in tokens)


def no_negation(tokens: Sequence[str], original: Sequence[str]) -> bool:
    """Whether no token is a negation (an option of the reference implementation)."""
    return not any(token.lower() in NEGATIONS for token in tokens)
