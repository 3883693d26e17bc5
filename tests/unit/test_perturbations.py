"""Perturbers and `normalise`: what one writes otherwise, the other undoes, and clean text stays."""

from __future__ import annotations

import random
import unicodedata

import editdistance
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqattack.perturbations.confusables import lookalikes, plain
from seqattack.perturbations.invisible import BIDI, ZERO_WIDTH, as_shown
from seqattack.perturbations.normalisation import normalise
from seqattack.perturbations.perturbers import COUNT, PERTURBERS, VISIBLE_EDITS, Perturber
from seqattack.perturbations.tables import LAYOUTS, confused, neighbours
from tools.make_lookalikes import lookalikes as made_lookalikes

WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=15)
INVISIBLE = [each for each in PERTURBERS.values() if not each.visible]
each_perturber = pytest.mark.parametrize("perturber", PERTURBERS.values(), ids=lambda p: p.name)


@each_perturber
@given(word=WORDS, seed=st.integers(0, 99))
def test_every_way_is_another_and_the_seed_decides(
    perturber: Perturber, word: str, seed: int
) -> None:
    ways = perturber.ways(word, random.Random(seed))
    assert ways == perturber.ways(word, random.Random(seed))
    assert word not in ways
    assert len(set(ways)) == len(ways) <= COUNT
    assert all("".join(way.split()) for way in ways)
    assert perturber.name == "spacing" or all(len(way.split()) == 1 for way in ways)


@pytest.mark.parametrize("perturber", INVISIBLE, ids=lambda p: p.name)
@given(word=WORDS, seed=st.integers(0, 99))
def test_what_a_reader_does_not_see_is_undone(perturber: Perturber, word: str, seed: int) -> None:
    for way in perturber.ways(word, random.Random(seed)):
        assert normalise([way, "and", "others", "too"])[0] == word


def test_invisible_perturbers_are_those_that_must_be_undone() -> None:
    assert {each.name for each in INVISIBLE} == {"homoglyph", "zero-width", "bidi", "full-width"}
    assert all(each.ways("Blackburn", random.Random(0)) for each in PERTURBERS.values())


@pytest.mark.parametrize("name", ["ocr", "keyboard", "keyboard-azerty", "leet", "combining"])
@given(word=WORDS, seed=st.integers(0, 99))
def test_what_a_reader_sees_stays_within_its_budget(name: str, word: str, seed: int) -> None:
    for way in PERTURBERS[name].ways(word, random.Random(seed)):
        assert 1 <= editdistance.eval(word, way) <= VISIBLE_EDITS


@given(word=WORDS, seed=st.integers(0, 99))
def test_marks_are_loose_so_that_they_can_be_told(word: str, seed: int) -> None:
    for way in PERTURBERS["combining"].ways(word, random.Random(seed)):
        assert unicodedata.normalize("NFC", way) == way
        assert normalise([way, "and", "others"])[0] == word


def test_a_capital_is_the_first_letter_alone() -> None:
    made = PERTURBERS["case"].ways("don't", random.Random(0))
    assert "Don't" in made
    assert "Don'T" not in made


@given(word=WORDS, seed=st.integers(0, 99))
def test_splits_keep_every_letter(word: str, seed: int) -> None:
    assert {w.replace(" ", "") for w in PERTURBERS["spacing"].ways(word, random.Random(seed))} <= {
        word
    }


@given(st.lists(WORDS, max_size=8))
def test_ascii_is_never_changed(tokens: list[str]) -> None:
    assert normalise(tokens) == tuple(tokens)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=8))
def test_any_text_is_normalised_token_by_token(tokens: list[str]) -> None:
    made = normalise(tokens)
    assert len(made) == len(tokens)
    if not any(character.isspace() for token in tokens for character in token):
        assert not any(character.isspace() for token in made for character in token)


@pytest.mark.parametrize(
    "text",
    [
        "Die Straße nach Žižkov , Kılıç und Łódź : ½ € ™ … n°",
        "В СССР он жил у реки Оке , а не в Москве",
        "Ο ΟΤΕ και η Ελλάδα",
        "日本 の ＮＨＫ は カメラ を",
        "می‌خواهم کتاب",
        "👩‍💻 wrote ❤️ to André",
        "क्‍ष हिन्दी",
    ],
)
def test_clean_text_of_other_scripts_stays(text: str) -> None:
    tokens = text.split()
    assert normalise(tokens) == tuple(tokens)


@pytest.mark.parametrize(
    ("disguised", "meant"),
    [
        ("\u0421\u0421\u0421\u0420 in the news today", "CCCP in the news today"),
        (
            "Mr \u041c\u043e\u0441\u043a\u0432\u0430 said so",
            "Mr \u041c\u043e\u0441\u043a\u0432\u0430 said so",
        ),
        ("\u0406BM and \u04cfBM", "IBM and lBM"),
        ("cafe\u0301 \U0001d40bondon", "café London"),
        ("a\u202edcb", "abcd"),
        ("\u2067Rome\u2069 \u200fwon", "Rome won"),
    ],
)
def test_disguises_are_seen_through(disguised: str, meant: str) -> None:
    assert " ".join(normalise(disguised.split())) == meant


def test_the_table_is_unicode_s() -> None:
    """Lines of confusables.txt 17.0.0, with what each must become."""
    source = """
0430 ;\t0061 ;\tMA\t# ( а → a ) CYRILLIC SMALL LETTER A → LATIN SMALL LETTER A
0406 ;\t006C ;\tMA\t# ( І → l ) CYRILLIC CAPITAL LETTER BYELORUSSIAN-UKRAINIAN I → l
0049 ;\t006C ;\tMA\t# ( I → l ) LATIN CAPITAL LETTER I → LATIN SMALL LETTER L
0031 ;\t006C ;\tMA\t# ( 1 → l ) DIGIT ONE → LATIN SMALL LETTER L
0131 ;\t0069 ;\tMA\t# ( ı → i ) LATIN SMALL LETTER DOTLESS I → LATIN SMALL LETTER I
05D5 ;\t006C ;\tMA\t# ( ‎ו‎ → l ) HEBREW LETTER VAV → LATIN SMALL LETTER L
1D426 ;\t0072 006E ;\tMA\t# ( 𝐦 → rn ) MATHEMATICAL BOLD SMALL M → LATIN SMALL LETTER R, N
006D ;\t0072 006E ;\tMA\t# ( m → rn ) LATIN SMALL LETTER M → LATIN SMALL LETTER R, N
"""
    assert made_lookalikes(source) == {"a": "\u0430", "I": "\u0406", "m": "\U0001d426"}
    assert "\u0430" in lookalikes()["a"]
    assert "\u0406" in lookalikes()["I"]
    assert len(plain()) == sum(map(len, lookalikes().values())) > 1000, "none stands for two"
    assert not any(c.isascii() or c in "ıßłøđ" for c in plain())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_neighbours_are_mutual_keys_of_the_layout(layout: str) -> None:
    found = neighbours(layout)
    assert set(found) == set("".join(LAYOUTS[layout]))
    assert set("abcdefghijklmnopqrstuvwxyz0123456789") <= set(found)
    for key, others in found.items():
        assert key not in others
        assert all(key in found[other] for other in others)


def test_neighbours_differ_by_layout() -> None:
    assert set(neighbours("qwerty")["s"]) == set("adwezx")
    assert set(neighbours("qwertz")["s"]) == set("adweyx")
    assert set(neighbours("azerty")["a"]) == set("z12q")


def test_ocr_confuses_both_ways() -> None:
    table = confused()
    assert all(c in table[other] for c, others in table.items() for other in others)


def test_overrides_show_the_word() -> None:
    ways = PERTURBERS["bidi"].ways("Blackburn", random.Random(3))
    assert {as_shown(way) for way in ways} == {"Blackburn"}
    stripped = {"".join(c for c in w if unicodedata.category(c) != "Cf") for w in ways}
    assert "Blackburn" not in stripped, "without the controls the letters are out of order"
    assert not set(ZERO_WIDTH) & set(BIDI)
