"""Character-level transformations that draw from the sentence's generator (Gao et al., 2018)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import WordSwap
from seqattack.attack.transformation import TokenTransformation
from seqattack.perturbations.edits import (
    delete_character,
    insert_character,
    substitute_character,
    swap_neighbours,
)

EDITS = (swap_neighbours, substitute_character, delete_character, insert_character)
"""DeepWordBug's four kinds of typo, in the order in which they are tried."""


class CharacterEdits(TokenTransformation, WordSwap):  # type: ignore[misc]
    """One candidate a word and a kind of typo, of `EDITS`.

    A word of one character is left alone, as in TextAttack's own transformations.

    Args:
        rng: The sentence's generator; no other source of chance is used.
    """

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.rng = rng

    @property
    def deterministic(self) -> bool:
        """False: TextAttack may not cache the candidates."""
        return False

    def candidates(self, text: TaggedText, indices: Sequence[int]) -> Iterator[TaggedText]:
        """Yield one candidate a word and an edit; see `TokenTransformation.candidates`."""
        for index in indices:
            word = text.tokens[index]
            # All at once, so that the generator is drawn from alike however many are asked for.
            typos = [edit(word, self.rng) for edit in EDITS] if len(word) > 1 else []
            yield from (text.replace_word_at_index(index, typo) for typo in typos if typo != word)
