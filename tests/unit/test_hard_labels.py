"""Attacks on victims that give tags without probabilities."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from seqattack.attack.resources.loaded import Resources
from seqattack.attack.text import TaggedText
from seqattack.io import dump_line
from seqattack.records import AttackRecord, Outcome
from seqattack.sentence import Sentence
from seqattack.tags import repair_iob2
from seqattack.victim.prediction import decode, predict
from seqattack.victim.probabilities import Probabilities, one_hot
from tests.helpers.attacks import attack, lines
from tests.helpers.corpora import corpus
from tests.helpers.fake_victim import FakeVictim, FragileVictim

RECIPES = ("deepwordbug-i-5", "deepwordbug-ii-30")


class HardVictim(FragileVictim):
    """The tags of another victim alone."""

    hard_labels = True

    def probabilities(
        self, texts: Sequence[Sequence[str]], padded_length: int
    ) -> list[Probabilities]:
        soft = super().probabilities(texts, padded_length)
        return [one_hot(decode(rows, self.labels), self.labels) for rows in soft]


def tagged(size: int) -> list[Sentence]:
    """Sentences whose true tags are what the victim says, repaired."""
    made = corpus(size)
    found = predict(FragileVictim(), [sentence.tokens for sentence in made])
    tags = [repair_iob2(decode(rows, FragileVictim.labels)) for rows in found]
    return [Sentence(s.id, s.tokens, tuple(t)) for s, t in zip(made, tags, strict=True)]


@pytest.mark.parametrize("recipe", RECIPES)
def test_records_say_so_and_depend_on_nothing_else(recipe: str) -> None:
    sentences = tagged(12)
    records = attack(recipe, sentences, Resources(), victim=HardVictim)
    assert Outcome.SUCCESS in {record.outcome for record in records}
    for record in records:
        assert record.hard_labels
        assert set(record.final.confidence) == {1.0}
        assert AttackRecord.from_json(json.loads(dump_line(record.to_json()))) == record
    again = attack(
        recipe, sentences[::-1], Resources(), victim=HardVictim, in_flight=3, batch_tokens=16
    )
    assert lines(again) == lines(records)


def test_a_record_of_another_victim_has_no_such_key() -> None:
    (record,) = attack(RECIPES[0], corpus(1), Resources(), victim=FakeVictim)
    assert not record.hard_labels
    assert "hard_labels" not in record.to_json()


def test_words_are_ranked_by_the_share_of_wrong_tags_and_then_by_their_order() -> None:
    from seqattack.attack.goal_function import TokenGoalFunction
    from seqattack.attack.goals import find_goal
    from seqattack.attack.search import GreedyByImportance
    from seqattack.victim.gateway import Gateway, Session

    sentence = max(tagged(12), key=lambda each: len(each.tokens))
    victim = HardVictim()
    goal = TokenGoalFunction(
        find_goal("untargeted"), Session(Gateway(victim)), query_budget=99, max_mispredicted=1
    )
    text = TaggedText.from_sentence(sentence)
    goal.start(text)
    search = GreedyByImportance(victim.unk_token, None, victim.pieces)
    search.get_goal_results = goal.get_results
    search.get_indices_to_order = lambda text: (None, set(range(len(text.tokens))))
    order, _ = search._order(text)
    shares = []
    for index in range(len(sentence.tokens)):
        tokens = [*sentence.tokens]
        tokens[index] = victim.unk_token
        tags = decode(predict(victim, [tokens])[0], victim.labels)
        entity = [i for i, tag in enumerate(sentence.tags) if tag != "O"]
        shares.append(np.mean([tags[i] != sentence.tags[i] for i in entity]))
    assert order == sorted(range(len(shares)), key=lambda i: (-shares[i], i))
    assert len(set(shares)) < len(shares)
