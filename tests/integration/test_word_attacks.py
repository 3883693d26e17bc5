"""Word-level attacks: the same bytes however they run, and what they may never do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

import pytest

from seqattack.attack.constraints import is_number, parts_of_speech
from seqattack.attack.engine import Engine
from seqattack.attack.one_sentence import attack_sentence
from seqattack.attack.recipes.registry import KNOWN_RECIPES, find_recipe
from seqattack.attack.recipes.textattack import TEXTATTACK_RECIPES
from seqattack.attack.resources.entities import Entities
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.settings import AttackSettings
from seqattack.attack.text import TaggedText
from seqattack.attack.words import SwapsAndInsertions, match_case
from seqattack.corpus.inventory import entity_inventory
from seqattack.errors import BackendError, RecipeError
from seqattack.masked_lm.session import Slot
from seqattack.metrics.alignment import modification_rate
from seqattack.models.scheduling import compute_now
from seqattack.records import AttackRecord, Outcome
from seqattack.sentence import Sentence
from seqattack.sentence_encoder.sentence_transformers import SentenceTransformersEncoder
from seqattack.sentence_encoder.session import SimilaritySession
from seqattack.tags import entity_tokens, is_iob2, tag_class
from seqattack.victim.gateway import Gateway, Session
from tests.helpers.attacks import attack, lines, small_resources
from tests.helpers.corpora import english_corpus
from tests.helpers.fake_victim import FakeVictim, FragileVictim

LEAST_SIMILARITY = {
    "bert-attack": 0.4,
    "clare": 0.7,
    "clare-spread": 0.7,
    "textfooler": 0.878,
    "bae": 0.936,
}
WORD_LEVEL = [*LEAST_SIMILARITY, "morpheus"]
PUBLISHED = ["bert-attack-published", "clare-published", "deepwordbug-ii-5-published"]
OF_ENTITIES = ["entity-swap", "longer-entity", "oov-entity", "cross-category"]
STRUCTURE = [*OF_ENTITIES, "entity-typo", "boundary", "context", "concat"]
OURS = [*WORD_LEVEL, *STRUCTURE, *PUBLISHED]
TEXTATTACK = ["deepwordbug", "input-reduction", "pruthi"]


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    return small_resources(tmp_path_factory.mktemp("lm"))


def one_by_one(
    recipe: str, sentences: Sequence[Sentence], resources: Resources
) -> Iterator[AttackRecord]:
    chosen = AttackSettings(recipe, query_budget=60)
    for sentence in sentences:
        yield attack_sentence(
            sentence,
            Session(Gateway(FragileVictim())),
            find_recipe(recipe),
            chosen,
            resources.sessions(compute_now),
        )


@pytest.mark.parametrize("recipe", [*OURS, *TEXTATTACK])
def test_records_do_not_depend_on_how_they_are_made(recipe: str, resources: Resources) -> None:
    # The constraints of these two leave little.
    sentences = english_corpus(40 if recipe in ("textfooler", "bae") else 12)
    together = attack(recipe, sentences, resources, FragileVictim, in_flight=8)
    backwards = attack(
        recipe, sentences[::-1], resources, FragileVictim, in_flight=3, batch_tokens=64
    )
    alone = list(one_by_one(recipe, sentences, resources))
    assert lines(together) == lines(backwards) == lines(alone)
    assert all(record.queries <= 60 for record in together)
    successes = [record for record in together if record.outcome is Outcome.SUCCESS]
    assert successes
    for record in successes:
        assert is_iob2(record.final.tags)
        assert len(record.final.tokens) == len(record.final.tags)
        assert record.final.tokens != record.original.tokens
        assert record.newly_broken


class Refusing:
    """Refuses every candidate, and notes that it was asked."""

    was_asked = False

    def __call__(self, tokens: Sequence[str], original: Sequence[str]) -> bool:
        self.was_asked = True
        return False


@pytest.mark.parametrize(
    ("option", "check"), [("ascii_only", "ascii_only"), ("refuse_negations", "no_negation")]
)
@pytest.mark.parametrize("recipe", [*OURS, *TEXTATTACK])
def test_every_recipe_keeps_to_the_settings(
    recipe: str, option: str, check: str, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse = Refusing()
    monkeypatch.setattr(f"seqattack.attack.constraints.{check}", refuse)
    settings: dict[str, Any] = {"query_budget": 60, option: True}
    engine = Engine(FragileVictim(), AttackSettings(recipe, **settings), resources)
    records = list(engine.attack(english_corpus(12)))
    assert refuse.was_asked
    assert not any(record.adversarial for record in records)


def entity_words(record: AttackRecord, adversarial: bool) -> list[str]:
    text = record.final if adversarial else record.original
    return [text.tokens[i] for i in entity_tokens(text.tags)]


@pytest.mark.parametrize("recipe", WORD_LEVEL)
def test_word_level_attacks_keep_to_their_constraints(recipe: str, resources: Resources) -> None:
    records = attack(recipe, english_corpus(40), resources, FragileVictim)
    found = [record for record in records if record.adversarial]
    assert found
    similarity = SimilaritySession(SentenceTransformersEncoder())
    for record in found:
        old, new = record.original, record.final
        assert entity_words(record, True) == entity_words(record, False)
        pair = (" ".join(old.tokens), " ".join(new.tokens))
        if recipe in LEAST_SIMILARITY:
            assert similarity.similarities([pair])[0] >= LEAST_SIMILARITY[recipe]
        before = set(zip(old.tokens, map(tag_class, old.tags), strict=True))
        for token, tag, predicted in zip(new.tokens, new.tags, new.predicted, strict=True):
            if (token, tag_class(tag)) not in before:
                assert tag == "O"
                assert predicted == "O", "a new word that the victim takes for an entity"
        if recipe.startswith("clare"):
            continue
        changed = [i for i, token in enumerate(old.tokens) if new.tokens[i] != token]
        assert len(old.tokens) == len(new.tokens)
        for i in changed:
            assert is_number(new.tokens[i]) or not is_number(old.tokens[i])
            if recipe in ("textfooler", "bae"):
                assert parts_of_speech(new.tokens[i]) & parts_of_speech(old.tokens[i])
        if recipe == "bert-attack":
            rate = modification_rate(old.tokens, new.tokens)
            assert rate <= math.ceil(0.4 * len(old.tokens)) / len(old.tokens)


@pytest.mark.parametrize("recipe", ["clare", "clare-spread", "clare-published"])
def test_clare_inserts_too(recipe: str, resources: Resources) -> None:
    records = attack(recipe, english_corpus(20), resources)
    longer = [r for r in records if len(r.final.tokens) > len(r.original.tokens)]
    assert longer
    split = [r for r in longer if sum(tag.startswith("B-") for tag in r.final.tags) > 1]
    assert split, "something was inserted into an entity"
    for record in split:
        assert is_iob2(record.final.tags)
        original = [record.original.tags[i] for i in entity_tokens(record.original.tags)]
        parts = [record.final.tags[i] for i in entity_tokens(record.final.tags)]
        assert parts == [original[0]] * 2


def test_clare_tries_the_most_probable_words_first(resources: Resources) -> None:
    """Against the masked LM's own probabilities, place by place."""
    lm = resources.sessions(compute_now)["masked-lm"]
    text = TaggedText(["Leeds", "won", "the", "match"], ["B-ORG", "O", "O", "O"])
    edits = SwapsAndInsertions(lm, 50, 0.0, spread=False)
    made = list(dict.fromkeys(edits._get_transformations(text, {1, 3})))
    slots = [Slot(1), Slot(3), *(Slot(i, insert=True) for i in range(4))]
    scores: dict[tuple[str, ...], float] = {}
    for slot, words in zip(slots, lm.suggestions(text.tokens, slots, 50), strict=True):
        for word in words:
            tokens = list(text.tokens)
            cased = word.text if slot.insert else match_case(word.text, tokens[slot.index])
            tokens[slot.index : slot.index + (not slot.insert)] = [cased]
            if tuple(tokens) != text.tokens:
                best = scores.get(tuple(tokens), -math.inf)
                scores[tuple(tokens)] = max(best, word.log_probability)
    assert len(made) == len(scores) > 100
    found = [scores[candidate.tokens] for candidate in made]
    assert found == sorted(found, reverse=True)
    spread = SwapsAndInsertions(lm, 50, 0.0, spread=True)._get_transformations(text, {1, 3})
    assert len({candidate.tokens.index("Leeds") for candidate in spread[:6]}) == 2
    assert set(spread) == set(made)


def test_swapped_entities_are_of_the_same_class(resources: Resources) -> None:
    records = [r for r in attack("entity-swap", english_corpus(30), resources) if r.adversarial]
    assert records
    known = {"PER": {"Ana Silva", "Li"}, "LOC": {"Rome", "New York City"}}
    for record in records:
        indices = entity_tokens(record.final.tags)
        (name,) = {tag_class(record.final.tags[i]) for i in indices}
        assert " ".join(record.final.tokens[i] for i in indices) in known[name]
        outside = [t for t, tag in zip(record.final.tokens, record.final.tags, strict=True)]
        del outside[indices[0] : indices[-1] + 1]
        original = list(record.original.tokens)
        first, *_, last = entity_tokens(record.original.tags)
        del original[first : last + 1]
        assert outside == original


def test_inventory_holds_each_entity_once() -> None:
    sentence = Sentence("s", ("Leeds", "beat", "Leeds"), ("B-ORG", "O", "B-ORG"))
    assert entity_inventory([sentence] * 2) == {"ORG": [("Leeds",)]}


@pytest.mark.parametrize(
    ("word", "like", "expected"),
    [("shares", "U", "Shares"), ("shares", "USA", "SHARES"), ("shares", "10", "shares")],
)
def test_case_follows_the_word_that_is_replaced(word: str, like: str, expected: str) -> None:
    assert match_case(word, like) == expected


@pytest.mark.parametrize(
    "recipe", ["bert-attack", "clare", "textfooler", "bae", *OF_ENTITIES, "boundary", "concat"]
)
def test_what_a_recipe_needs_is_asked_for_before_any_work(recipe: str) -> None:
    entities = dict.fromkeys(OF_ENTITIES, "--entities")
    option = (entities | {"concat": "--distractors"}).get(recipe, "--masked-lm")
    with pytest.raises(RecipeError, match=f"{recipe} needs {option}"):
        Engine(FakeVictim(), AttackSettings(recipe))


def test_textattacks_names_are_known() -> None:
    from seqattack.attack.textattack import ATTACK_RECIPE_NAMES

    assert set(ATTACK_RECIPE_NAMES) <= set(KNOWN_RECIPES)
    assert set(TEXTATTACK_RECIPES) <= set(ATTACK_RECIPE_NAMES)


@pytest.mark.parametrize("recipe", ["pwws", "hotflip"])
def test_a_recipe_that_cannot_run_here_says_so(recipe: str) -> None:
    engine = Engine(FakeVictim(), AttackSettings(recipe))
    with pytest.raises(RecipeError, match=f"recipe {recipe}: TextAttack can't run it here"):
        list(engine.attack(english_corpus(3)))


@pytest.mark.skipif(find_spec("flair") is not None, reason="flair is installed")
def test_a_recipe_that_needs_flair_says_so() -> None:
    engine = Engine(FakeVictim(), AttackSettings("checklist"))
    with pytest.raises(BackendError, match="needs flair; run `pip install flair 'transformers<5'"):
        list(engine.attack(english_corpus(3)))


def test_other_resources_make_another_run(resources: Resources) -> None:
    chosen = AttackSettings("bert-attack", query_budget=20)
    engine = Engine(FakeVictim(), chosen, resources)
    other = Resources({**resources.loaded, "entities": Entities({})})
    assert resources.checksums(engine.recipe) == other.checksums(engine.recipe)
    assert set(resources.checksums(engine.recipe)) == {"masked-lm", "similarity"}
