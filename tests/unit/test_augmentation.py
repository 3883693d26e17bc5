"""Adversarial training sets are nested and do not depend on shards or waves."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqattack.errors import ShortageError
from seqattack.pipeline.augmentation import (
    adversarial_examples,
    attack_order,
    first_wave,
    measure_wave,
    take,
)
from seqattack.records import AttackRecord, Prediction
from seqattack.sentence import Sentence
from tests.helpers.records import attack_record


def record(i: int, success: bool) -> AttackRecord:
    text = Prediction((f"t{i}",), ("B-PER",), ("O",), (0.9,))
    return attack_record(text, text if success else None, id=f"train-{i}")


def examples_by_waves(records: list[AttackRecord], wanted: int, size: int) -> list[Sentence]:
    """Run the pipeline's loop: attack a wave of shards, measure, go on or stop."""
    shards = first_wave(wanted, len(records), size)
    while True:
        seen = records[: shards * size]
        wave = measure_wave(seen, shards, size, wanted, len(records))
        assert wave.sentences == len(seen)
        if wave.is_last:
            return adversarial_examples(seen, wanted)
        assert wave.next_shards > shards
        shards = wave.next_shards


@given(st.lists(st.booleans(), min_size=1, max_size=80), st.integers(1, 20), st.integers(1, 30))
def test_winners_do_not_depend_on_shards(won: list[bool], wanted: int, size: int) -> None:
    records = [record(i, success) for i, success in enumerate(won)]
    expected = [f"train-{i}-deepwordbug-i-5" for i, success in enumerate(won) if success][:wanted]
    if len(expected) < wanted:
        with pytest.raises(ShortageError, match=f"gave only {sum(won)}"):
            examples_by_waves(records, wanted, size)
    else:
        assert [s.id for s in examples_by_waves(records, wanted, size)] == expected


@pytest.mark.parametrize(
    ("won", "wanted", "available", "following"),
    [
        (4, 10, 100, 2 + 4),  # 6 more at a rate of 0.4: 15 sentences and a tenth more, in fives
        (4, 10, 23, 5),  # no more than there are
        (0, 10, 1000, 2 + 22),  # as if one in ten had succeeded
        (9, 10, 100, 2 + 1),
        (10, 10, 100, 2),
    ],
)
def test_the_next_wave_follows_the_rate_so_far(
    won: int, wanted: int, available: int, following: int
) -> None:
    records = [record(i, i < won) for i in range(10)]
    wave = measure_wave(records, 2, 5, wanted, available)
    assert (wave.successes, wave.sentences, wave.next_shards) == (won, 10, following)
    assert wave.is_last == (following == 2)


def test_smaller_sets_are_the_beginning_of_larger_ones() -> None:
    records = [record(i, i % 3 == 0) for i in range(100)]
    large = adversarial_examples(records, 30)
    assert adversarial_examples(records, 10) == large[:10]
    assert len({example.id for example in large}) == 30


def test_too_few_examples_of_a_recipe_are_said_to_be_of_that_recipe() -> None:
    """The config's sizes are of all recipes of a mixture together."""
    with pytest.raises(ShortageError, match="gave only 3; ask for at most 3 of this recipe"):
        adversarial_examples([record(i, i < 3) for i in range(9)], 5)


def test_the_order_is_seeded_and_leaves_out_what_cannot_be_attacked() -> None:
    sentences = [Sentence(f"train-{i}", ("x",), ("B-PER" if i % 4 else "O",)) for i in range(40)]
    order = attack_order(sentences, "deepwordbug-i-5", 1)
    assert len(order) == 30
    assert all(sentence.entities for sentence in order)
    shuffled = random.Random(3).sample(sentences, 40)
    assert order == attack_order(sentences, "deepwordbug-i-5", 1)
    assert {s.id for s in attack_order(shuffled, "deepwordbug-i-5", 1)} == {s.id for s in order}
    assert order != attack_order(sentences, "deepwordbug-i-5", 2)
    assert order != attack_order(sentences, "bert-attack", 1)


def test_taking_more_than_there_is_is_refused() -> None:
    sentences = [Sentence("a", ("x",), ("O",))]
    assert take(sentences, "all", "train") == take(sentences, "1", "train") == sentences
    with pytest.raises(ShortageError, match="train has 1 sentences, but 2"):
        take(sentences, "2", "train")
