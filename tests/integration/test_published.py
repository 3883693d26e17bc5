"""The published reading against outcomes of the published code itself, sentence by sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from seqattack.attack.engine import Engine
from seqattack.attack.goal_function import Judged, TokenGoalFunction
from seqattack.attack.goals import find_goal
from seqattack.attack.published import targets
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.settings import AttackSettings
from seqattack.attack.text import TaggedText
from seqattack.masked_lm.model import MaskedLM
from seqattack.masked_lm.session import MaskedLMService
from seqattack.records import AttackRecord
from seqattack.sentence import Sentence
from seqattack.sentence_encoder.sentence_transformers import SentenceTransformersEncoder
from seqattack.victim.gateway import Gateway, Session
from seqattack.victim.kinds import load_victim
from seqattack.victim.victim import Victim

OUTCOMES, MODELS = os.environ.get("SEQATTACK_PUBLISHED"), os.environ.get("SEQATTACK_MODELS")
GOAL = "untargeted-strict-published"

pytestmark = pytest.mark.skipif(
    OUTCOMES is None or MODELS is None,
    reason="SEQATTACK_PUBLISHED and SEQATTACK_MODELS do not name outcomes and models",
)


@pytest.fixture(scope="module")
def victim() -> Victim:
    return load_victim(Path(str(MODELS)) / "minilm-conll2003", device="cpu", word_tag="vote")


@pytest.fixture(scope="module")
def resources() -> Resources:
    lm = MaskedLM.load(Path(str(MODELS)) / "minilm-mlm", device="cpu")
    return Resources(
        {"masked-lm": MaskedLMService(lm), "similarity": SentenceTransformersEncoder()}
    )


def outcomes(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((Path(str(OUTCOMES)) / f"{name}.json").read_text())
    assert found
    return found


def sentence(outcome: dict[str, Any], victim: Victim) -> Sentence:
    tags = tuple(victim.labels[identity] for identity in outcome["gold"])
    return Sentence(outcome["text"], tuple(outcome["text"].split(" ")), tags)


def attack(
    recipe: str, victim: Victim, resources: Resources, outcomes: list[dict[str, Any]]
) -> list[AttackRecord]:
    engine = Engine(victim, AttackSettings(recipe, GOAL), resources)
    records = {r.id: r for r in engine.attack([sentence(each, victim) for each in outcomes])}
    return [records[each["text"]] for each in outcomes]


def test_the_tags_of_words_are_the_same(victim: Victim) -> None:
    session = Session(Gateway(victim))
    for outcome in outcomes("o_dwb"):
        for text, tags in (("text", "pred0"), ("final", "pred")):
            (rows,) = session.probabilities([tuple(outcome[text].split(" "))])
            assert rows.argmax(axis=1).tolist() == outcome[tags]


def test_the_goal_s_score_sets_the_same_targets(victim: Victim) -> None:
    """They are known to two digits; a vote that the mean does not share moves a score a little."""
    for outcome in outcomes("o_dwb"):
        goal = TokenGoalFunction(
            find_goal(GOAL), Session(Gateway(victim)), query_budget=512, max_mispredicted=0.8
        )
        result = goal.start(TaggedText.from_sentence(sentence(outcome, victim)))
        if outcome["status"] == "Skipped":
            assert goal.is_reached_before
            continue
        assert not goal.is_reached_before
        first, *rest = (target for target, *_ in outcome["rounds"])
        possible = targets(result.score, 0.8)
        assert first == pytest.approx(possible[0], abs=0.01)
        for target in rest:
            assert target == pytest.approx(min(possible, key=lambda t: abs(t - target)), abs=0.01)


def test_the_goal_counts_the_same_tokens(victim: Victim) -> None:
    """Whatever the published code took for a success reaches the target that it had then."""
    goal = find_goal(GOAL)
    succeeded = [each for each in outcomes("o_dwb") if each["status"] == "Successful"]
    assert succeeded
    for each in succeeded:
        tags, predicted = (
            [victim.labels[identity] for identity in each[key]] for key in ("final_gold", "pred")
        )
        share = len(goal.counted(tags, predicted)) / len(goal.tokens(tags))
        assert share >= each["rounds"][0][0] - 0.006
        assert len(goal.wrong(tags, predicted)) / len(goal.tokens(tags)) == pytest.approx(
            each["lscore"]
        )


def test_deepwordbug_ranks_as_many_words(victim: Victim, resources: Resources) -> None:
    found = outcomes("o_dwb")
    records = attack("deepwordbug-i-5-published", victim, resources, found)
    for record, outcome in zip(records, found, strict=True):
        skipped = outcome["status"] == "Skipped"
        assert (record.outcome == "skipped") is skipped
        if not skipped:
            words = outcome["rounds"][0][2][0][0]
            assert record.queries >= 1 + words


@pytest.mark.slow
def test_bert_attack_makes_the_same_examples(victim: Victim, resources: Resources) -> None:
    """It has no chance in it. A token such as 46.6 is one unit here, and two words there."""
    found = outcomes("o_ba")
    records = attack("bert-attack-published", victim, resources, found)
    same = [
        " ".join(record.final.tokens) == outcome["final"]
        for record, outcome in zip(records, found, strict=True)
    ]
    assert sum(same) >= len(found) - 2
    for record, outcome in zip(records, found, strict=True):
        assert record.outcome.value[:4] == outcome["status"].lower()[:4]
    close = [abs(r.queries - o["queries"]) <= 4 for r, o in zip(records, found, strict=True)]
    assert sum(close) >= len(found) - 1


def test_clare_tries_the_same_texts_in_the_same_order(
    victim: Victim, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All candidates of the first step: parts of words, the check's verdicts, order and cut."""
    (outcome,) = outcomes("o_cl_pub512")
    steps: list[list[str]] = []
    judge = TokenGoalFunction.judge

    def watched(self: TokenGoalFunction, texts: Sequence[TaggedText]) -> list[Judged]:
        judged = judge(self, texts)
        steps.append([each.text.text for each in judged])
        return judged

    monkeypatch.setattr(TokenGoalFunction, "judge", watched)
    (record,) = attack("clare-published", victim, resources, [outcome])
    whole = [each for each in outcome["evaluated_texts"] if "46.6" in each.split(" ")]
    first = steps[1]
    assert len(whole) > 300
    assert first == whole == sorted(whole)
    assert record.queries == outcome["queries"] == 512
    assert len(steps[2]) == 511 - len(first), "the second step gets what is left"
    assert steps[2] == sorted(steps[2])
    assert len(record.final.tokens) == len(outcome["final"].split(" "))
