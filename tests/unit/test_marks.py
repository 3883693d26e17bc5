"""Marks of what changed: nothing is lost, and only what differs is marked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seqattack.explain.marks import Part, marked_texts, marked_words

WORDS = st.lists(st.text("abcé", min_size=1, max_size=6), max_size=6)


@given(WORDS, WORDS)
def test_the_parts_are_the_texts(original: list[str], adversarial: list[str]) -> None:
    for text, marked in zip(
        (original, adversarial), marked_texts(original, adversarial), strict=True
    ):
        assert ["".join(part.text for part in token) for token in marked] == text


@given(WORDS, WORDS)
def test_the_same_is_left_where_the_changes_are_taken_away(
    original: list[str], adversarial: list[str]
) -> None:
    before, after = (
        "".join(part.text for token in marked for part in token if not part.changed)
        for marked in marked_texts(original, adversarial)
    )
    assert before == after


def test_letters_are_marked_and_deletions_seen() -> None:
    before, after = marked_words("defender", "defener")
    assert [part.text for part in before if part.changed] == ["d"]
    assert after == (Part("defen"), Part("", True), Part("er"))
    assert marked_words("pulled", "drawn") == ((Part("pulled", True),), (Part("drawn", True),))
