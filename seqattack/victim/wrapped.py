"""A victim that asks another one."""

from __future__ import annotations

from collections.abc import Sequence

from seqattack.victim.victim import Victim


class WrappedVictim(Victim):
    """A victim that changes what another one is asked, or what it answers.

    Args:
        victim: The other one.
        what: What this one adds to it, for its checksum.
    """

    def __init__(self, victim: Victim, what: str) -> None:
        self.victim, self.name, self.labels = victim, victim.name, victim.labels
        self.max_length, self.unit = victim.max_length, victim.unit
        self.unk_token, self.hard_labels = victim.unk_token, victim.hard_labels
        self.batch_size, self.padding_matters = victim.batch_size, victim.padding_matters
        self.device, self.precision = victim.device, victim.precision
        self.backend, self.folder = victim.backend, victim.folder
        self.checksum = f"{victim.checksum} {what}"

    def length(self, tokens: Sequence[str]) -> int:
        """Return how long a text is for the victim."""
        return self.victim.length(tokens)

    def pieces(self, token: str) -> int:
        """Return the number of sub-tokens of a token for the victim."""
        return self.victim.pieces(token)
