"""Choosing the sentences to attack."""

from __future__ import annotations

import pytest

from seqattack.errors import ShortageError
from seqattack.pipeline.subset import pick_samples, share_wrong
from seqattack.sentence import Sentence
from seqattack.tags import repair_iob2
from seqattack.victim.prediction import decode, predict
from tests.helpers.fake_victim import FakeVictim


def sentences() -> list[Sentence]:
    """Sentences of which the fake victim gets a known share of entity tokens wrong."""
    victim = FakeVictim()
    made = []
    for i in range(60):
        tokens = tuple(f"w{i}x{j}" for j in range(10))
        predicted = decode(predict(victim, [tokens])[0], victim.labels)
        tags = [tag if tag.startswith("B-") else "O" for tag in predicted]
        if i % 3 == 1:
            tags = ["O"] * 10
        if i % 3 == 2:
            tags = ["B-PER" if tag != "B-PER" else "B-LOC" for tag in tags]
        made.append(Sentence(f"s-{i}", tokens, tuple(repair_iob2(tags))))
    return made


def test_the_first_that_qualify_in_corpus_order() -> None:
    corpus = sentences()
    victim = FakeVictim()
    subset = pick_samples(corpus, victim, 10)
    expected = []
    for sentence in corpus:  # the definition, written out
        gold = [i for i, tag in enumerate(sentence.tags) if tag != "O"]
        predicted = decode(predict(victim, [sentence.tokens])[0], victim.labels)
        if gold and sum(predicted[i] != sentence.tags[i] for i in gold) <= 0.1 * len(gold):
            expected.append(sentence)
    assert list(subset.sentences) == expected[:10]
    assert subset.qualified == len(expected)
    assert (subset.examined, subset.with_entity) == (60, sum(bool(s.entities) for s in corpus))


def test_the_limits_themselves_qualify() -> None:
    victim = FakeVictim()
    tokens = tuple(f"w{j}" for j in range(40))
    predicted = decode(predict(victim, [tokens])[0], victim.labels)
    places = [j for j, tag in enumerate(predicted) if tag.startswith("B-")][:10]
    assert len(places) == 10
    tags = [predicted[j] if j in places else "O" for j in range(40)]
    tags[places[0]] = "B-PER" if tags[places[0]] != "B-PER" else "B-LOC"
    sentence = Sentence("s", tokens, tuple(tags))
    assert share_wrong(sentence.tags, predicted) == 0.1
    assert pick_samples([sentence], victim, 1).sentences == (sentence,)
    with pytest.raises(ShortageError):
        pick_samples([sentence], victim, 1, max_wrong=0.09)


def test_a_shuffled_order_is_seeded() -> None:
    corpus = sentences()
    picks = [pick_samples(corpus, FakeVictim(), 9, order="shuffled", seed=s) for s in (0, 0, 2)]
    assert picks[0] == pick_samples(corpus, FakeVictim(), 9, order="shuffled")
    assert picks[0] == picks[1]
    assert picks[0].sentences != picks[2].sentences


@pytest.mark.parametrize("size", [1, 500])
def test_too_few_sentences_are_refused_with_the_numbers(size: int) -> None:
    without = [Sentence(f"s-{i}", ("x",), ("O",)) for i in range(3)]
    corpus = without if size == 1 else sentences()
    with pytest.raises(ShortageError, match=r"set subset\.size to \d+ or less"):
        pick_samples(corpus, FakeVictim(), size)


def test_share_wrong_counts_entity_tokens_only() -> None:
    assert share_wrong(["O", "B-PER", "I-PER"], ["B-LOC", "B-PER", "B-PER"]) == 0.5
