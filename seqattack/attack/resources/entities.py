"""Entities to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqattack.attack.resources.resource import Resource, RunFiles, Settings, Surroundings
from seqattack.attack.settings import Machine
from seqattack.files.checksums import sha256_json

Inventory = Mapping[str, Sequence[tuple[str, ...]]]
"""By class, the tokens of entities."""


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
    """The entities of tagged sentences, which others may be swapped for."""

    name = "entities"
    help = "tagged sentences whose entities are swapped in"

    def load(self, settings: Settings, machine: Machine) -> Entities:
        """Return the distinct entities of the sentences by class."""
        from seqattack.corpus import read_sentences
        from seqattack.corpus.inventory import entity_inventory

        sentences = settings.get("sentences") or read_sentences(settings["path"])
        return Entities(entity_inventory(sentences))

    def session(self, loaded: Entities, compute: Any) -> Inventory:
        """Return the entities by class."""
        return loaded.by_class

    def from_config(self, config: Mapping[str, Any], recipe: str, files: RunFiles) -> Settings:
        """Return the file of the training sentences; see `Resource.from_config`."""
        return {"path": str(files.training_sentences)}

    def find(self, surroundings: Surroundings) -> Settings:
        """Return the run's training sentences beside the victim, or those to be attacked."""
        if surroundings.victim is not None:
            path = surroundings.victim.parent.parent / "corpus" / "train.jsonl"
            if path.is_file():
                return {"path": str(path)}
        return {"sentences": list(surroundings.sentences)}
