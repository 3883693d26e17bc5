"""The published reading: its goal, its check at a wrong index, its order, its targets, its vote."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqattack.attack.attack import TokenAttack
from seqattack.attack.constraints import (
    NoNewEntity,
    NoNewEntityPublished,
    looked_at_by_published_check,
)
from seqattack.attack.goal_function import TokenGoalFunction
from seqattack.attack.goals import find_goal
from seqattack.attack.lookout import SearchOverError
from seqattack.attack.published import (
    GreedyInSteps,
    RankAllWords,
    RisingTargets,
    combined,
    few_words_changed,
    no_negation,
    targets,
)
from seqattack.attack.recipes.registry import find_recipe, published_recipe
from seqattack.attack.settings import AttackSettings
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import GreedySearch, SearchMethod
from seqattack.attack.words import WordSwaps
from seqattack.errors import ConfigError, RecipeError
from seqattack.masked_lm.session import Suggestion
from seqattack.records import Stop
from seqattack.tags import repair_iob2, tag_class
from seqattack.victim.probabilities import Probabilities, voted
from tests.helpers.fake_victim import LABELS

GOAL = "untargeted-strict-published"


class Written:
    """A victim whose answer for each token is written down: O, or a tag's probability."""

    labels: tuple[str, ...] = LABELS

    def __init__(self, answers: dict[str, tuple[str, float]]) -> None:
        self.answers = answers

    def probabilities(self, texts: Sequence[tuple[str, ...]]) -> list[Probabilities]:
        return [np.array([self._row(token) for token in text], np.float32) for text in texts]

    def _row(self, token: str) -> list[float]:
        tag, p = self.answers.get(token, ("O", 1.0))
        return [p if label == tag else (1 - p) / 4 for label in LABELS]


def goal_function(victim: Any, **limits: Any) -> TokenGoalFunction:
    limits = {"query_budget": 512, "max_mispredicted": 0.8} | limits
    return TokenGoalFunction(find_goal(GOAL), victim, **limits)


Case = tuple[list[str], np.ndarray]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    n = draw(st.integers(1, 7))
    tags = repair_iob2([draw(st.sampled_from(LABELS)) for _ in range(n)])
    seed = draw(st.integers(0, 2**32 - 1))
    table = np.random.default_rng(seed).dirichlet([0.5] * 5, size=n).astype(np.float32)
    return list(tags), table


class Fixed:
    labels: tuple[str, ...] = LABELS

    def __init__(self, table: Probabilities) -> None:
        self.table = table

    def probabilities(self, texts: Sequence[tuple[str, ...]]) -> list[Probabilities]:
        return [self.table for _ in texts]


@given(cases())
def test_the_goal_scores_every_token_over_the_number_of_entity_tokens(case: Case) -> None:
    tags, table = case
    goal = goal_function(Fixed(table))
    text = TaggedText([f"w{i}" for i in range(len(tags))], tags)
    result = goal.start(text)
    total, wrong, entity_tokens = 0.0, 0, sum(tag != "O" for tag in tags)
    for tag, row in zip(tags, table, strict=True):
        same = tag_class(LABELS[int(row.argmax())]) == tag_class(tag)
        total += 1 - float(row[LABELS.index(tag)]) if same else 1
        wrong += not same
    if entity_tokens:
        assert result.score == pytest.approx(total / entity_tokens, abs=1e-5)
        assert goal.share(text, result.output) == pytest.approx(wrong / entity_tokens)
        assert 0 <= goal.goal.labels_score(text, result.output) <= 1
    else:
        assert result.score == goal.share(text, result.output) == 0


def test_a_success_may_only_invent_entities() -> None:
    victim = Written({"Rome": ("B-LOC", 0.9), "Xi": ("B-PER", 0.8)})
    original = TaggedText(["in", "Rome", "he", "ran"], ["O", "B-LOC", "O", "O"])
    for name, found in (("untargeted-strict", None), (GOAL, ())):
        goal = TokenGoalFunction(find_goal(name), victim, query_budget=9, max_mispredicted=0.8)
        goal.start(original)
        candidate = original.replace_word_at_index(2, "Xi")
        candidate.is_candidate = True
        goal.get_results([candidate])
        assert (goal.best and goal.best.reading.newly_broken) == found
    assert goal.best is not None
    assert (goal.best.reading.share, goal.best.reading.labels_score) == (1.0, 0.0)
    assert goal.stop_reason is Stop.GOAL_REACHED


def test_a_split_entity_is_scored_with_its_tag_before() -> None:
    victim = Written(
        {"New": ("B-LOC", 1.0), "York": ("B-LOC", 0.9), "in": ("O", 1.0), "x": ("O", 1.0)}
    )
    original = TaggedText(["in", "New", "York"], ["O", "B-LOC", "I-LOC"])
    goal = goal_function(victim)
    goal.start(original)
    split = original.insert_text_before_word_index(2, "x")
    assert split.tags == ("O", "B-LOC", "O", "B-LOC")
    ((result,), _) = goal.get_results([split])
    assert result.score == pytest.approx((1 - 0.1 / 4) / 2), (
        "1 - p(I-LOC), where B-LOC is predicted"
    )


def test_a_sentence_is_left_out_where_too_many_tokens_are_wrong_before() -> None:
    text = TaggedText(["Rome", "x"], ["B-LOC", "O"])
    missed = Written({})
    assert _reached(GOAL, missed, text)
    assert _reached("untargeted-strict", missed, text)
    invented = Written({"Rome": ("B-LOC", 1.0), "x": ("B-PER", 1.0)})
    assert _reached(GOAL, invented, text)
    assert not _reached("untargeted-strict", invented, text)


def _reached(name: str, victim: Written, text: TaggedText) -> bool:
    goal = TokenGoalFunction(find_goal(name), victim, query_budget=9, max_mispredicted=0.8)
    goal.start(text)
    return goal.is_reached_before


ORIGINAL = TaggedText(
    ["So", ",", "Leeds", "scored", "46.6", "goals", "."], ["O", "O", "B-ORG", "O", "O", "O", "O"]
)


@pytest.mark.parametrize(
    ("index", "word", "read"),
    [
        (0, "Sp", [0]),
        (3, "scorde", [2]),  # one comma before it
        (5, "goasl", [5]),  # 46.6 is two words, so right by chance
        (4, "46.7", [4]),
    ],
)
def test_the_published_check_reads_the_token_with_the_word_s_number(
    index: int, word: str, read: list[int]
) -> None:
    changed = ORIGINAL.replace_word_at_index(index, word)
    assert looked_at_by_published_check(changed.tokens, ORIGINAL.tokens) == read


def test_the_published_check_looks_at_the_last_edit_at_a_wrong_place() -> None:
    victim = Written({"Leeds": ("B-LOC", 1.0), "Paris": ("B-LOC", 1.0)})
    check, right = NoNewEntityPublished(victim), NoNewEntity(victim)
    before = ORIGINAL.replace_word_at_index(0, "Paris")
    later = before.replace_word_at_index(5, "gaols")
    scored = ORIGINAL.replace_word_at_index(3, "scorde")
    late = ORIGINAL.replace_word_at_index(5, "Paris")
    inserted = ORIGINAL.insert_text_before_word_index(5, "Paris")
    fine = ORIGINAL.insert_text_before_word_index(2, "big")
    verdicts = [
        (before, ORIGINAL, False, False),
        (later, before, True, False),  # only the last edit is looked at
        (scored, ORIGINAL, False, True),  # the number leads to Leeds
        (late, ORIGINAL, False, False),
        (inserted, ORIGINAL, False, False),
        (fine, ORIGINAL, True, True),
    ]
    for text, reference, published, ours in verdicts:
        assert bool(check._check_constraint_many([text], reference)) is published, text
        assert bool(right._check_constraint_many([text], ORIGINAL)) is ours, text
    comma = TaggedText(["a", ",", "b", "c"], ["O"] * 4)
    missed = comma.replace_word_at_index(3, "Paris")
    assert check._check_constraint_many([missed], comma) == [missed]
    numbers = TaggedText(["1.2", "3.4", "won"], ["O"] * 3)
    beyond = numbers.replace_word_at_index(2, "wno")
    assert check._check_constraint_many([beyond], numbers) == []


@pytest.mark.parametrize(
    ("score", "most", "expected"),
    [
        (0.0, 0.8, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]),
        (0.29, 0.8, [0.29, 0.39, 0.49, 0.59, 0.69, 0.79, 0.89]),
        (0.95, 0.8, []),
    ],
)
def test_targets_rise_from_the_original_s_score(
    score: float, most: float, expected: list[float]
) -> None:
    assert targets(score, most) == pytest.approx(expected)


def rising(
    swaps: dict[str, list[str]],
    victim: Written,
    search: SearchMethod,
    most_steps: float = math.inf,
    **limits: Any,
) -> tuple[TokenGoalFunction, list[list[str]]]:
    """Search with rising targets, until a limit ends a step from inside.

    Returns:
        The goal function and the texts of each step.
    """
    steps: list[list[str]] = []

    class Watched(TokenGoalFunction):
        def get_results(self, texts: list[TaggedText], check_skip: bool = False) -> Any:
            steps.append([text.text for text in texts])
            return super().get_results(texts, check_skip)

    goal = Watched(
        find_goal(GOAL), victim, **({"query_budget": 512, "max_mispredicted": 0.8} | limits)
    )
    original = TaggedText(["b", "ran", "Rome", "Leeds"], ["O", "O", "B-LOC", "B-PER"])
    initial = goal.start(original)

    def suggest(tokens: Sequence[str], indices: Sequence[int]) -> list[list[str]]:
        if len(steps) > most_steps:
            raise SearchOverError
        return [swaps.get(tokens[index], []) for index in indices]

    attack = TokenAttack(goal, [], WordSwaps(suggest), RisingTargets(search, goal), by_text=True)
    with suppress(SearchOverError):
        attack.search(initial)
    return goal, steps


def test_each_target_begins_anew_and_candidates_come_by_text() -> None:
    victim = Written(
        {
            "Rome": ("B-LOC", 0.9),
            "Leeds": ("B-PER", 0.9),
            "Xi": ("B-PER", 0.9),
            "Xu": ("B-PER", 0.9),
            "rain": ("O", 0.9),
        }
    )
    swaps = {"b": ["d", "Xi"], "ran": ["rain", "Xu"]}
    goal, steps = rising(swaps, victim, GreedySearch())
    first = ["Xi ran Rome Leeds", "b Xu Rome Leeds", "b rain Rome Leeds", "d ran Rome Leeds"]
    assert steps[0] == ["b ran Rome Leeds"]
    assert steps[1] == sorted(first)
    assert steps.count(sorted(first)) == 2, "the second target begins at the original again"
    assert goal.best is not None
    assert goal.best.text.text == "Xi Xu Rome Leeds"
    assert goal.best.reading.share == 1.0
    assert goal.num_queries == sum(map(len, steps))


def test_a_search_of_few_steps_is_the_greedy_search_cut_short() -> None:
    answers = {"Rome": ("B-LOC", 0.9), **dict.fromkeys(("Leeds", "Xi", "Xu"), ("B-PER", 0.9))}
    victim = Written(answers)
    swaps = {"b": ["d", "Xi"], "ran": ["rain", "Xu"]}
    whole, every = rising(swaps, victim, GreedySearch())
    enough, same = rising(swaps, victim, GreedyInSteps(9))
    assert whole.best is not None
    assert enough.best is not None
    assert (same, enough.best.text.text) == (every, whole.best.text.text)
    one, steps = rising(swaps, victim, GreedyInSteps(1))
    assert one.best is not None
    assert len(one.best.text.modified) == 1 < len(whole.best.text.modified)
    assert steps[0] == every[0]
    assert all(step == every[1] for step in steps[1:]), "no target gets a second step"


def test_without_budget_the_best_of_the_targets_before_stays() -> None:
    victim = Written({"Rome": ("B-LOC", 0.9), "Leeds": ("B-PER", 0.9), "Xi": ("B-PER", 0.9)})
    goal, _ = rising({"b": ["Xi"]}, victim, GreedySearch(), query_budget=2)
    assert goal.best is not None
    assert goal.best.text.text == "Xi ran Rome Leeds"
    goal, _ = rising({"b": ["c"]}, victim, GreedySearch())
    assert goal.best is None
    assert goal.stop_reason is Stop.CANDIDATES_EXHAUSTED


def test_a_limit_within_a_step_keeps_the_best_of_the_targets_before() -> None:
    answers = {"b": ("O", 0.9), "Rome": ("B-LOC", 0.9)}
    victim = Written(answers | dict.fromkeys(("Leeds", "Xi", "Xu"), ("B-PER", 0.9)))
    search = GreedySearch()
    goal, steps = rising({"b": ["Xi"], "ran": ["Xu"]}, victim, search, most_steps=1)
    assert steps[1] == ["Xi ran Rome Leeds", "b Xu Rome Leeds"]
    assert len(steps) == 2, "the second target's first step is cut"
    assert goal.best is not None
    assert goal.best.text.text == "b Xu Rome Leeds", "that with the highest score"
    assert "get_transformations" not in vars(search)


def test_every_word_is_ranked_and_long_ones_are_mistaken() -> None:
    weights = {"a": 0.9, "long": 0.8, "c": 0.7}
    victim = Written({"Rome": ("B-LOC", 0.9)})
    goal = goal_function(victim)
    text = TaggedText([*weights, ",", "Rome"], ["O"] * 4 + ["B-LOC"])
    goal.start(text)
    search = RankAllWords("[UNK]", 3, len)
    search.get_goal_results = goal.get_results
    order, _ = search._get_index_order(text)
    assert goal.num_queries == 1 + 4, "the stopword a and the entity too, but no comma"
    # Without Rome the score is highest; the others tie. In the sentence, the second and the last
    # are long: so the second and the last of the ranking are left out.
    assert order == [4, 1]


@pytest.mark.parametrize("pieces", [1, 2, 3])
def test_combinations_come_unsorted_with_the_last_piece_first(pieces: int) -> None:
    columns = [[Suggestion(f"{'xyz'[i]}{j}", -j, i == 0) for j in range(4)] for i in range(pieces)]
    expected = ["".join(s.text for s in each) for each in product(*columns)][:5]
    assert combined(columns, 5) == (expected if pieces > 1 else expected[:4])
    assert combined([], 5) == []
    none = [[Suggestion(",", 0, i == 0)] * 5 for i in range(30)]
    assert combined(none, 5) == [], "5 ** 30 combinations are not all tried"
    commas = [[Suggestion(",", 0, False), Suggestion("ing", 0, False), Suggestion("in", 0, True)]]
    assert combined(commas, 5) == ["in"]


def test_what_the_published_checks_allow() -> None:
    tokens = ["a", "b", "c", "d", ",", "."]
    check = few_words_changed(0.4)
    assert check(["x", "y", *tokens[2:]], tokens)
    assert not check(["x", "y", "z", *tokens[3:]], tokens)
    assert [no_negation(text.split(), []) for text in ("I do not", "can n't", "not", "dont")] == [
        False,
        False,
        True,
        True,
    ]


@given(st.integers(0, 2**32 - 1), st.lists(st.lists(st.integers(1, 5), min_size=1), min_size=1))
def test_a_vote_is_that_of_all_characters(seed: int, widths: list[list[int]]) -> None:
    """Against a loop over characters."""
    total = sum(map(len, widths))
    rows = np.random.default_rng(seed).dirichlet([0.5] * 4, size=total).astype(np.float32)
    first = np.cumsum([0, *map(len, widths)])[:-1].tolist()
    found = voted(rows, [width for each in widths for width in each], first)
    for token, (start, each) in enumerate(zip(first, widths, strict=True)):
        characters = [rows[start + n] for n, width in enumerate(each) for _ in range(width)]
        votes: dict[int, float] = defaultdict(float)
        for row in characters:
            votes[int(row.argmax())] += float(row.max())
        mean = np.mean(characters, axis=0)
        assert votes[int(found[token].argmax())] == pytest.approx(max(votes.values()), rel=1e-5)
        assert sorted(found[token]) == pytest.approx(sorted(mean), abs=1e-5)


def test_names_and_settings() -> None:
    for name in ("deepwordbug-i-5", "deepwordbug-ii-30", "bert-attack", "clare"):
        other = published_recipe(name)
        assert other == f"{name}-published" + ("-1" if name == "clare" else "")
        assert find_recipe(other).needs == find_recipe(name).needs
    assert published_recipe("textfooler") is None
    with pytest.raises(RecipeError):
        find_recipe("bae-published")
    with pytest.raises(RecipeError, match="has no target"):
        find_goal(f"{GOAL}:LOC")
    with pytest.raises(ConfigError, match="new_entity_check: 'right' is not known"):
        AttackSettings("clare", new_entity_check="right")  # type: ignore[arg-type]
