"""`TaggedText`: tokens and tags stay side by side through any chain of edits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seqattack.attack.text import TaggedText
from seqattack.tags import Entity, entities, is_iob2, repair_iob2

TOKENS = st.sampled_from(["U.S.", "1996-08-22", "O'Neill", "a", "Rome", ",", "x-y", "été"])
TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])


@st.composite
def texts(draw: st.DrawFn) -> TaggedText:
    tokens = draw(st.lists(TOKENS, min_size=1, max_size=8))
    tags = repair_iob2([draw(TAGS) for _ in tokens])
    return TaggedText(tokens, tags)


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["swap", "before", "after", "delete", "split"]), st.integers(0, 50), TOKENS
    ),
    max_size=8,
)


def apply(text: TaggedText, kind: str, index: int, word: str) -> TaggedText:
    i = index % text.num_words
    made: TaggedText = text
    if kind == "swap":
        made = text.replace_word_at_index(i, word)
    elif kind == "before":
        made = text.insert_text_before_word_index(i, word)
    elif kind == "after":
        made = text.insert_text_after_word_index(i, word)
    elif kind == "split":
        made = text.replace_word_at_index(i, f"{word}1 {word}2")
    elif text.num_words > 1:
        made = text.delete_word_at_index(i)
    return made


@given(texts(), EDITS)
def test_edits_keep_tokens_and_tags_aligned(
    text: TaggedText, edits: list[tuple[str, int, str]]
) -> None:
    original = text
    for kind, index, word in edits:
        text = apply(text, kind, index, word)
        assert len(text.tokens) == len(text.tags) == len(text.origins)
        assert is_iob2(text.tags)
        assert text.text == " ".join(text.tokens)
        known = [origin for origin in text.origins if origin is not None]
        assert known == sorted(set(known))
        for i, origin in enumerate(text.origins):
            if i not in text.modified:
                assert origin is not None
                assert text.tokens[i] == original.tokens[origin]
        index_map = text.attack_attrs["original_index_map"]
        for origin, i in enumerate(index_map):
            assert i == -1 or text.origins[i] == origin


def everything(text: TaggedText) -> tuple[object, ...]:
    attrs = text.attack_attrs
    index_map, newly = attrs["original_index_map"].tolist(), attrs["newly_modified_indices"]
    return text.tokens, text.tags, text.origins, text.text, text.modified, newly, index_map


@given(texts(), EDITS, st.integers(0, 50), TOKENS)
def test_the_light_edits_are_those_of_any_edit(
    text: TaggedText, edits: list[tuple[str, int, str]], index: int, word: str
) -> None:
    """Against the edit that TextAttack's transformations ask for, which may change every token."""
    for each in edits:
        text = apply(text, *each)
    words, i = text.words, index % text.num_words
    swapped = text.generate_new_attacked_text([*words[:i], word, *words[i + 1 :]])
    assert everything(text.replace_token(i, word)) == everything(swapped)
    inserted = text.insert_text_before_word_index(i, word)
    assert everything(text.insert_token(i, word)) == everything(inserted)


def test_what_textattack_keeps_of_a_text_is_made_when_it_is_asked_for() -> None:
    text = TaggedText(["New", "York", "won"], ["B-LOC", "I-LOC", "O"]).replace_token(2, "lost")
    assert not {"attack_attrs", "text", "_text_input"} & set(vars(text))
    assert (text.tokenizer_input, text.column_labels) == ("New York lost", ["text"])
    assert text.attack_attrs["previous_attacked_text"].text == "New York won"
    text.attack_attrs["modified_indices"] = {0}  # as the genetic search does
    assert text.modified == text.replace_token(0, "Old").modified == {0}


@given(texts(), EDITS)
def test_a_text_is_never_changed_in_place(
    text: TaggedText, edits: list[tuple[str, int, str]]
) -> None:
    tokens, tags = text.tokens, text.tags
    for kind, index, word in edits:
        apply(text, kind, index, word)
        assert (text.tokens, text.tags) == (tokens, tags)
        assert not text.modified


def test_word_boundaries_are_the_corpus_s_own() -> None:
    text = TaggedText(
        ["U.S.", "1996-08-22", "O'Neill", "-", "3:1"], ["B-LOC", "O", "B-PER", "O", "O"]
    )
    assert text.words == ["U.S.", "1996-08-22", "O'Neill", "-", "3:1"]
    assert text.replace_word_at_index(2, "O'Neil").tags == text.tags


@pytest.mark.parametrize(
    ("edit", "tokens", "tags"),
    [
        (
            lambda t: t.insert_text_after_word_index(0, "big"),
            "New big York won",
            "B-LOC O B-LOC O",
        ),
        (
            lambda t: t.insert_text_before_word_index(0, "In"),
            "In New York won",
            "O B-LOC I-LOC O",
        ),
        (lambda t: t.delete_word_at_index(0), "York won", "B-LOC O"),
        (lambda t: t.replace_word_at_index(1, "Yrok"), "New Yrok won", "B-LOC I-LOC O"),
        (
            lambda t: t.replace_word_at_index(1, "Castle City"),
            "New Castle City won",
            "B-LOC I-LOC I-LOC O",
        ),
    ],
)
def test_tags_follow_the_edit(
    edit: Callable[[TaggedText], TaggedText], tokens: str, tags: str
) -> None:
    text = edit(TaggedText(["New", "York", "won"], ["B-LOC", "I-LOC", "O"]))
    assert (text.tokens, text.tags) == (tuple(tokens.split()), tuple(tags.split()))


def test_a_text_cannot_be_emptied() -> None:
    with pytest.raises(ValueError, match="every token"):
        TaggedText(["a"], ["O"]).delete_word_at_index(0)


@given(texts(), st.lists(st.sampled_from(["New", "York", "x"]), min_size=1, max_size=4), st.data())
def test_an_entity_for_another_leaves_all_else_alone(
    text: TaggedText, new: list[str], data: st.DataObject
) -> None:
    names = entities(text.tags)
    assume(names)
    old = data.draw(st.sampled_from(names))
    changed = text.replace_entity(old, new)
    end, size = old.start + len(new), old.end - old.start
    assert changed.tokens == (*text.tokens[: old.start], *new, *text.tokens[old.end :])
    assert changed.tags[: old.start] == text.tags[: old.start]
    assert changed.tags[end:] == text.tags[old.end :]
    assert Entity(old.start, end, old.label) in entities(changed.tags)
    assert len(entities(changed.tags)) == len(names)
    assert changed.modified == set(range(old.start, end))
    stand_ins = [*range(old.start, old.end), *[None] * len(new)][: len(new)]
    rest = range(old.end, len(text.tokens))
    assert list(changed.origins) == [*range(old.start), *stand_ins, *rest]
    index_map = list(changed.attack_attrs["original_index_map"])
    assert index_map.count(-1) == max(0, size - len(new))
