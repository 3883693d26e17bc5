"""What an attack's settings forbid is not done, and what they allow is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from seqattack.attack.engine import Engine
from seqattack.attack.resources.distractors import Distractors
from seqattack.attack.resources.entities import Entities
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.settings import AttackSettings
from seqattack.records import AttackRecord
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE
from tests.helpers.corpora import english_corpus
from tests.helpers.fake_victim import FakeVictim, FragileVictim

LONG = "internationalisation"
LONG_WORDS = [
    Sentence(f"long-{n}", (LONG, *text.tokens), ("O", *text.tags))
    for n, text in enumerate(english_corpus(12))
]


class ShortVictim(FragileVictim):
    """Takes 14 tokens, and two for the ends of a text."""

    max_length = 16


def found(
    recipe: str,
    sentences: Sequence[Sentence],
    resources: dict[str, Any],
    victim: type[FakeVictim] = FragileVictim,
    **settings: Any,
) -> list[AttackRecord]:
    """Return the successes of an attack."""
    chosen = AttackSettings(recipe, **{"query_budget": 60, **settings})
    records = Engine(victim(), chosen, Resources(resources)).attack(sentences)
    return [record for record in records if record.adversarial]


def distractor(text: str) -> dict[str, Any]:
    return {"distractors": Distractors((tuple(text.split()),))}


ABROAD = {"entities": Entities({"PER": [("Müller",)], "LOC": [("Zürich",)]})}


@pytest.mark.parametrize(
    ("recipe", "resources", "forbidden"),
    [
        ("homoglyph", {}, "ascii_only"),
        ("entity-swap", ABROAD, "ascii_only"),
        ("concat", distractor("The café closed ."), "ascii_only"),
        ("concat", distractor("It was not so ."), "refuse_negations"),
    ],
)
def test_what_is_forbidden_is_not_done(
    recipe: str, resources: dict[str, Any], forbidden: str
) -> None:
    sentences = english_corpus(12)
    for option in ("ascii_only", "refuse_negations"):
        settings: dict[str, Any] = {option: True}
        assert bool(found(recipe, sentences, resources, **settings)) == (option != forbidden)


def test_no_text_is_longer_than_the_victim_takes() -> None:
    sentences = english_corpus(12)
    resources = distractor("The shares rose sharply on Monday .")
    texts = [record.final.tokens for record in found("concat", sentences, resources, ShortVictim)]
    assert texts
    assert all(map(ShortVictim().fits, texts))
    free = [record.final.tokens for record in found("concat", sentences, resources)]
    assert not all(map(ShortVictim().fits, free))


@pytest.mark.parametrize("recipe", ["deepwordbug-ii-30", "deepwordbug-i-5"])
def test_words_of_more_pieces_than_the_limit_stay(recipe: str) -> None:
    assert FakeVictim().pieces(LONG) == 4
    limited = found(recipe, LONG_WORDS, {}, max_pieces=3)
    assert limited
    assert all(LONG in record.final.tokens for record in limited)
    assert any(LONG not in r.final.tokens for r in found(recipe, LONG_WORDS, {}, max_pieces=None))
    assert any(LONG not in r.final.tokens for r in found(recipe, LONG_WORDS, {}, max_pieces=4))


def new_entities(record: AttackRecord) -> list[str]:
    """Return the changed words outside entities that the victim takes for entities."""
    new = record.final
    rows = zip(record.original.tokens, new.tokens, new.tags, new.predicted, strict=True)
    return [
        word for old, word, tag, said in rows if old != word and tag == OUTSIDE and said != OUTSIDE
    ]


def test_the_published_check_for_new_entities_misses_some() -> None:
    sentences = english_corpus(40)
    strict = found("deepwordbug-ii-30", sentences, {})
    assert strict
    assert not any(map(new_entities, strict))
    loose = found("deepwordbug-ii-30", sentences, {}, new_entity_check="published")
    assert any(map(new_entities, loose))
