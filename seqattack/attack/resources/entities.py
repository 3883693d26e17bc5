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
    source_key,
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
            ConfigError: A key is not known, or there is none.
            CorpusError: A file can't be read, or the lists are none.
        """
        from seqattack.corpus import read_sentences
        from seqattack.corpus.inventory import entity_inventory, parse_names, read_names

        key = source_key(self.name, settings, ("names", "sentences", "path"))
        named = settings[key]
        if key == "names":
            return Entities(parse_names(named, "resources.entities.names"))
        if key == "path" and Path(named).suffix.lower() in LISTS:
            return Entities(read_names(named))
        return Entities(entity_inventory(read_sentences(named) if key == "path" else named))

    def session(self, loaded: Entities, compute: Any) -> Inventory:
        """Return the entities by class."""
        return loaded.by_class

    def others(self, surroundings: Surroundings) -> list[Sentence]:
        """Return the sentences that are attacked."""
        return list(surroundings.sentences)
