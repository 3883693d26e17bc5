"""Paraphrases as candidates: repeats, kept entities, their tags and capitals."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqattack.attack.paraphrases import BestFirst, KeptEntities, without_repeats
from seqattack.attack.text import TaggedText
from seqattack.tags import entities, is_iob2, repair_iob2, tag_class


def text(marked: str) -> TaggedText:
    """A text from words with their tags behind a slash, ``O`` where there is none."""
    pairs = [word.partition("/") for word in marked.split()]
    return TaggedText([word for word, _, _ in pairs], [tag or "O" for _, _, tag in pairs])


ORIGINAL = text(
    "New/B-LOC York/I-LOC Mets/B-ORG beat Bank/B-ORG of/I-ORG Rome/I-ORG in New/B-LOC York/I-LOC "
    "as O'Neill/B-PER saw the Open/B-MISC 96/I-MISC ."
)


@pytest.mark.parametrize(
    ("paraphrase", "expected"),
    [
        ("o'neill saw it .", "O'Neill/B-PER saw it ."),
        ("in new york , it rained", "in New/B-LOC York/I-LOC , it rained"),
        ("york was there", "York/B-LOC was there"),
        ("the bank is in rome", "the Bank/B-ORG is in Rome/B-ORG"),
        ("bank of rome mets", "Bank/B-ORG of/I-ORG Rome/I-ORG Mets/B-ORG"),
        ("mets and mets", "Mets/B-ORG and Mets/B-ORG"),
        ("york new", "York/B-LOC New/B-LOC"),
        ("open 96 of 96", "Open/B-MISC 96/I-MISC of 96"),
        ("it was of course 96", None),
        ("beat it", None),
        ("", None),
    ],
)
def test_kept_entities_get_tags_and_capitals_back(paraphrase: str, expected: str | None) -> None:
    found = KeptEntities(ORIGINAL).relabel(paraphrase.split())
    if expected is None:
        assert found is None
        return
    wanted = text(expected)
    assert found is not None
    assert (found.tokens, found.tags) == (wanted.tokens, wanted.tags)


@pytest.mark.parametrize("marked", ["Jordan/B-PER left Jordan/B-LOC", "May/B-PER may win"])
def test_a_name_that_may_be_another_is_refused(marked: str) -> None:
    original = text(marked)
    assert KeptEntities(original).relabel([original.tokens[0].lower(), "won"]) is None


def test_each_copy_of_an_entity_stands_for_one_of_the_original() -> None:
    names = KeptEntities(text("Leeds/B-ORG met Leeds/B-ORG fans"))
    found = names.relabel(["leeds", "and", "leeds", "and", "leeds"])
    assert found is not None
    assert found.origins == (0, None, 2, None, 2)


@given(st.lists(st.sampled_from("abc"), max_size=40))
def test_no_word_and_no_pair_repeats_what_is_before_it(words: list[str]) -> None:
    kept = without_repeats(words)
    assert all(a != b for a, b in pairwise(kept))
    assert all(kept[i : i + 2] != kept[i + 2 : i + 4] for i in range(len(kept) - 3))
    assert without_repeats(kept) == kept
    assert set(kept) == set(words)


WORDS = ("Rome", "rome", "New", "York", "of", "the", "The", "96", ".", "O'Neill", "É", "mets")
TAGS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")


@given(st.data())
def test_tokens_and_tags_stay_aligned(data: st.DataObject) -> None:
    """Through two paraphrases and edits of single tokens between them."""
    tokens = data.draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12))
    tags = repair_iob2(
        data.draw(st.lists(st.sampled_from(TAGS), min_size=len(tokens), max_size=len(tokens)))
    )
    original = current = TaggedText(tokens, tags)
    names = KeptEntities(original)
    for _ in range(2):
        written = data.draw(st.lists(st.sampled_from([w.lower() for w in WORDS]), max_size=12))
        found = names.relabel(without_repeats(written))
        if found is None:
            continue
        current = current.paraphrase(found.tokens, found.tags, found.origins)
        assert len(current.tokens) == len(current.tags) == len(current.origins)
        assert is_iob2(current.tags)
        assert entities(current.tags)
        for token, tag, origin in zip(current.tokens, current.tags, current.origins, strict=True):
            assert (origin is None) == (tag == "O")
            if origin is not None:
                assert token == original.tokens[origin]
                assert tag_class(tag) == tag_class(original.tags[origin])
        slots = [*current.tokens]
        at = data.draw(st.integers(0, len(slots) - 1))
        slots[at] = data.draw(st.sampled_from(["x", f"x {slots[at]}", "x y"]))
        current = current.generate_new_attacked_text(slots)
        assert len(current.tokens) == len(current.tags) == len(current.origins)
        assert is_iob2(current.tags)


@pytest.mark.parametrize(("most", "made", "expected"), [(3, 10, [True]), (3, 2, []), (16, 2, [])])
def test_a_search_that_its_own_cap_ends_says_so(most: int, made: int, expected: list[bool]) -> None:
    """Of a chain of `made` paraphrases at most `most` texts are paraphrased."""
    told: list[bool] = []
    search = BestFirst(most, lambda: told.append(True))
    texts = [TaggedText(["Leeds", str(number)], ["B-ORG", "O"]) for number in range(made + 1)]
    results = {
        text: SimpleNamespace(attacked_text=text, score=number / 100, goal_status=None)
        for number, text in enumerate(texts)
    }

    def following(text: TaggedText, original_text: TaggedText) -> list[TaggedText]:
        return texts[texts.index(text) + 1 :][:1]

    search.get_transformations = following
    search.get_goal_results = lambda new: ([results[text] for text in new], False)
    search.perform_search(results[texts[0]])
    assert told == expected
