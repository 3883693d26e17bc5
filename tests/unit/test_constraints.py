"""What each constraint lets pass, case by case."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import editdistance
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqattack.attack.attack import TokenAttack
from seqattack.attack.characters import CharacterEdits
from seqattack.attack.constraints import (
    CostlyConstraint,
    FewCharactersChanged,
    FewTokensChanged,
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
from seqattack.attack.goal_function import TokenGoalFunction
from seqattack.attack.goals import find_goal
from seqattack.attack.search import Greedy, GreedyByImportance
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import Constraint
from seqattack.attack.transformation import TokenTransformation
from seqattack.sentence_encoder.session import SimilaritySession
from seqattack.victim.gateway import Gateway, Session
from seqattack.victim.probabilities import Probabilities
from seqattack.victim.tagging import tag_text
from tests.helpers.fake_victim import FragileVictim

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
    """Texts are as similar as their third words are alike in length."""

    def __init__(self) -> None:
        pass

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        lengths = [(len(a.split()[2]), len(b.split()[2])) for a, b in pairs]
        return [min(a, b) / max(a, b) for a, b in lengths]


def filtered(constraint: Any, step: TaggedText, candidate: TaggedText) -> list[TaggedText]:
    """Return what an attack lets pass that has come to `step`: the candidate, or nothing."""
    victim, transformation = Suspicious(), CharacterEdits(random.Random(0))
    search = GreedyByImportance("[UNK]", None, len)
    goal = TokenGoalFunction(
        find_goal("untargeted"), victim, query_budget=512, max_mispredicted=0.8
    )
    attack = TokenAttack(goal, [constraint], transformation, search)
    candidate.attack_attrs["last_transformation"] = transformation
    return attack.filter_transformations([candidate], step, ORIGINAL)


@pytest.mark.parametrize(
    ("constraint", "index", "step", "candidate"),
    [
        (NumbersStayNumbers(), 5, "many", "few"),
        (SamePartOfSpeech(), 3, "home", "house"),
        (SimilarEnough(Similarities(), 0.8), 2, "player", "coach"),
        (TokenCheck("initial", lambda new, old: new[2][0] == old[2][0]), 2, "player", "pupil"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Constraint) else "",
)
def test_candidates_are_compared_with_the_original_and_not_the_step_before(
    constraint: Any, index: int, step: str, candidate: str
) -> None:
    before = swapped(index, step)
    after = before.replace_word_at_index(index, candidate)
    assert constraint._check_constraint(after, before), "of the step alone it would be allowed"
    assert filtered(constraint, before, after) == []


def test_the_least_similarity_itself_is_enough() -> None:
    texts = [swapped(2, word) for word in ("goat", "goalposts", "passers")]
    constraint = SimilarEnough(Similarities(), 7 / 9)
    assert constraint._check_constraint_many(texts, ORIGINAL) == texts[1:]


EDITS = st.lists(
    st.tuples(
        st.integers(0, 7), st.sampled_from(["", "scored", "Leeds", "x", "strikers", "a b", "25"])
    ),
    min_size=1,
    max_size=6,
)


@given(EDITS, st.integers(0, 30))
def test_limits_of_changes_are_those_of_the_whole_texts(
    edits: list[tuple[int, str]], most: int
) -> None:
    """Against the distance of the joined texts, and TextAttack's count of changed words."""
    from textattack.constraints.overlap import MaxWordsPerturbed  # ours imported it offline

    text = ORIGINAL
    for index, word in edits:
        if len(text.tokens) > 1:
            text = text.replace_word_at_index(index % len(text.tokens), word)
    distance = editdistance.eval(ORIGINAL.text, text.text)
    assert FewCharactersChanged(most)._check_constraint(text, ORIGINAL) == (distance <= most)
    theirs = MaxWordsPerturbed(max_percent=0.4)._check_constraint(text, ORIGINAL)
    assert FewTokensChanged(0.4)._check_constraint(text, ORIGINAL) == theirs


def test_a_step_makes_no_more_candidates_than_the_victim_may_judge() -> None:
    made: list[str] = []

    class Endless(TokenTransformation):
        def candidates(self, text: TaggedText, indices: Sequence[int]) -> Iterator[TaggedText]:
            for number in count():
                made.append(f"w{number // 2}")  # each word twice
                yield text.replace_token(indices[0], made[-1])

    search = Greedy()
    goal = TokenGoalFunction(
        find_goal("untargeted"), Suspicious(), query_budget=6, max_mispredicted=0.8
    )
    long_words = TokenCheck("not w1", lambda tokens, original: tokens[2] != "w1")
    attack = TokenAttack(goal, [long_words], Endless(), search)
    goal.start(ORIGINAL)
    step = attack.take_step(ORIGINAL, ORIGINAL, [2])
    assert made == ["w0", "w0", "w1", "w1", "w2", "w2", "w3", "w3", "w4", "w4", "w5"]
    assert (step.is_over, goal.num_queries) == (True, 6)
    assert step.chosen is not None
    assert step.chosen.attacked_text.tokens[2] == "w0", "of equals the first"


@pytest.mark.parametrize(("refused", "is_found"), [(0, True), (6, True), (7, False)])
def test_what_was_judged_in_time_may_still_be_checked(refused: int, is_found: bool) -> None:
    """The time is up when the first costly constraint is asked: seven texts may pass it."""
    asked: list[str] = []

    class Many(TokenTransformation):
        def candidates(self, text: TaggedText, indices: Sequence[int]) -> Iterator[TaggedText]:
            return (text.replace_token(indices[0], f"w{number}") for number in range(40))

    class Slow(CostlyConstraint):
        def _check_constraint_many(
            self, transformed_texts: list[TaggedText], reference_text: TaggedText
        ) -> list[TaggedText]:
            goal.end_at_limits()  # as a lookout does before every batch
            first = len(asked)
            asked.extend(each.text for each in transformed_texts)
            return [each for n, each in enumerate(transformed_texts, first) if n >= refused]

    victim = FragileVictim()
    text = TaggedText.from_sentence(tag_text("Leeds beat Rome in the last minute", victim))
    goal = TokenGoalFunction(
        find_goal("untargeted"),
        Session(Gateway(victim)),
        query_budget=99,
        max_mispredicted=1.0,
        timeout=1.0,
        clock=lambda: 2.0 if goal.num_queries > 1 else 0.0,
    )
    goal.start(text)
    slow = Slow(compare_against_original=True)
    step = TokenAttack(goal, [slow], Many(), Greedy()).take_step(text, text, [1])
    assert step.is_over
    assert (goal.best is not None) == is_found
    assert len(asked) == {0: 1, 6: 7, 7: 7}[refused]


def test_functions_of_tokens() -> None:
    check = TokenCheck("ascii", ascii_only)
    assert check._check_constraint(swapped(2, "player"), ORIGINAL)
    assert not check._check_constraint(swapped(2, "joueür"), ORIGINAL)
    assert "ascii" in repr(check)
    assert not no_negation(["did", "Not"], [])
    assert no_negation(["nothing"], [])
    assert [is_number(token) for token in ("7", "x7", "1-0", ".")] == [True, False, True, False]
