"""Attacks on the structure of entities: what each of them changes, and what it leaves alone."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqattack.attack.entity_edits import (
    EntityReplacements,
    longer,
    other_class,
    same_class,
    unseen,
)
from seqattack.attack.goals import GOALS, find_goal
from seqattack.attack.resources.entities import Entities
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.resources.registry import find_resource
from seqattack.attack.settings import Machine
from seqattack.attack.text import TaggedText
from seqattack.corpus.inventory import read_names
from seqattack.errors import CorpusError, RecipeError
from seqattack.metrics.alignment import modification_rate
from seqattack.models.scheduling import compute_now
from seqattack.records import AttackRecord, Prediction
from seqattack.sentence import Sentence
from seqattack.tags import Entity, entities, is_iob2, repair_iob2
from tests.helpers.attacks import attack, small_resources
from tests.helpers.corpora import english_corpus
from tests.helpers.fake_victim import FragileVictim

NAMES = {
    "LOC": [("Rome",), ("New", "York", "City"), ("Jordan",), ("Santa", "Cruz")],
    "PER": [("Ana", "Silva"), ("Li",), ("Jordan",), ("Van", "der", "Berg")],
}
DISTRACTORS = {"shares rose", "The match was won ."}
STRUCTURE = (
    *("entity-swap", "entity-typo", "longer-entity", "oov-entity", "cross-category"),
    *("boundary", "context", "concat"),
)


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    made = small_resources(tmp_path_factory.mktemp("lm"))
    return Resources({**made.loaded, "entities": Entities(NAMES)})


def attacked(recipe: str, resources: Resources) -> list[AttackRecord]:
    """Return the successes of an attack; every sentence has one entity of two words."""
    found = [
        r for r in attack(recipe, english_corpus(30), resources, FragileVictim) if r.adversarial
    ]
    assert found
    return found


def parts(text: Prediction) -> tuple[list[str], Entity, list[str], list[str]]:
    """Return what stands before the only entity, the entity, its words, and what is behind it."""
    (entity,) = entities(text.tags)
    tokens = list(text.tokens)
    return tokens[: entity.start], entity, tokens[entity.start : entity.end], tokens[entity.end :]


@pytest.mark.parametrize("recipe", ["longer-entity", "oov-entity", "cross-category"])
def test_only_the_entity_is_replaced(recipe: str, resources: Resources) -> None:
    seen = {word.lower() for names in NAMES.values() for name in names for word in name}
    for record in attacked(recipe, resources):
        before, old, words, behind = parts(record.original)
        new_before, new, new_words, new_behind = parts(record.final)
        assert (before, behind) == (new_before, new_behind)
        if recipe == "cross-category":
            assert new.label != old.label
            assert tuple(new_words) in NAMES[new.label]
            assert tuple(new_words) not in NAMES[old.label]
            continue
        assert new.label == old.label
        if recipe == "longer-entity":
            assert len(new_words) > len(words)
            assert tuple(new_words) in NAMES[new.label]
        else:
            changed = [new for new, old in zip(new_words, words, strict=True) if new != old]
            assert changed
            assert seen.isdisjoint(word.lower() for word in changed)


def test_typos_are_in_entities_and_one_a_word(resources: Resources) -> None:
    for record in attacked("entity-typo", resources):
        before, _, words, behind = parts(record.original)
        new_before, _, new_words, new_behind = parts(record.final)
        assert (before, behind) == (new_before, new_behind)
        for new, old in zip(new_words, words, strict=True):
            assert abs(len(new) - len(old)) <= 1


def test_one_word_is_inserted_at_an_edge(resources: Resources) -> None:
    sides = set()
    for record in attacked("boundary", resources):
        before, _, words, behind = parts(record.original)
        new_before, _, new_words, new_behind = parts(record.final)
        assert new_words == words
        assert len(record.final.tokens) == len(record.original.tokens) + 1
        is_before = new_before != before
        assert (new_before[:-1], new_behind) == (before, behind) if is_before else True
        assert (new_before, new_behind[1:]) == (before, behind) if not is_before else True
        sides.add(is_before)
    assert sides == {True, False}


def test_the_context_changes_and_the_entity_stays(resources: Resources) -> None:
    for record in attacked("context", resources):
        assert record.final.tags == record.original.tags
        assert parts(record.final)[1:3] == parts(record.original)[1:3]
        assert modification_rate(record.original.tokens, record.final.tokens) > 0


def test_an_unrelated_sentence_is_appended_once(resources: Resources) -> None:
    for record in attacked("concat", resources):
        length = len(record.original.tokens)
        assert record.final.tokens[:length] == record.original.tokens
        assert " ".join(record.final.tokens[length:]) in DISTRACTORS
        assert set(record.final.tags[length:]) == {"O"}


@pytest.mark.parametrize("goal", sorted(GOALS))
@pytest.mark.parametrize("recipe", STRUCTURE)
def test_every_goal_goes_with_every_recipe(recipe: str, goal: str, resources: Resources) -> None:
    records = attack(recipe, english_corpus(8), resources, FragileVictim, goal=goal)
    chosen = find_goal(goal)
    for record in records:
        text = record.final
        assert is_iob2(text.tags)
        assert record.goal == chosen.name
        wrong = chosen.wrong(text.tags, text.predicted)
        assert set(record.newly_broken) <= set(wrong)
        assert record.labels_score == pytest.approx(
            chosen.labels_score(text, text.predicted), abs=1e-6
        )


CHOICES = [same_class, longer, other_class, unseen]


@given(st.data())
@pytest.mark.parametrize("choice", CHOICES)
def test_tags_stay_valid_and_aligned_in_any_text(choice: Any, data: st.DataObject) -> None:
    """Entities side by side, too, and with a swap on top of another."""
    labels = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    drawn = data.draw(st.lists(st.sampled_from(labels), min_size=1, max_size=8))
    text = TaggedText([f"Word{i}" for i in range(len(drawn))], repair_iob2(drawn))
    rng = random.Random(data.draw(st.integers(0, 99)))
    edits = EntityReplacements(choice(NAMES, rng, 5))
    for candidate in edits.candidates(text, range(len(text.tokens))):
        assert len(candidate.tokens) == len(candidate.tags) == len(candidate.origins)
        assert is_iob2(candidate.tags)
        assert len(entities(candidate.tags)) == len(entities(text.tags))
        outside = [t for t, tag in zip(text.tokens, text.tags, strict=True) if tag == "O"]
        kept = [t for t, tag in zip(candidate.tokens, candidate.tags, strict=True) if tag == "O"]
        assert kept == outside
        new = [i for i, origin in enumerate(candidate.origins) if origin is None]
        assert set(new) <= candidate.modified
        assert all(candidate.tags[i] != "O" for i in new)


def test_names_come_from_lists_of_the_user(tmp_path: Path, resources: Resources) -> None:
    path = tmp_path / "names.yaml"
    path.write_text("PER: [Zoe Quinn, Bo]\nLOC: [Ulm]\nDATE: [Monday]\n", encoding="utf-8")
    loaded = find_resource("entities").load({"path": str(path)}, Machine())
    listed = find_resource("entities").load(
        {"names": {"DATE": ["Monday"], "LOC": ["Ulm"], "PER": ["Bo", "Zoe Quinn"]}}, Machine()
    )
    assert loaded == listed
    assert loaded.checksum == listed.checksum
    swapped = attacked("entity-swap", Resources({**resources.loaded, "entities": loaded}))
    assert {" ".join(parts(r.final)[2]) for r in swapped} <= {"Zoe Quinn", "Bo", "Ulm"}


def test_lists_for_other_classes_are_an_error(resources: Resources) -> None:
    people = Resources({**resources.loaded, "entities": Entities({"PERSON": [("Bo",)]})})
    with pytest.raises(RecipeError, match="has entities of PERSON, and the victim knows LOC, PER"):
        attacked("entity-swap", people)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- Ana", "write a list of names for each class"),
        ("", "write a list of names for each class"),
        ("PER: Ana", "PER: write a list of names"),
        ("PER: []", "PER: write a list of names"),
        ("PER: [12]", "PER: 12 is no name"),
        ('PER: [" "]', "' ' is no name"),
        ("O: [Ana]", "'O' is no class"),
        ("1: [Ana]", "1 is no class"),
        ("PER: [Ana", "not valid YAML"),
    ],
)
def test_lists_that_are_none_are_refused(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "names.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=says) as error:
        read_names(path)
    assert "names.yaml" in str(error.value)


def test_distractors_are_the_sentences_without_entities() -> None:
    none = Sentence("1", ("It", "rained"), ("O", "O"))
    some = Sentence("2", ("In", "Rome"), ("O", "B-LOC"))
    resource = find_resource("distractors")
    found = resource.load({"sentences": [none, some, none]}, Machine())
    assert resource.session(found, compute_now) == (("It", "rained"),)
    with pytest.raises(RecipeError, match="every sentence has an entity"):
        resource.load({"sentences": [some]}, Machine())
