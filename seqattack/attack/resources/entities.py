"""Entities to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqattack.attack.resources.resource import (
    Settings,
    Surroundings,
    TrainingSentencesResource,
)
from seqattack.attack.settings import Machine
from seqattack.files.checksums import sha256_json
from seqattack.sentence import Sentence

Inventory = Mapping[str, Sequence[tuple[str, ...]]]
"""By class, the tokens of entities."""

LISTS = frozenset({".yaml", ".yml"})
"""Endings of files that list names by class."""


@dataclass(frozen=True, slots=True)
class Entities:
    """Entities to choose from.

    Args:
        by_class: The tokens of each, by class.
    """

    by_class: Inventory

    @property
    def checksum(self) -> str:
        """A checksum of all of them."""
        return sha256_json(self.by_class)


class EntitiesResource(TrainingSentencesResource):
    """Entities which others may be swapped for: those of tagged sentences, or lists of names."""

    name = "entities"
    help = "entities to swap in: tagged sentences, or a YAML file with a list of names for a class"

    def load(self, settings: Settings, machine: Machine) -> Entities:
        """Return the distinct entities by class.

        Args:
            settings: ``path`` of tagged sentences or of a YAML file, ``names`` by class, or
                ``sentences``.
            machine: Nothing is computed.

        Raises:
            CorpusError: A file can't be read, or the lists are none.
        """
        from seqattack.corpus import read_sentences
        from seqattack.corpus.inventory import entity_inventory, parse_names, read_names

        if "names" in settings:
            return Entities(parse_names(settings["names"], "resources.entities.names"))
        if "path" in settings and Path(settings["path"]).suffix.lower() in LISTS:
            return Entities(read_names(settings["path"]))
        sentences = settings.get("sentences") or read_sentences(settings["path"])
        return Entities(entity_inventory(sentences))

    def session(self, loaded: Entities, compute: Any) -> Inventory:
        """Return the entities by class."""
        return loaded.by_class

    def others(self, surroundings: Surroundings) -> list[Sentence]:
        """Return the sentences that are attacked."""
        return list(surroundings.sentences)
