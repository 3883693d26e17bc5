"""Constraints that know tokens and tags."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest
from operator import ne

import editdistance

from seqattack.attack.goal_function import ProbabilitySource
from seqattack.attack.stopwords import stopwords
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import (
    Constraint,
    PreTransformationConstraint,
    words_from_text,
)
from seqattack.models.encoding import CACHED_WORDS
from seqattack.sentence_encoder.session import SimilaritySession
from seqattack.tags import OUTSIDE, entity_tokens
from seqattack.victim.prediction import decode

NEGATIONS = frozenset({"n't", "not", "no", "never", "nor", "cannot"})


class WordsOnly(PreTransformationConstraint):  # type: ignore[misc]  # TextAttack is untyped
    """Punctuation is never touched: a token without a letter or digit is no word."""

    def _get_modifiable_indices(self, current_text: TaggedText) -> set[int]:
        return {
            index for index, token in enumerate(current_text.tokens) if has_letter_or_digit(token)
        }


class NoStopwords(PreTransformationConstraint):  # type: ignore[misc]
    """Stopwords are never touched, in upper case or lower case."""

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


class EntitiesOnly(PreTransformationConstraint):  # type: ignore[misc]
    """Only entity tokens are touched."""

    def _get_modifiable_indices(self, current_text: TaggedText) -> set[int]:
        return set(entity_tokens(current_text.tags))


class TokenConstraint(Constraint):  # type: ignore[misc]
    """A constraint that reads tokens, tags and origins, whatever transformation made the text."""

    def call_many(
        self, transformed_texts: list[TaggedText], reference_text: TaggedText
    ) -> list[TaggedText]:
        """Return the texts that the constraint allows; TextAttack asks its constraints so."""
        allowed: list[TaggedText] = self._check_constraint_many(transformed_texts, reference_text)
        return allowed


class ManyAtOnce(TokenConstraint):
    """A constraint that asks a model about many texts at once."""

    def _check_constraint(self, transformed_text: TaggedText, reference_text: TaggedText) -> bool:
        return bool(self._check_constraint_many([transformed_text], reference_text))


class PredictionConstraint(ManyAtOnce):
    """A constraint that reads what the victim says of a candidate.

    A search that has its candidates judged first asks it afterwards, with the prediction that is
    there already. Other searches ask it first; the victim's answer is then the one that the goal
    function uses afterwards, since the session remembers it.

    Args:
        victim: The sentence's session.
        compare_against_original: Whether candidates are compared with the original, or with the
            text that they were made of.
    """

    def __init__(self, victim: ProbabilitySource, *, compare_against_original: bool) -> None:
        super().__init__(compare_against_original=compare_against_original)
        self.victim = victim

    @abstractmethod
    def allows(self, text: TaggedText, reference: TaggedText, predicted: Sequence[str]) -> bool:
        """Whether a candidate is allowed.

        Args:
            text: The candidate.
            reference: What it is compared with.
            predicted: The victim's tags of the candidate.
        """

    def _check_constraint_many(
        self, transformed_texts: list[TaggedText], reference_text: TaggedText
    ) -> list[TaggedText]:
        answers = self.victim.probabilities([text.tokens for text in transformed_texts])
        return [
            text
            for text, probabilities in zip(transformed_texts, answers, strict=True)
            if self.allows(text, reference_text, decode(probabilities, self.victim.labels))
        ]


class CostlyConstraint(ManyAtOnce):
    """A constraint that asks another model than the victim.

    A search that has its candidates judged first asks it last, and only about the best ones.
    """


class NoNewEntity(PredictionConstraint):
    """No changed token outside the entities may be taken for an entity by the victim.

    Args:
        victim: The sentence's session.
    """

    def __init__(self, victim: ProbabilitySource) -> None:
        super().__init__(victim, compare_against_original=True)

    def allows(self, text: TaggedText, reference: TaggedText, predicted: Sequence[str]) -> bool:
        """Whether changed tokens outside entities stay so; see `PredictionConstraint.allows`."""
        return all(
            predicted[index] == OUTSIDE for index in text.modified if text.tags[index] == OUTSIDE
        )


class NoNewEntityPublished(PredictionConstraint):
    """The published code's check that the last changed word is not taken for an entity.

    It counts words as TextAttack does, without punctuation and with ``46.6`` as two, but reads the
    prediction of the token with that number, so it often looks at another token. Only what the
    last edit changed is looked at. An inserted token is found by comparing the texts, and so
    rightly.

    Args:
        victim: The sentence's session.
    """

    def __init__(self, victim: ProbabilitySource) -> None:
        super().__init__(victim, compare_against_original=False)

    def allows(self, text: TaggedText, reference: TaggedText, predicted: Sequence[str]) -> bool:
        """Whether the tokens looked at stay outside; see `PredictionConstraint.allows`."""
        looked_at = looked_at_by_published_check(text.tokens, reference.tokens)
        if len(text.tokens) != len(reference.tokens):
            return all(predicted[index] == OUTSIDE for index in looked_at)
        return all(
            index < len(text.tokens) and predicted[index] == text.tags[index] == OUTSIDE
            for index in looked_at
        )


def looked_at_by_published_check(tokens: Sequence[str], before: Sequence[str]) -> list[int]:
    """Return the indices of the tokens whose predictions the published check reads.

    Args:
        tokens: The candidate's.
        before: Those of the text that it was made of.

    Returns:
        The first token that differs, where one was inserted. Otherwise the numbers, in TextAttack's
        count of words, of the words that differ; these may be too high for an index.

    Example:
        >>> looked_at_by_published_check(["so", ",", "they", "wom"], ["so", ",", "they", "won"])
        [2]
    """
    if len(tokens) != len(before):
        pairs = enumerate(zip_longest(tokens, before))
        return [index for index, (new, old) in pairs if new != old][:1]
    words, old_words = words_from_text(" ".join(tokens)), words_from_text(" ".join(before))
    pairs = enumerate(zip(words, old_words, strict=False))
    return [index for index, (new, old) in pairs if new != old]


class NumbersStayNumbers(TokenConstraint):
    """A numeric token is replaced by numeric ones only (paper, section 3.1.2)."""

    def __init__(self) -> None:
        super().__init__(compare_against_original=True)

    def _check_constraint(self, transformed_text: TaggedText, reference_text: TaggedText) -> bool:
        pairs = _replacements(transformed_text, reference_text)
        return all(is_number(new) for new, old in pairs if is_number(old))


class FewTokensChanged(TokenConstraint):
    """At most a share of the original's tokens is changed; their number is rounded up.

    Args:
        most: The share, in [0, 1].
    """

    def __init__(self, most: float) -> None:
        super().__init__(compare_against_original=True)
        self.most = most

    def _check_constraint(self, transformed_text: TaggedText, reference_text: TaggedText) -> bool:
        changed = sum(map(ne, transformed_text.tokens, reference_text.tokens))
        shorter = min(len(transformed_text.tokens), len(reference_text.tokens))
        return bool(changed <= math.ceil(self.most * shorter))


class FewCharactersChanged(TokenConstraint):
    """The Levenshtein distance of text and original is limited.

    Args:
        most: The largest distance, in characters of the whole text.
    """

    def __init__(self, most: int) -> None:
        super().__init__(compare_against_original=True)
        self.most = most

    def _check_constraint(self, transformed_text: TaggedText, reference_text: TaggedText) -> bool:
        new, old = transformed_text.tokens, reference_text.tokens
        changed = transformed_text.modified
        if changed and transformed_text.origins == reference_text.origins:
            # Words were swapped, and what is alike before and behind them adds nothing.
            span = slice(min(changed), max(changed) + 1)
            new, old = new[span], old[span]
        return int(editdistance.eval(" ".join(old), " ".join(new))) <= self.most


class SimilarEnough(CostlyConstraint):
    """The text stays similar to the original: a cosine of sentence embeddings.

    Args:
        session: The sentence's similarities.
        least: Least cosine.
    """

    def __init__(self, session: SimilaritySession, least: float) -> None:
        super().__init__(compare_against_original=True)
        self.session = session
        self.least = least

    def _check_constraint_many(
        self, transformed_texts: list[TaggedText], reference_text: TaggedText
    ) -> list[TaggedText]:
        pairs = [(reference_text.text, text.text) for text in transformed_texts]
        scores = self.session.similarities(pairs)
        for text, score in zip(transformed_texts, scores, strict=True):
            text.attack_attrs["similarity_score"] = score  # a search of TextAttack's may ask for it
        return [
            text
            for text, score in zip(transformed_texts, scores, strict=True)
            if score >= self.least
        ]


class SamePartOfSpeech(TokenConstraint):
    """A replacement can be a part of speech that the replaced word can be.

    Parts of speech are those of lemminflect's dictionary. A verb may replace a noun and a noun a
    verb, as in TextFooler. A word that the dictionary doesn't know is never replaced.
    """

    def __init__(self) -> None:
        super().__init__(compare_against_original=True)

    def _check_constraint(self, transformed_text: TaggedText, reference_text: TaggedText) -> bool:
        pairs = _replacements(transformed_text, reference_text)
        return all(parts_of_speech(new) & parts_of_speech(old) for new, old in pairs)


class TokenCheck(TokenConstraint):
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


def _replacements(text: TaggedText, original: TaggedText) -> Iterator[tuple[str, str]]:
    """Yield each changed token that stands for one of the original's, and that one."""
    for index in text.modified:
        origin = text.origins[index]
        if origin is not None:
            yield text.tokens[index], original.tokens[origin]


@lru_cache(maxsize=CACHED_WORDS)
def has_letter_or_digit(token: str) -> bool:
    """Whether a token is a word, and no punctuation.

    >>> has_letter_or_digit("1-0"), has_letter_or_digit("--")
    (True, False)
    """
    return any(map(str.isalnum, token))


def ascii_only(tokens: Sequence[str], original: Sequence[str]) -> bool:
    """Whether every character is ASCII (an option of the published code).

    >>> ascii_only(["caf\u00e9"], ["cafe"])
    False
    """
    return all(token.isascii() for token in tokens)


def no_negation(tokens: Sequence[str], original: Sequence[str]) -> bool:
    """Whether no token is a negation (an option of the published code)."""
    return not any(token.lower() in NEGATIONS for token in tokens)


@lru_cache(maxsize=CACHED_WORDS)
def is_number(token: str) -> bool:
    """Whether a token is numeric: digits, and no letter.

    >>> is_number("1,250.5"), is_number("3-1"), is_number("2nd"), is_number("-")
    (True, True, False, False)
    """
    return any(map(str.isdigit, token)) and not any(map(str.isalpha, token))


@lru_cache(maxsize=CACHED_WORDS)
def parts_of_speech(word: str) -> frozenset[str]:
    """Return what parts of speech a word can be; nouns and verbs count as one.

    >>> sorted(parts_of_speech("quickly")), sorted(parts_of_speech("xyzzyblah"))
    (['ADV'], [])
    """
    from lemminflect import getAllLemmas

    found = getAllLemmas(word.lower())
    return frozenset("NOUN" if part in ("VERB", "AUX", "PROPN") else part for part in found)
