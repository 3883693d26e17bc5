"""DeepWordBug's typos, against TextAttack's own transformations, which list all they can make."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqattack.attack.characters import EDITS, CharacterEdits
from seqattack.attack.text import TaggedText
from seqattack.perturbations.edits import (
    delete_character,
    insert_character,
    substitute_character,
    swap_neighbours,
)

# Behind our own modules, which import TextAttack offline.
theirs = import_module("textattack.transformations")

REFERENCES: dict[Callable[[str, random.Random], str], Any] = {
    swap_neighbours: theirs.WordSwapNeighboringCharacterSwap,
    substitute_character: theirs.WordSwapRandomCharacterSubstitution,
    delete_character: theirs.WordSwapRandomCharacterDeletion,
    insert_character: theirs.WordSwapRandomCharacterInsertion,
}


class Starred(random.Random):
    """Draws places at random, and always the same letter."""

    def choice(self, seq: Any) -> Any:
        assert seq == string.ascii_letters
        return "*"


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
@pytest.mark.parametrize("word", ["ab", "Rome", "O'Neill", "été"])
def test_an_edit_makes_what_textattack_s_makes(
    edit: Callable[[str, random.Random], str], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = REFERENCES[edit](random_one=False)
    monkeypatch.setattr(reference, "_get_random_letter", lambda: "*")
    made = {edit(word, Starred(seed)) for seed in range(200)}
    assert made == set(reference._get_replacement_words(word))


@given(st.text(string.ascii_lowercase, min_size=2), st.integers())
def test_new_letters_are_ascii_letters(word: str, seed: int) -> None:
    new = substitute_character(word.replace("a", "á"), random.Random(seed))
    assert set(new) - {"á"} <= set(string.ascii_letters)
    assert set(insert_character(word, random.Random(seed))) <= set(string.ascii_letters)


def candidates(order: list[int]) -> list[TaggedText]:
    text = TaggedText(["A", "man", "in", "Rome", "."], ["O", "O", "O", "B-LOC", "O"])
    return CharacterEdits(random.Random(5))._get_transformations(text, order)


def test_each_word_of_several_characters_gets_each_kind_of_typo() -> None:
    made = candidates([0, 1, 2, 3, 4])
    assert [sorted(each.modified) for each in made] == [[1]] * 4 + [[2]] * 4 + [[3]] * 4
    lengths = [len(each.tokens[3]) for each in made[8:]]
    assert lengths == [4, 4, 3, 5]
    assert all(each.tags[3] == "B-LOC" for each in made)


def test_candidates_do_not_depend_on_the_order_of_indices() -> None:
    assert candidates([3, 1, 2]) == candidates([1, 2, 3])


def test_textattack_is_told_that_candidates_differ_from_call_to_call() -> None:
    assert CharacterEdits(random.Random(0)).deterministic is False
