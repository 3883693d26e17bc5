"""What becomes of entities, against cases worked out by hand and seqeval's counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from seqattack.metrics.errors import compare_entities
from seqattack.tags import repair_iob2

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
def test_counts_agree_with_seqeval(tags, rng) -> None:
    gold = repair_iob2(tags)
    predicted = repair_iob2(rng.sample(tags, len(tags)))
    counts = compare_entities(gold, predicted)
    true, found = set(get_entities(gold)), set(get_entities(predicted))
    assert counts["found"] == len(true & found)
    parts = ("found", "type", "boundary", "missed")
    assert sum(counts[part] for part in parts) == len(true)
    assert counts["spurious"] <= len(found - true)
