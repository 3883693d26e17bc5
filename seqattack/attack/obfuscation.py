"""Words written otherwise: disguised, misread, mistyped, split, joined."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

from seqattack.attack.constraints import FewTokensChanged
from seqattack.attack.text import TaggedText
from seqattack.attack.textattack import WordSwap
from seqattack.attack.transformation import TokenTransformation, interleaved
from seqattack.perturbations.perturbers import Perturber
from seqattack.tags import OUTSIDE


class Perturbed(TokenTransformation, WordSwap):  # type: ignore[misc]  # TextAttack is untyped
    """Replaces one token by what perturbers make of it; tags follow a token that is split.

    Args:
        perturbers: Asked in turn, each for what changes least first.
        rng: The sentence's generator; no other source of chance is used.
        count: Most ways of each perturber to write a token.
        joins: Whether a token may also be joined with the one before or behind it.
    """

    def __init__(
        self, perturbers: Sequence[Perturber], rng: random.Random, count: int, joins: bool
    ) -> None:
        super().__init__()
        self.perturbers = tuple(perturbers)
        self.rng = rng
        self.count = count
        self.joins = joins

    @property
    def deterministic(self) -> bool:
        """False: TextAttack may not cache the candidates."""
        return False

    def candidates(self, text: TaggedText, indices: Sequence[int]) -> Iterator[TaggedText]:
        """Yield each perturber's candidates in turn; see `TokenTransformation.candidates`."""
        for index in indices:
            token = text.tokens[index]
            # All at once, so that the generator is drawn from alike however many are asked for.
            ways = [each.ways(token, self.rng)[: self.count] for each in self.perturbers]
            for way in interleaved(ways):
                yield text.replace_word_at_index(index, way)
            if self.joins:
                yield from joined(text, index)


def joined(text: TaggedText, index: int) -> Iterator[TaggedText]:
    """Yield the texts in which a token is joined with a neighbour that was not changed.

    Tokens of different entities are not joined: one of the entities would be lost.

    Args:
        text: The text.
        index: The token's.
    """
    for first in (index, index - 1):
        pair = {first, first + 1}
        if not 0 <= first < len(text.tokens) - 1 or pair & text.modified:
            continue
        if text.tags[first] == OUTSIDE or not text.tags[first + 1].startswith("B-"):
            yield text.join_tokens(first)


class FewWordsTouched(FewTokensChanged):
    """At most a share of the original's tokens is changed, split or joined; rounded up."""

    def _check_constraint(self, transformed_text: TaggedText, reference_text: TaggedText) -> bool:
        originals = len(reference_text.tokens)
        untouched = len(transformed_text.tokens) - len(transformed_text.modified)
        return originals - untouched <= math.ceil(self.most * originals)
