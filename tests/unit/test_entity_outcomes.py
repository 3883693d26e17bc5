"""What becomes of entities, against cases worked out by hand and seqeval's counts."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from seqattack.metrics.entity_outcomes import EntityOutcomes, compare_entities, entity_outcomes
from seqattack.records import Prediction
from seqattack.tags import repair_iob2
from tests.helpers.records import attack_record

TAGS = st.lists(st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]), max_size=12)


@pytest.mark.parametrize(
    ("tags", "predicted", "outcome"),
    [
        ("B-PER I-PER", "B-PER I-PER", "found"),
        ("B-PER I-PER", "B-LOC I-LOC", "type"),
        ("B-PER I-PER", "O B-LOC", "type"),
        ("B-PER I-PER", "B-PER O", "boundary"),
        ("B-PER I-PER", "B-LOC B-PER", "boundary"),
        ("B-PER I-PER", "O O", "missed"),
        ("O O", "B-LOC O", "spurious"),
    ],
)
def test_outcomes_by_hand(tags: str, predicted: str, outcome: str) -> None:
    assert compare_entities(tags.split(), predicted.split()) == {outcome: 1}


@given(TAGS, st.randoms())
def test_counts_agree_with_seqeval(tags: list[str], rng: random.Random) -> None:
    gold = repair_iob2(tags)
    predicted = repair_iob2(rng.sample(tags, len(tags)))
    counts = compare_entities(gold, predicted)
    true, found = set(get_entities(gold)), set(get_entities(predicted))
    assert counts["found"] == len(true & found)
    parts = ("found", "type", "boundary", "missed")
    assert sum(counts[part] for part in parts) == len(true)
    assert counts["spurious"] <= len(found - true)


@given(TAGS, st.randoms())
def test_spurious_entities_share_no_token_with_a_true_one(
    tags: list[str], rng: random.Random
) -> None:
    gold = repair_iob2(tags)
    predicted = repair_iob2(rng.sample(tags, len(tags)))
    new = [
        (start, end)
        for _, start, end in get_entities(predicted)
        if all(gold[index] == "O" for index in range(start, end + 1))
    ]
    assert compare_entities(gold, predicted)["spurious"] == len(new)


def test_outcomes_are_those_after_each_success_and_of_the_original_otherwise() -> None:
    rome = Prediction(("Rome", "won"), ("B-LOC", "O"), ("B-LOC", "O"), (0.9, 0.9))
    missed = Prediction(("Rmoe", "won"), ("B-LOC", "O"), ("O", "B-PER"), (0.9, 0.9))
    broken = attack_record(rome, missed)
    failed = attack_record(rome, already_wrong=(0,))
    outcomes = entity_outcomes([broken, failed])
    assert outcomes == EntityOutcomes(
        found=1, type=0, boundary=0, missed=1, spurious=1, newly_broken=1, already_wrong=1
    )
    assert outcomes.entities == 2
    assert EntityOutcomes(1, 2, 4, 8, 16).entities == 15
