"""The victims of the table of defences: what defends each, and what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass

from seqattack.pipeline.config import Config
from seqattack.pipeline.names import UNDEFENDED


@dataclass(frozen=True, slots=True)
class Defence:
    """A victim of the table of defences.

    Args:
        victim: Its name.
        undefended: The victim that it is compared with; itself where nothing defends it.
    """

    victim: str
    undefended: str

    def __str__(self) -> str:
        """Return both as VICTIM=UNDEFENDED, which scripts take."""
        return f"{self.victim}={self.undefended}"


def defence(name: str, config: Config) -> Defence:
    """Return a victim with the one that it is compared with.

    A robust victim is compared with the small one; one behind a filter with what stands behind
    it, or rather with that one's own; one that is trained on as many sentences as the full or the
    small victim with that one.

    Args:
        name: The victim's name.
        config: The run's configuration.
    """
    victim = config.victims.get(name)
    if victim is None:
        return Defence(name, "small")
    if victim.victim is not None:
        return Defence(name, defence(victim.victim, config).undefended)
    if name in UNDEFENDED or config.ready_victim(name) is not None:
        return Defence(name, name)
    trained = [each for each in UNDEFENDED if config.ready_victim(each) is None]
    alike = [e for e in trained if config.victims[e].sentences == victim.sentences]
    return Defence(name, alike[0] if alike else name)
