"""A victim whose classes are given the names of a corpus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seqattack.tags import map_tag
from seqattack.victim.probabilities import Probabilities, with_tags
from seqattack.victim.victim import Victim
from seqattack.victim.wrapped import WrappedVictim


class MappedVictim(WrappedVictim):
    """A victim with other names for its classes.

    The probabilities of classes that become one are summed, those of a dropped class go to ``O``.
    The tag of a token is what its tag becomes; where another sum is larger, the two tags exchange
    their probabilities.

    Args:
        victim: The victim.
        mapping: Classes by those of the victim that they replace; an empty one drops a class, and
            a class that is not named stays.
    """

    def __init__(self, victim: Victim, mapping: Mapping[str, str]) -> None:
        super().__init__(victim, str(dict(sorted(mapping.items()))))
        made = [map_tag(tag, mapping) for tag in victim.labels]
        self.labels = tuple(dict.fromkeys(made))
        self._columns = np.array([self.labels.index(tag) for tag in made])

    def probabilities(
        self, texts: Sequence[Sequence[str]], padded_length: int
    ) -> list[Probabilities]:
        """Tag a batch of texts; see `Victim.probabilities`."""
        return [self._map(rows) for rows in self.victim.probabilities(texts, padded_length)]

    def _map(self, rows: Probabilities) -> Probabilities:
        sums = np.zeros((len(rows), len(self.labels)), dtype=np.float64)
        np.add.at(sums.T, self._columns, rows.T)
        return with_tags(sums, self._columns[rows.argmax(axis=1)].tolist())
