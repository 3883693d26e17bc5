"""Obfuscation recipes: the same bytes however they run, aligned tags, and their budgets."""

from __future__ import annotations

import math
from collections.abc import Sequence

import editdistance
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqattack.attack.obfuscation import FewWordsTouched, joined
from seqattack.attack.recipes.obfuscation import MOST_TOUCHED, OBFUSCATIONS
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.text import TaggedText
from seqattack.metrics.alignment import modification_rate
from seqattack.models.batching import PROBES
from seqattack.perturbations.normalisation import normalise
from seqattack.perturbations.perturbers import PERTURBERS
from seqattack.records import AttackRecord, Outcome
from seqattack.tags import OUTSIDE, entities, is_iob2, repair_iob2
from seqattack.victim.normalised import NormalisedVictim
from seqattack.victim.prediction import decode, predict
from seqattack.victim.probabilities import Probabilities
from tests.helpers.attacks import attack, lines
from tests.helpers.corpora import english_corpus
from tests.helpers.fake_victim import FakeVictim, FragileVictim

INVISIBLE = [name for name, each in PERTURBERS.items() if not each.visible]
NONE = Resources({})


def successes(records: Sequence[AttackRecord]) -> list[AttackRecord]:
    found = [record for record in records if record.outcome is Outcome.SUCCESS]
    assert found
    return found


@pytest.mark.parametrize("recipe", [*OBFUSCATIONS, "obfuscate", "obfuscate-3"])
def test_records_do_not_depend_on_how_they_are_made(recipe: str) -> None:
    sentences = english_corpus(10)
    together = attack(recipe, sentences, NONE, FragileVictim, in_flight=8)
    backwards = attack(recipe, sentences[::-1], NONE, FragileVictim, in_flight=3, batch_tokens=64)
    assert lines(together) == lines(backwards)
    for record in successes(together):
        old, new = record.original, record.final
        assert record.queries <= 60
        assert is_iob2(new.tags)
        assert len(new.tokens) == len(new.tags)
        assert record.newly_broken
        assert old.tokens != new.tokens
        before, after = entities(old.tags), entities(new.tags)
        assert [e.label for e in before] == [e.label for e in after]
        if recipe.startswith("obfuscate"):
            most = 3 if recipe == "obfuscate-3" else 10
            assert editdistance.eval(" ".join(old.tokens), " ".join(new.tokens)) <= most
        elif recipe in INVISIBLE:
            assert normalise(new.tokens) == old.tokens
        elif recipe == "spacing":
            assert "".join(new.tokens) == "".join(old.tokens)
        else:
            rate = modification_rate(old.tokens, new.tokens)
            assert rate <= math.ceil(MOST_TOUCHED * len(old.tokens)) / len(old.tokens)


def test_entities_are_attacked_too_and_spacing_splits_and_joins() -> None:
    found = successes(attack("spacing", english_corpus(40), NONE, FragileVictim))
    sizes = {len(r.final.tokens) > len(r.original.tokens) for r in found}
    assert sizes == {True, False}, "some are split, and some are joined"
    assert any(
        r.final.tokens[e.start : e.end] not in _names(r)
        for r in found
        for e in entities(r.final.tags)
    )


def _names(record: AttackRecord) -> list[tuple[str, ...]]:
    tokens = record.original.tokens
    return [tokens[e.start : e.end] for e in entities(record.original.tags)]


tag = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])


@given(st.lists(tag, min_size=1, max_size=7), st.integers(0, 6), st.integers(0, 6))
def test_joined_tokens_lose_no_entity(tags: list[str], index: int, before: int) -> None:
    text = TaggedText([f"w{i}" for i in range(len(tags))], repair_iob2(tags))
    text = text.replace_token(before % len(tags), "new")
    for made in joined(text, index % len(tags)):
        assert is_iob2(made.tags)
        assert "".join(made.tokens) == "".join(text.tokens)
        assert len(made.tokens) == len(text.tokens) - 1
        assert [e.label for e in entities(made.tags)] == [e.label for e in entities(text.tags)]
        (new,) = made.modified - {made.tokens.index("new")}
        assert made.tokens[new] not in text.tokens
        assert len(set(made.origins)) == len(made.origins)


@given(st.integers(1, 9), st.data())
def test_touched_words_are_counted(length: int, data: st.DataObject) -> None:
    """Against a plain count: words swapped, split or joined, of all words."""
    original = text = TaggedText([f"w{i}" for i in range(length)], ["O"] * length)
    touched: set[int] = set()
    for _ in range(data.draw(st.integers(0, 4))):
        free = [i for i in range(len(text.tokens)) if i not in text.modified]
        if not free:
            break
        index = data.draw(st.sampled_from(free))
        pair = {text.origins[index]}
        if data.draw(st.booleans()):
            text = text.replace_word_at_index(index, "a b")
        elif index + 1 in free:
            pair |= {text.origins[index + 1]}
            text = text.join_tokens(index)
        else:
            continue
        touched |= {each for each in pair if each is not None}
    allowed = FewWordsTouched(MOST_TOUCHED)._check_constraint(text, original)
    assert allowed == (len(touched) <= math.ceil(MOST_TOUCHED * length))


class CountingVictim(FakeVictim):
    """Keeps the texts that it was asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, ...]] = []

    def probabilities(
        self, texts: Sequence[Sequence[str]], padded_length: int
    ) -> list[Probabilities]:
        self.asked += [tuple(tokens) for tokens in texts]
        return super().probabilities(texts, padded_length)


def test_a_normalised_victim_tags_the_tokens_it_was_asked_about() -> None:
    victim = CountingVictim()
    normalised = NormalisedVictim(victim)
    plain = [("Leeds", "beat", "Rome"), ("Leeds",), ("won",)]
    texts = [
        ("\u200bLeeds", "\u2060", "b\u0435at", "\u200b", "\uff32\uff4f\uff4d\uff45"),
        ("\u200b", "L\u202esdee\u202c"),
        ("won",),
        ("\u200b", "\ufeff"),
    ]
    found = predict(normalised, texts)
    assert set(victim.asked) - set(PROBES) == set(plain), "nothing is asked of an empty text"
    for tokens, shown, rows in zip(texts, [*plain, ()], found, strict=True):
        expected = iter(predict(FakeVictim(), [shown])[0]) if shown else iter(())
        for token, row in zip(tokens, rows, strict=True):
            if normalise([token])[0]:
                assert (row == next(expected)).all()
            else:
                assert decode(row[None], victim.labels) == (OUTSIDE,)
    assert normalised.length(texts[0]) == victim.length(plain[0])
    assert normalised.pieces("Black\u200bburn") == victim.pieces("Blackburn")
    assert normalised.checksum != victim.checksum


class NormalisedFragile(NormalisedVictim):
    """A victim that takes any change amiss, behind `normalise`."""

    def __init__(self) -> None:
        super().__init__(FragileVictim())


@pytest.mark.parametrize("recipe", INVISIBLE)
def test_normalise_undoes_what_a_reader_does_not_see(recipe: str) -> None:
    sentences = english_corpus(8)
    assert successes(attack(recipe, sentences, NONE, FragileVictim))
    behind = attack(recipe, sentences, NONE, NormalisedFragile)  # type: ignore[arg-type]
    assert Outcome.FAILED in {record.outcome for record in behind}
    assert Outcome.SUCCESS not in {record.outcome for record in behind}
