"""What each constraint lets pass, case by case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from seqattack.attack.constraints import (
    NoNewEntity,
    NoStopwords,
    NumbersStayNumbers,
    ProtectEntities,
    SamePartOfSpeech,
    SimilarEnough,
    TokenCheck,
    WordsOnly,
    ascii_only,
    is_number,
    no_negation,
)
from seqattack.attack.text import TaggedText
from seqattack.sentence_encoder.session import SimilaritySession
from seqattack.victim.probabilities import Probabilities

ORIGINAL = TaggedText(
    ["The", "Leeds", "striker", "quickly", "scored", "25", "goals", "."],
    ["O", "B-ORG", "O", "O", "O", "O", "O", "O"],
)


def swapped(index: int, word: str) -> TaggedText:
    made: TaggedText = ORIGINAL.replace_word_at_index(index, word)
    return made


@pytest.mark.parametrize(
    ("constraint", "fixed"),
    [(WordsOnly(), {7}), (NoStopwords(), {0}), (ProtectEntities(), {1})],
    ids=lambda value: type(value).__name__,
)
def test_what_may_be_touched(constraint: Any, fixed: set[int]) -> None:
    assert constraint._get_modifiable_indices(ORIGINAL) == set(range(8)) - fixed


@pytest.mark.parametrize(
    ("changed", "passes"),
    [
        (swapped(5, "30"), True),
        (swapped(5, "2,500.5"), True),
        (swapped(5, "many"), False),
        (swapped(5, "25th"), False),
        (swapped(5, "-"), False),
        (swapped(6, "7"), True),  # any word may become a number
        (ORIGINAL.insert_text_before_word_index(5, "about"), True),
        (ORIGINAL.insert_text_before_word_index(0, "then").replace_word_at_index(6, "x"), False),
        (swapped(0, "A").replace_word_at_index(5, "x"), False),
    ],
)
def test_numbers_stay_numbers(changed: TaggedText, passes: bool) -> None:
    assert NumbersStayNumbers()._check_constraint(changed, ORIGINAL) is passes


@pytest.mark.parametrize(
    ("changed", "passes"),
    [
        (swapped(3, "slowly"), True),
        (swapped(3, "house"), False),
        (swapped(4, "kick"), True),
        (swapped(6, "kick"), True),  # a verb for a noun, as in TextFooler
        (swapped(3, "xyzzyblah"), False),
        (swapped(3, "slowly").replace_word_at_index(2, "under"), False),
        (ORIGINAL.insert_text_before_word_index(3, "xyzzyblah"), True),  # replaces nothing
        (ORIGINAL.insert_text_before_word_index(0, "so").replace_word_at_index(4, "house"), False),
    ],
)
def test_a_word_keeps_its_part_of_speech(changed: TaggedText, passes: bool) -> None:
    assert SamePartOfSpeech()._check_constraint(changed, ORIGINAL) is passes


class Suspicious:
    """Takes some words for entities."""

    labels: tuple[str, ...] = ("B-LOC", "O", "B-ORG")

    def probabilities(self, texts: Sequence[tuple[str, ...]]) -> list[Probabilities]:
        ids = [[{"Paris": 0, "Leeds": 2}.get(token, 1) for token in text] for text in texts]
        return [np.eye(3, dtype=np.float32)[row] for row in ids]


def test_no_changed_word_may_be_taken_for_an_entity() -> None:
    constraint = NoNewEntity(Suspicious())
    fine = [
        swapped(2, "player"),
        swapped(1, "Paris"),
        swapped(2, "x").replace_word_at_index(2, "y"),
    ]
    refused = [swapped(2, "Paris"), swapped(2, "player").replace_word_at_index(4, "Leeds")]
    assert constraint._check_constraint_many([*refused, *fine], ORIGINAL) == fine
    assert constraint._check_constraint(fine[0], ORIGINAL) is True
    assert constraint._check_constraint(refused[0], ORIGINAL) is False
    wrong_before = TaggedText(["in", "Paris"], ["O", "O"])
    elsewhere = wrong_before.replace_word_at_index(0, "near")
    assert constraint._check_constraint(elsewhere, wrong_before) is True


class Similarities(SimilaritySession):
    def __init__(self) -> None:
        pass

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        assert all(before == ORIGINAL.text for before, _ in pairs)
        return [
            {"player": 0.9, "forward": 0.8, "goat": 0.7}[after.split()[2]] for _, after in pairs
        ]


@pytest.mark.parametrize(
    "constraint",
    [
        NumbersStayNumbers(),
        SamePartOfSpeech(),
        NoNewEntity(Suspicious()),
        SimilarEnough(Similarities(), 0.8),
        TokenCheck("ascii", ascii_only),
    ],
    ids=lambda constraint: type(constraint).__name__,
)
def test_the_original_counts_and_not_the_step_before(constraint: Any) -> None:
    assert constraint.compare_against_original is True


def test_the_least_similarity_itself_is_enough() -> None:
    texts = [swapped(2, word) for word in ("goat", "forward", "player")]
    constraint = SimilarEnough(Similarities(), 0.8)
    assert constraint._check_constraint_many(texts, ORIGINAL) == texts[1:]


def test_functions_of_tokens() -> None:
    check = TokenCheck("ascii", ascii_only)
    assert check._check_constraint(swapped(2, "player"), ORIGINAL)
    assert not check._check_constraint(swapped(2, "joueür"), ORIGINAL)
    assert "ascii" in repr(check)
    assert not no_negation(["did", "Not"], [])
    assert no_negation(["nothing"], [])
    assert [is_number(token) for token in ("7", "x7", "1-0", ".")] == [True, False, True, False]
