"""Files of the original SeqAttack, read and written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seqattack.app.seqattack_json import parse_seqattack, read_seqattack, to_seqattack
from seqattack.attack.goals import GOALS, find_goal
from seqattack.errors import RecordError
from seqattack.records import AttackRecord, Outcome
from tests.helpers.examples import LEEDS, RECORDS, prediction
from tests.helpers.records import attack_record


def example(**changes: Any) -> dict[str, Any]:
    """An example without labels, as the first versions wrote it."""
    return {
        "original_text": "Ann Lee lives in Rome",
        "ground_truth": [3, 4, 0, 0, 7],
        "original_pred": [3, 4, 0, 0, 5],
        "status": "Successful",
        "perturbed_text": "An Lee lives in Rome",
        "final_ground_truth": [3, 4, 0, 0, 7],
        "perturbed_pred": [0, 3, 0, 0, 5],
        "num_queries": 13,
        **changes,
    }


def test_numbers_stand_for_seqattack_s_own_labels() -> None:
    (record,) = parse_seqattack({"attacked_examples": [example()]}, "x").records
    assert record.original.tags == ("B-PER", "I-PER", "O", "O", "B-LOC")
    assert record.original.predicted[4] == "B-ORG"
    assert record.already_wrong == (4,)
    assert record.newly_broken == (0, 1)
    assert record.labels_score == 1.0
    assert record.outcome is Outcome.SUCCESS


def test_labels_of_any_set_are_taken_as_they_are() -> None:
    tags = ["B-GENE", "O"]
    value = example(
        original_text="p53 binds",
        perturbed_text="p35 binds",
        **{f"{key}_labels": tags for key in ("ground_truth", "original_pred", "perturbed_pred")},
        final_ground_truth_labels=tags,
    )
    (record,) = parse_seqattack({"attacked_examples": [value]}, "x").records
    assert record.original.tags == ("B-GENE", "O")


def test_examples_that_do_not_fit_are_left_out_and_counted() -> None:
    broken = [
        example(perturbed_pred=[0]),
        example(status="Odd"),
        {},
        None,
        example(ground_truth=[99]),
        example(ground_truth=[-1, 4, 0, 0, 7]),
        example(num_queries=float("inf")),
    ]
    found = parse_seqattack({"attacked_examples": [example(), *broken]}, "x")
    assert (len(found.records), found.left_out) == (1, 7)


@pytest.mark.parametrize("value", [[], {}, {"attacked_examples": 1}, {"attacked_examples": [{}]}])
def test_other_files_are_refused(value: Any) -> None:
    with pytest.raises(RecordError, match=r"old\.json"):
        parse_seqattack(value, "old.json")


def of_goal(name: str, record: AttackRecord) -> AttackRecord:
    """Return a record whose figures are those of a goal; no token is inserted or deleted."""
    goal, original, final = find_goal(name), record.original, record.final
    before = goal.wrong(original.tags, original.predicted)
    after = goal.wrong(final.tags, final.predicted)
    return replace(
        record,
        goal=goal.name,
        labels_score_before=round(goal.labels_score(original, original.predicted), 6),
        labels_score=round(goal.labels_score(final, final.predicted), 6),
        already_wrong=before,
        newly_broken=tuple(index for index in after if index not in before),
    )


@pytest.mark.parametrize("goals", [list(GOALS), ["leak"]], ids=["several", "one"])
def test_every_example_keeps_its_goal_and_recipe(goals: list[str]) -> None:
    text = prediction("Leeds United won im Rme", "B-ORG I-ORG O O B-LOC", "B-ORG O B-PER O O")
    written = [
        replace(of_goal(name, attack_record(LEEDS, text)), recipe=f"recipe-{number}")
        for number, name in enumerate(goals)
    ]
    value = json.loads(json.dumps(to_seqattack(written)))
    read = parse_seqattack(value, "x").records
    for before, after in zip(written, read, strict=True):
        same = ("goal", "recipe", "labels_score_before", "labels_score", "newly_broken")
        assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert value["config"]["recipe"] == ", ".join(record.recipe for record in written)
    assert ("recipe" in value["attacked_examples"][0]) == (len(goals) > 1)


def test_what_an_attack_inserts_is_judged_as_in_attacks() -> None:
    """A new token outside entities makes no success; one in an entity that was right does."""
    predicted = "B-ORG O B-ORG O B-PER O B-LOC"
    text = prediction(
        "Leeds the United won twice in Rome", "B-ORG I-ORG I-ORG O O O B-LOC", predicted
    )
    for goal, broken in (("invented", ()), ("untargeted", (1, 2))):
        value = to_seqattack([replace(attack_record(LEEDS, text), goal=goal)])
        (record,) = parse_seqattack(value, "x").records
        assert record.newly_broken == broken


@pytest.mark.parametrize(
    ("name", "goal"),
    [
        ("StrictUntargetedNER", "untargeted-strict"),
        ("UntargetedNER", "untargeted"),
        ("", "untargeted"),
    ],
)
def test_goals_of_the_original_are_known_by_their_names(name: str, goal: str) -> None:
    value = {"config": {"goal_function": name}, "attacked_examples": [example()]}
    (record,) = parse_seqattack(value, "x").records
    assert record.goal == goal


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "picks.json"
    path.write_text(json.dumps(to_seqattack(RECORDS)))
    read = read_seqattack(path)
    assert read.left_out == 0
    for before, after in zip(RECORDS, read.records, strict=True):
        assert after.original.tokens == before.original.tokens
        assert after.final.predicted == before.final.predicted
        assert after.newly_broken == before.newly_broken
        assert after.outcome == before.outcome
