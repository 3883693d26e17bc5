"""Entities to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqattack.attack.resources.resource import Resource, RunFiles, Settings, Surroundings
from seqattack.attack.settings import Machine
from seqattack.files.checksums import sha256_json

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


class EntitiesResource(Resource):
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

    def from_config(self, config: Mapping[str, Any], recipe: str, files: RunFiles) -> Settings:
        """Return ``resources.entities``, or the training sentences; see `Resource.from_config`."""
        own = super().from_config(config, recipe, files)
        return own or {"path": str(files.training_sentences)}

    def find(self, surroundings: Surroundings) -> Settings:
        """Return the run's training sentences beside the victim, or those to be attacked."""
        if path := surroundings.training_sentences():
            return {"path": str(path)}
        return {"sentences": list(surroundings.sentences)}
