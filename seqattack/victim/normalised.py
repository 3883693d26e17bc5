"""A victim behind a filter that undoes disguises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from seqattack.files.checksums import sha256_file
from seqattack.perturbations.confusables import TABLE
from seqattack.perturbations.normalisation import normalise
from seqattack.tags import OUTSIDE
from seqattack.victim.probabilities import Probabilities, one_hot
from seqattack.victim.victim import Victim
from seqattack.victim.wrapped import WrappedVictim


class NormalisedVictim(WrappedVictim):
    """A victim that sees texts as `seqattack.perturbations.normalisation.normalise` has them.

    Each tag belongs to the token that was asked about. A token of which nothing is left is not
    shown to the victim and is ``O``.

    Args:
        victim: The victim.
    """

    def __init__(self, victim: Victim) -> None:
        super().__init__(victim, f"normalised {sha256_file(TABLE)}")
        self.name = f"normalise:{victim.name}"

    @property
    def title(self) -> str:
        """What results call it; see `Victim.title`."""
        return f"normalise:{self.victim.title}"

    def probabilities(
        self, texts: Sequence[Sequence[str]], padded_length: int
    ) -> list[Probabilities]:
        """Tag a batch of texts; see `Victim.probabilities`."""
        asked = [normalise(tokens) for tokens in texts]
        shown = [filled for tokens in asked if (filled := _without_empty(tokens))]
        answers = iter(self.victim.probabilities(shown, padded_length) if shown else ())
        return [self._rows(tokens, answers) for tokens in asked]

    def length(self, tokens: Sequence[str]) -> int:
        """Return how long the normalised text is for the victim."""
        return self.victim.length(_without_empty(normalise(tokens)))

    def pieces(self, token: str) -> int:
        """Return the number of sub-tokens of a normalised token for the victim."""
        (plain,) = normalise([token])
        return self.victim.pieces(plain) if plain else 1

    def _rows(self, tokens: Sequence[str], answers: Iterator[Probabilities]) -> Probabilities:
        """Return the rows of a text's tokens, the next of `answers` for those that are left."""
        rows = one_hot([OUTSIDE] * len(tokens), self.labels)
        if any(tokens):
            rows[np.array([bool(token) for token in tokens])] = next(answers)
        return rows


def _without_empty(tokens: Sequence[str]) -> tuple[str, ...]:
    return tuple(token for token in tokens if token)
