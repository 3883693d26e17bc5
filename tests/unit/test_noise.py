"""Noise: suites, rates, places, and tags that stay with their words."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence
from pathlib import Path

import editdistance
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqattack.errors import ConfigError
from seqattack.perturbations.noise import Noise, NoisySentence, Where, noisy_sentences
from seqattack.perturbations.perturbers import PERTURBERS
from seqattack.perturbations.suites import JOIN, SUITES, Suite, find_suite
from seqattack.sentence import Sentence
from seqattack.tags import repair_iob2

WORDS = st.text(st.characters(exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"]), min_size=1)
TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])
SENTENCES = st.lists(st.tuples(WORDS, TAGS), min_size=1, max_size=9).map(
    lambda pairs: Sentence(
        "s", tuple(w for w, _ in pairs), tuple(repair_iob2([t for _, t in pairs]))
    )
)
each_suite = pytest.mark.parametrize("name", SUITES)


def noisy(
    sentence: Sentence, name: str, rate: float, where: Where = Where.EVERYWHERE, seed: int = 0
) -> NoisySentence:
    (found,) = noisy_sentences(Noise(find_suite(name), rate, where), [sentence], seed)
    return found


@each_suite
@given(sentence=SENTENCES, rate=st.sampled_from([0.3, 1.0]), where=st.sampled_from(Where))
def test_entities_keep_their_number_order_and_classes(
    name: str, sentence: Sentence, rate: float, where: Where
) -> None:
    found = noisy(sentence, name, rate, where)  # a Sentence is refused where tags are not IOB2
    kept = [entity.label for entity in found.sentence.entities]
    assert kept == [entity.label for entity in sentence.entities]
    assert 0 <= found.changed <= found.words <= len(sentence.tokens)
    assert (found.changed == 0) == (found.sentence == sentence)


@each_suite
@given(sentence=SENTENCES)
def test_rate_zero_changes_nothing(name: str, sentence: Sentence) -> None:
    found = noisy(sentence, name, 0.0)
    assert (found.sentence, found.changed) == (sentence, 0)


@each_suite
@given(sentence=SENTENCES)
def test_noise_stays_where_it_is_asked_for(name: str, sentence: Sentence) -> None:
    for where, is_spared in ((Where.ENTITIES, "O"), (Where.CONTEXT, "BI")):
        found = noisy(sentence, name, 1.0, where)

        def spared(text: Sentence, kinds: str = is_spared) -> list[tuple[str, str]]:
            pairs = zip(text.tokens, text.tags, strict=True)
            return [(token, tag) for token, tag in pairs if tag[0] in kinds]

        assert spared(found.sentence) == spared(sentence)
        assert found.words == sum(tag[0] not in is_spared for tag in sentence.tags)


@pytest.mark.parametrize("where", [Where.CONTEXT, Where.ENTITIES])
def test_no_word_is_joined_with_one_that_gets_no_noise(where: Where) -> None:
    words = Sentence("s", ("a", "b", "c"), ("O", "B-LOC", "O"))
    suite = Suite("joins", "", (lambda token, rng: token + JOIN,))
    assert Noise(suite, 1.0, where).perturb(words, Always()).sentence == words
    everywhere = Noise(suite, 1.0).perturb(words, Always()).sentence
    assert everywhere.tokens == ("abc",)


@each_suite
def test_every_suite_changes_text_as_often_as_its_rate_says(name: str) -> None:
    words, rate = ("Café", "Blackburn", "over", "0156", "not"), 0.1
    corpus = [Sentence(f"s-{n}", (*words, "Rome"), ("O",) * 5 + ("B-LOC",)) for n in range(600)]
    reach = [len(drawn(name, word)) > 1 or drawn(name, word) != {word} for word in words]
    often = sum(word not in drawn(name, word) for word in words)
    assert 0 < often <= sum(reach)
    found = list(noisy_sentences(Noise(find_suite(name), rate, Where.CONTEXT), corpus, seed=1))
    changed, draws = sum(each.changed for each in found), len(corpus) * rate
    spread = 4 * math.sqrt(sum(reach) * draws * (1 - rate))
    assert often * draws - spread < changed < sum(reach) * draws + spread
    assert sum(each.words for each in found) == len(words) * len(corpus)


@each_suite
@given(sentence=SENTENCES, seed=st.integers(0, 9))
def test_a_higher_rate_changes_the_same_words_and_others(
    name: str, sentence: Sentence, seed: int
) -> None:
    few, many, all_of_them = (noisy(sentence, name, rate, seed=seed) for rate in (0.2, 0.6, 1.0))
    assert few.changed <= many.changed <= all_of_them.changed or name in ("spacing", "punctuation")
    if len(few.sentence.tokens) == len(many.sentence.tokens) == len(sentence.tokens):
        columns = (sentence.tokens, few.sentence.tokens, many.sentence.tokens)
        for old, at_few, at_many in zip(*columns, strict=True):
            assert at_few in (old, at_many) or name == "spacing"


def test_a_sentence_gets_the_same_noise_whatever_is_beside_it() -> None:
    corpus = [
        Sentence(f"s-{n}", ("Leeds", "sold", "Tony", "Yeboah"), ("B-ORG", "O", "B-PER", "I-PER"))
        for n in range(20)
    ]
    noise = Noise(find_suite("typos"), 0.5)
    alone = {s.id: next(iter(noisy_sentences(noise, [s], 3))) for s in corpus}
    assert {e.sentence.id: e for e in noisy_sentences(noise, corpus[::-1], 3)} == alone
    others = (noisy_sentences(noise, corpus, 4), noisy_sentences(noise, corpus, 3, draw=1))
    assert all({e.sentence.id: e for e in each} != alone for each in others)
    assert len({each.sentence.tokens for each in alone.values()}) > 5


def test_a_generator_of_one_s_own_gives_new_noise_each_time() -> None:
    sentence = Sentence("s", ("Blackburn",) * 8, ("O",) * 8)
    noise, rng = Noise(find_suite("typos+ocr"), 0.5), random.Random(0)
    assert len({noise.perturb(sentence, rng).sentence.tokens for _ in range(5)}) == 5


class Always(random.Random):
    """Draws every word."""

    def random(self) -> float:
        return 0.0


def written(ways: Sequence[str], sentence: Sentence) -> Sentence:
    """Return a sentence with words as they are given, by a suite that writes them in turn."""
    found = iter(ways)
    suite = Suite("given", "", (lambda token, rng: next(found),))
    return Noise(suite, 1.0).perturb(sentence, Always()).sentence


@pytest.mark.parametrize(
    ("tags", "ways", "tokens", "expected"),
    [
        ("B-PER I-PER O", ["a x", "b y", "c z"], "a x b y c z", "B-PER I-PER I-PER I-PER O O"),
        ("O B-PER O", ["a" + JOIN, "b" + JOIN, "c"], "abc", "B-PER"),
        ("B-PER B-PER O", ["a" + JOIN, "b", "c"], "a b c", "B-PER B-PER O"),
        ("B-PER O B-LOC", ["a" + JOIN, "b" + JOIN, "c"], "ab c", "B-PER B-LOC"),
        ("B-PER I-PER O", ["a" + JOIN, "b", ""], "ab", "B-PER"),
        ("B-PER O B-PER", ["", "", "c"], "a c", "B-PER B-PER"),
        ("O O O", ["", "", ""], "c", "O"),
        ("O O B-PER", ["a" + JOIN, "", "c"], "ab c", "O B-PER"),
        ("O O B-PER", ["a", "b", "c" + JOIN], "a b c", "O O B-PER"),
    ],
)
def test_tags_follow_splits_joins_and_what_is_left_out(
    tags: str, ways: list[str], tokens: str, expected: str
) -> None:
    found = written(ways, Sentence("s", ("a", "b", "c"), tuple(tags.split())))
    assert (" ".join(found.tokens), " ".join(found.tags)) == (tokens, expected)


def drawn(name: str, word: str) -> set[str]:
    return {find_suite(name).draw(word, random.Random(seed)) for seed in range(300)}


def test_typos_are_of_one_key_or_two_swapped_letters() -> None:
    made = drawn("typos", "Lund")
    assert {"uLnd", "Lnd", "Luund", "Lumd"} <= made
    assert all(editdistance.eval("Lund", each) <= 2 for each in made)
    assert drawn("typos", "--") == {"--"}


@pytest.mark.parametrize(
    ("name", "word", "made"),
    [
        ("lower", "U.N.", {"u.n."}),
        ("title", "EU", {"Eu"}),
        ("title", "don't", {"Don't"}),
        ("title", "semi-final", {"Semi-final"}),
        ("title", "3RD", {"3rd"}),
        ("upper", "Straße", {"Straße"}),
        ("case", "eu", {"EU", "Eu", "eU"}),
        ("punctuation", ".", {""}),
        ("punctuation", "U.S.", {"US", *(f"U.S.{mark}" for mark in ",.;:!?")}),
        ("ocr", "xyz", {"xy2"}),
        ("contractions", "n't", {"not"}),
        ("contractions", "won\u2019t", {"will not"}),
        ("contractions", "They're", {"They are"}),
        ("contractions", "Can't", {"Can not"}),
        ("contractions", "Won\u2019t", {"Will not"}),
        ("contractions", "SHAN'T", {"SHALL not"}),
        ("contractions", "Don't", {"Do not"}),
        ("contractions", "not", {"n't"}),
        ("contractions", "'s", {"'s"}),
        ("spacing", "EU", {"E U", "EU" + JOIN}),
    ],
)
def test_what_suites_make_of_a_word(name: str, word: str, made: set[str]) -> None:
    assert drawn(name, word) == made


def test_accents_are_of_letters_that_have_them() -> None:
    made = drawn("diacritics", "Rome")
    assert {len(each) for each in made} == {4}
    assert not any(each.isascii() for each in made)
    assert "Łodz" in drawn("diacritics", "Łódź")


def test_the_guide_lists_all_suites() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/howto/noise.md").read_text()
    table = page.split("## The suites")[1].split("##")[0]
    named = [
        name
        for line in table.splitlines()
        for name in re.findall(r"`([a-z-]+)`", line.split("|")[1] if "|" in line else "")
    ]
    assert named == list(SUITES)


def test_a_suite_of_every_perturber_and_of_several() -> None:
    assert set(PERTURBERS) <= set(SUITES)
    made = drawn("upper+zero-width", "ab")
    assert "AB" in made
    assert any(len(each) > 2 for each in made)


@pytest.mark.parametrize(
    ("name", "said"),
    [("tyops", "did you mean 'typos'"), ("case+ocr+case", "twice"), ("", "there is no suite ''")],
)
def test_a_wrong_suite_is_named(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        find_suite(name)


def test_a_seed_gives_this_noise_on_every_machine() -> None:
    words = ("Leeds", "sold", "striker", "Tony", "Yeboah", "to", "Hamburg", ".")
    sentence = Sentence("s-1", words, ("B-ORG", "O", "O", "B-PER", "I-PER", "O", "B-ORG", "O"))
    found = {name: noisy(sentence, name, 0.5).sentence.text for name in ("typos", "ocr", "spacing")}
    assert found == {
        "typos": "Leedds sold sriker Toby Yeboah to Hamburg .",
        "ocr": "Leed8 8o1d stkirer T0ny Yeboah t0 Hamburg .",
        "spacing": "Leeds soldstrikerTony Yeboah toHamburg .",
    }
