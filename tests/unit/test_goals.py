"""Goal functions against the paper's formula, written out plainly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqattack.attack.goal_function import ProbabilitySource, TokenGoalFunction
from seqattack.attack.goals import find_goal
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import GoalFunctionResultStatus
from seqattack.errors import RecipeError
from seqattack.metrics.entity_outcomes import compare_entities
from seqattack.pipeline.names import PUBLISHED_GOAL
from seqattack.records import Stop
from seqattack.tags import entities, repair_iob2, tag_class
from seqattack.victim.prediction import decode
from seqattack.victim.probabilities import Probabilities

SPAN_GOALS = ("missed", "leak", "invented")
LABELS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")


class Table:
    """A victim whose answers are written down."""

    labels: tuple[str, ...] = LABELS

    def __init__(self, answers: dict[tuple[str, ...], Probabilities] | None = None) -> None:
        self.answers = answers or {}

    def probabilities(self, texts: Sequence[tuple[str, ...]]) -> list[Probabilities]:
        return [self.answers[text] for text in texts]


def build_goal(name: str, victim: ProbabilitySource, **limits: Any) -> TokenGoalFunction:
    limits = {"query_budget": 512, "max_mispredicted": 0.8} | limits
    return TokenGoalFunction(find_goal(name), victim, **limits)


Case = tuple[TaggedText, Probabilities]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    n = draw(st.integers(1, 7))
    tags = repair_iob2([draw(st.sampled_from(LABELS)) for _ in range(n)])
    seed = draw(st.integers(0, 2**32 - 1))
    probabilities = np.random.default_rng(seed).dirichlet([0.5] * 5, size=n).astype(np.float32)
    return TaggedText([f"w{i}" for i in range(n)], tags), probabilities


def plain_score(text: TaggedText, probabilities: Probabilities, strict: bool) -> float:
    """The paper's y_adv: the sum of g over entity tokens by their number."""
    total, count = 0.0, 0
    for gold, row in zip(text.tags, probabilities, strict=True):
        if gold == "O":
            continue
        count += 1
        predicted = LABELS[int(np.argmax(row))]
        if strict:
            wrong = tag_class(predicted) != tag_class(gold)
            p = sum(
                float(q)
                for label, q in zip(LABELS, row, strict=True)
                if tag_class(label) == tag_class(gold)
            )
        else:
            wrong = predicted != gold
            p = float(row[LABELS.index(gold)])
        total += 1.0 if wrong else 1.0 - p
    return total / count if count else 0.0


@given(cases())
@pytest.mark.parametrize("name", ["untargeted", "untargeted-strict"])
def test_score_is_the_paper_s(name: str, case: Case) -> None:
    text, probabilities = case
    goal = build_goal(name, Table({text.tokens: probabilities}))
    result = goal.start(text)
    assert result.score == pytest.approx(
        plain_score(text, probabilities, strict=name.endswith("strict")), abs=1e-6
    )


@given(cases())
def test_labels_scores_are_shares_and_strict_is_never_harsher(case: Case) -> None:
    text, probabilities = case
    plain, strict = (build_goal(name, Table()) for name in ("untargeted", "untargeted-strict"))
    predicted = decode(probabilities, LABELS)
    assert (
        0
        <= strict.goal.labels_score(text, predicted)
        <= plain.goal.labels_score(text, predicted)
        <= 1
    )
    assert set(strict.goal.wrong(text.tags, predicted)) <= set(
        plain.goal.wrong(text.tags, predicted)
    )


@given(cases(), st.sampled_from(["O", "LOC", "PER"]))
def test_targeted_scores_the_target_s_share_of_the_others(case: Case, target: str) -> None:
    text, probabilities = case
    goal = build_goal(f"targeted:{target}", Table({text.tokens: probabilities}))
    result = goal.start(text)
    total, wrong, others = 0.0, [], 0
    for index, (gold, row) in enumerate(zip(text.tags, probabilities, strict=True)):
        if gold != "O" and tag_class(gold) != target:
            others += 1
            shares = [tag_class(label) == target for label in LABELS]
            total += float(row[shares].sum())
            if tag_class(LABELS[int(np.argmax(row))]) == target:
                wrong.append(index)
    assert result.score == pytest.approx(total / others if others else 0.0, abs=1e-6)
    assert goal.goal.wrong(text.tags, result.output) == tuple(wrong)
    share = len(wrong) / others if others else 0.0
    assert goal.goal.labels_score(text, result.output) == pytest.approx(share)


@given(cases(), st.integers(1, 40), st.integers(0, 2**32 - 1))
@pytest.mark.parametrize(
    "name", ["untargeted", "untargeted-strict", PUBLISHED_GOAL, "targeted:PER", *SPAN_GOALS]
)
def test_a_text_s_score_does_not_depend_on_those_scored_with_it(
    name: str, case: Case, others: int, seed: int
) -> None:
    """To the last bit: a search compares scores that come from steps of any size."""
    original, probabilities = case
    tables = np.random.default_rng(seed).dirichlet([0.5] * 5, size=(others, len(probabilities)))
    victim = Table({original.tokens: probabilities})
    for number, table in enumerate(tables):
        victim.answers[original.replace_token(0, f"c{number}").tokens] = table.astype(np.float32)
    texts = [original.replace_token(0, f"c{number}") for number in range(others)]
    goal = build_goal(name, victim)
    goal.start(original)
    together = goal.judge(texts)
    alone = [each for text in texts for each in goal.judge([text])]
    assert [(each.text, each.score) for each in together] == [(e.text, e.score) for e in alone]
    assert [each.reading for each in together] == [each.reading for each in alone]
    for each in together:
        assert each.reading.predicted == decode(each.probabilities, LABELS)
        assert each.reading.share == goal.share(each.text, each.reading.predicted)
        broken = goal.newly_broken(each.text, each.reading.predicted)
        assert each.reading.newly_broken == broken


@pytest.mark.parametrize(
    "name", ["untargeted-strict", PUBLISHED_GOAL, "targeted", "targeted:LOC", *SPAN_GOALS]
)
def test_long_sums_too_have_the_same_bits(name: str) -> None:
    """NumPy adds eight numbers and more in another order than few."""
    labels = ("O", *(f"{part}-{each}" for each in ("PER", "ORG", "LOC", "MISC") for part in "BI"))
    victim = Table()
    victim.labels = labels
    rng = np.random.default_rng(0)
    text = TaggedText([f"w{i}" for i in range(40)], [f"B-{c}" for c in ("PER", "ORG") * 20])
    texts = [text.replace_token(0, f"c{number}") for number in range(30)]
    for each in (text, *texts):
        table = rng.dirichlet([0.05] * len(labels), size=40).astype(np.float32)
        victim.answers[each.tokens] = table
    goal = build_goal(name, victim)
    goal.start(text)
    alone = [goal.judge([each])[0].score for each in texts]
    assert [each.score for each in goal.judge(texts)] == alone


GOALS = ["untargeted", "untargeted-strict", "targeted:O", "targeted:PER", "missed", "invented"]


@given(st.data())
@pytest.mark.parametrize("name", GOALS)
def test_the_best_is_the_first_of_those_that_break_the_most(name: str, data: st.DataObject) -> None:
    """Against a list of all that was evaluated, in batches of any size, within the budget."""
    original, probabilities = data.draw(cases())
    victim = Table({original.tokens: probabilities})
    candidates = []
    for number in range(data.draw(st.integers(0, 8))):
        text = original.replace_word_at_index(0, f"c{number}")
        text.is_candidate = data.draw(st.booleans())
        seed = data.draw(st.integers(0, 2**32 - 1))
        table = np.random.default_rng(seed).dirichlet([0.5] * 5, size=len(text.tokens))
        victim.answers[text.tokens] = table.astype(np.float32)
        candidates.append(text)
    budget = data.draw(st.integers(1, 10))
    goal = build_goal(name, victim, query_budget=budget, max_mispredicted=1.0)
    before = set(goal.goal.wrong(original.tags, goal.start(original).output))
    evaluated: list[TaggedText] = []
    while len(evaluated) < min(len(candidates), budget - 1):
        size = data.draw(st.integers(1, 4))
        results, _ = goal.get_results(candidates[len(evaluated) : len(evaluated) + size])
        evaluated += [result.attacked_text for result in results]
    assert goal.num_queries == 1 + len(evaluated) <= budget
    expected: tuple[float, TaggedText] | None = None
    for text in evaluated:
        predicted = decode(victim.answers[text.tokens], LABELS)
        wrong = set(goal.goal.wrong(text.tags, predicted))
        if text.is_candidate and wrong - before:
            score = len(wrong) / len(goal.goal.tokens(text.tags))
            if expected is None or score > expected[0]:
                expected = (score, text)
    if expected is None:
        assert goal.best is None
    else:
        assert goal.best is not None
        assert goal.best.text is expected[1]
        assert goal.best.reading.labels_score == pytest.approx(expected[0])
        assert set(goal.best.reading.newly_broken).isdisjoint(before)


def rows(*tags: str, p: float = 0.9) -> Probabilities:
    """Probabilities that predict `tags` with confidence `p`."""
    table = np.full((len(tags), len(LABELS)), (1 - p) / (len(LABELS) - 1), dtype=np.float32)
    for i, tag in enumerate(tags):
        table[i, LABELS.index(tag)] = p
    return table


def test_figure_3_a_flip_between_b_and_i() -> None:
    """Figure 3 of the paper: B-ORG to I-ORG counts for untargeted only."""
    text = TaggedText(["Caen", "won"], ["B-LOC", "O"])
    answers = Table({text.tokens: rows("I-LOC", "O")})
    assert build_goal("untargeted", answers).start(text).score == 1.0
    strict = build_goal("untargeted-strict", answers).start(text)
    assert strict.score == pytest.approx(1 - 0.9 - 0.025, abs=1e-6)
    assert find_goal("untargeted-strict").labels_score(text, strict.output) == 0


def test_a_newly_invented_entity_earns_nothing() -> None:
    text = TaggedText(["Rome", "won"], ["B-LOC", "O"])
    quiet, loud = rows("B-LOC", "O"), rows("B-LOC", "B-PER")
    for name in ("untargeted", "untargeted-strict", "targeted"):
        a = build_goal(name, Table({text.tokens: quiet})).start(text)
        b = build_goal(name, Table({text.tokens: loud})).start(text)
        assert a.score == b.score


@given(cases())
def test_missed_and_invented_are_those_of_the_table_of_outcomes(case: Case) -> None:
    text, probabilities = case
    predicted = decode(probabilities, LABELS)
    outcomes = compare_entities(text.tags, predicted)
    for name, outcome, spans in (
        ("missed", "missed", entities(text.tags)),
        ("invented", "spurious", entities(predicted)),
    ):
        wrong = set(find_goal(name).wrong(text.tags, predicted))
        whole = [each for each in spans if wrong.issuperset(range(each.start, each.end))]
        assert len(whole) == outcomes[outcome]
        assert len(wrong) == sum(each.end - each.start for each in whole), "no part of an entity"


@given(cases(), st.lists(st.text("ab", min_size=1, max_size=9), min_size=7, max_size=7))
def test_a_leak_is_what_a_redactor_leaves_of_the_characters(case: Case, words: list[str]) -> None:
    """Against a redactor that blackens the text, character by character."""
    tags, probabilities = case[0].tags, case[1]
    text = TaggedText(words[: len(tags)], tags)
    goal = build_goal("leak", Table({text.tokens: probabilities}))
    result = goal.start(text)
    black = [
        "".join("#" if tag_class(tag) == tag_class(found) and tag != "O" else each for each in word)
        for word, tag, found in zip(text.tokens, tags, result.output, strict=True)
    ]
    shown = "".join(word for word, tag in zip(black, tags, strict=True) if tag != "O")
    expected = sum(each != "#" for each in shown) / len(shown) if shown else 0.0
    assert goal.goal.labels_score(text, result.output) == pytest.approx(expected)
    assert goal.share(text, result.output) == pytest.approx(expected)
    assert expected <= result.score + 1e-6 <= 1 + 2e-6


def test_a_search_for_missed_entities_sees_them_fade() -> None:
    """A part that is still seen keeps an entity from being missed, but the score rises."""
    text = TaggedText(["Ana", "Silva", "won"], ["B-PER", "I-PER", "O"])
    scores = []
    for predicted in (["B-PER", "I-PER", "O"], ["O", "B-PER", "O"], ["O", "O", "O"]):
        goal = build_goal("missed", Table({text.tokens: rows(*predicted)}))
        result = goal.start(text)
        scores.append(result.score)
        wrong = (0, 1) if predicted[1] == "O" else ()
        assert goal.goal.wrong(text.tags, result.output) == wrong
    assert scores == pytest.approx([0.025, (0.9 + 0.025) / 2, 1.0], abs=1e-6)


def test_a_longer_token_is_a_larger_leak() -> None:
    """A change of letters alone changes what the same prediction leaks."""
    text = TaggedText(["Li", "Silva"], ["B-PER", "I-PER"])
    longer = candidate(text, 1, "Silvaaaaaaaa")
    victim = Table({text.tokens: rows("B-PER", "I-PER"), longer.tokens: rows("B-PER", "O")})
    victim.answers[("Li", "Slva")] = rows("B-PER", "O")
    goal = build_goal("leak", victim)
    goal.start(text)
    shorter = candidate(text, 1, "Slva")
    found = goal.judge([longer, shorter])
    assert [each.reading.labels_score for each in found] == pytest.approx([12 / 14, 4 / 6])
    assert [each.reading.newly_broken for each in found] == [(1,), (1,)]


def test_what_an_attack_inserts_is_not_invented() -> None:
    text = TaggedText(["Rome", "won"], ["B-LOC", "O"])
    more = text.insert_token(2, "Li")
    victim = Table({text.tokens: rows("B-LOC", "O"), more.tokens: rows("B-LOC", "O", "B-PER")})
    goal = build_goal("invented", victim)
    goal.start(text)
    (judged,) = goal.judge([more])
    assert (judged.reading.labels_score, judged.reading.newly_broken) == (0.5, ())


def test_a_new_token_of_an_entity_breaks_what_was_right() -> None:
    text = TaggedText(["Li", "won"], ["B-PER", "O"])
    longer = text.replace_entity(entities(text.tags)[0], ("Li", "Wei"))
    answers = {longer.tokens: rows("B-PER", "O", "O")}
    for before, broken in (("B-PER", (1,)), ("O", ())):
        goal = build_goal("missed", Table(answers | {text.tokens: rows(before, "O")}))
        strict = build_goal("untargeted-strict", goal.victim)
        goal.start(text), strict.start(text)
        assert goal.judge([longer])[0].reading.newly_broken == ()
        assert strict.judge([longer])[0].reading.newly_broken == broken


def test_targeted_counts_the_target_only() -> None:
    text = TaggedText(["Ann", "saw", "Rome"], ["B-PER", "O", "B-LOC"])
    answers = Table({text.tokens: rows("B-LOC", "O", "B-LOC")})
    goal = build_goal("targeted:LOC", answers)
    result = goal.start(text)
    assert goal.goal.tokens(text.tags) == (0,)
    assert goal.goal.wrong(text.tags, result.output) == (0,)
    assert result.score == pytest.approx(0.925, abs=1e-6)
    assert build_goal("targeted", answers).goal.wrong(text.tags, result.output) == ()


@pytest.mark.parametrize("name", ["untargetted", "targeted:ORG", "strict"])
def test_unknown_goals_are_refused(name: str) -> None:
    with pytest.raises(RecipeError, match=r"did you mean|it has LOC, O, PER|write one of"):
        build_goal(name, Table())


def candidate(text: TaggedText, index: int, word: str) -> TaggedText:
    changed: TaggedText = text.replace_word_at_index(index, word)
    changed.is_candidate = True
    return changed


class TestBest:
    """The earliest candidate with the highest labels score is remembered."""

    def setup_method(self) -> None:
        self.text = TaggedText(["Ann", "saw", "Rome", "Bob"], ["B-PER", "O", "B-LOC", "B-PER"])
        self.one, self.two, self.also_two = (
            candidate(self.text, 1, word) for word in ("swa", "was", "asw")
        )
        self.importance = self.text.replace_word_at_index(1, "[UNK]")
        self.victim = Table(
            {
                self.text.tokens: rows("B-PER", "O", "B-LOC", "O"),
                self.one.tokens: rows("O", "O", "B-LOC", "O"),
                self.two.tokens: rows("O", "O", "O", "O"),
                self.also_two.tokens: rows("O", "O", "O", "O", p=0.99),
                self.importance.tokens: rows("O", "O", "O", "O"),
            }
        )
        self.goal = build_goal("untargeted", self.victim, query_budget=4)
        self.goal.start(self.text)

    def test_importance_texts_are_never_examples(self) -> None:
        self.goal.get_results([self.importance])
        assert self.goal.best is None

    def test_earliest_of_the_best(self) -> None:
        self.goal.get_results([self.one, self.two, self.also_two])
        assert self.goal.best is not None
        assert self.goal.best.text is self.two
        assert self.goal.best.reading.labels_score == 1.0
        assert self.goal.already_wrong == {3}
        assert self.goal.best.reading.newly_broken == (0, 2)
        assert self.goal.stop_reason is Stop.GOAL_REACHED

    def test_the_budget_counts_the_first_query_and_is_never_exceeded(self) -> None:
        results, over = self.goal.get_results([self.one] * 9)
        assert (len(results), over, self.goal.num_queries) == (3, True, 4)
        assert self.goal.stop_reason is Stop.QUERY_BUDGET

    def test_a_token_wrong_before_is_not_newly_broken(self) -> None:
        same = candidate(self.text, 1, "x")
        self.victim.answers[same.tokens] = rows("B-PER", "O", "B-LOC", "B-LOC")
        self.goal.get_results([same])
        assert self.goal.best is None

    def test_a_timeout_keeps_the_success(self) -> None:
        goal = build_goal("untargeted", self.victim, timeout=1.0, clock=lambda: 2.0)
        goal.start(self.text)
        _, over = goal.get_results([self.one])
        assert over
        assert goal.stop_reason is Stop.TIMEOUT
        assert goal.best is not None
        assert goal.best.text is self.one

    def test_the_goal_is_reached_at_its_share_and_by_candidates_alone(self) -> None:
        goal = build_goal("untargeted", self.victim, max_mispredicted=2 / 3)
        goal.start(self.text)
        (half, full, importance), _ = goal.get_results([self.one, self.two, self.importance])
        assert half.goal_status == GoalFunctionResultStatus.SUCCEEDED  # two of three, exactly
        assert full.goal_status == GoalFunctionResultStatus.SUCCEEDED
        assert importance.goal_status == GoalFunctionResultStatus.SEARCHING
        assert goal.stop_reason is Stop.GOAL_REACHED
        further = build_goal("untargeted", self.victim, max_mispredicted=1.0)
        further.start(self.text)
        (half,), _ = further.get_results([self.one])
        assert half.goal_status == GoalFunctionResultStatus.SEARCHING
        assert further.stop_reason is Stop.CANDIDATES_EXHAUSTED

    def test_what_was_wrong_before_reaches_no_goal(self) -> None:
        same = candidate(self.text, 1, "x")
        self.victim.answers[same.tokens] = rows("B-PER", "O", "B-LOC", "O")
        goal = build_goal("untargeted", self.victim, max_mispredicted=0.1)
        goal.start(self.text)
        (result,), _ = goal.get_results([same])
        assert result.goal_status == GoalFunctionResultStatus.SEARCHING

    def test_queries_are_counted_down(self) -> None:
        assert build_goal("untargeted", self.victim).query_budget == 512
        self.goal.get_results([self.one, self.two])
        assert self.goal.queries_left == 1
        self.goal.get_results([self.one, self.two])
        assert self.goal.queries_left == 0

    @pytest.mark.parametrize(("budget", "why"), [(3, Stop.CANCELLED), (2, Stop.QUERY_BUDGET)])
    def test_a_watcher_may_cancel_but_does_not_hide_another_reason(
        self, budget: int, why: Stop
    ) -> None:
        later = {"query_budget": budget, "watch": lambda goal: goal.num_queries > 1}
        goal = build_goal("untargeted", self.victim, **later)
        goal.start(self.text)
        _, over = goal.get_results([self.one])
        assert over
        assert goal.stop_reason is why

    def test_the_last_moment_is_still_in_time(self) -> None:
        goal = build_goal("untargeted", self.victim, timeout=1.0, clock=lambda: 1.0)
        goal.start(self.text)
        assert not goal.get_results([self.one])[1]


def test_the_plan_knows_the_published_goal_by_its_name() -> None:
    assert find_goal(PUBLISHED_GOAL).name == PUBLISHED_GOAL
