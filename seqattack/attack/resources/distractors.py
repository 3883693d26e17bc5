"""Sentences without entities, which are appended to others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seqattack.attack.resources.resource import Resource, RunFiles, Settings, Surroundings
from seqattack.attack.settings import Machine
from seqattack.errors import RecipeError
from seqattack.files.checksums import sha256_json


@dataclass(frozen=True, slots=True)
class Distractors:
    """Sentences without entities.

    Args:
        sentences: The tokens of each.
    """

    sentences: tuple[tuple[str, ...], ...]

    @property
    def checksum(self) -> str:
        """A checksum of all of them."""
        return sha256_json(self.sentences)


class DistractorsResource(Resource):
    """The sentences without entities among tagged ones."""

    name = "distractors"
    help = "tagged sentences; those without entities are appended"

    def load(self, settings: Settings, machine: Machine) -> Distractors:
        """Return the distinct sentences without entities.

        Raises:
            RecipeError: Every sentence has an entity.
        """
        from seqattack.corpus import read_sentences

        sentences = settings.get("sentences") or read_sentences(settings["path"])
        found = dict.fromkeys(each.tokens for each in sentences if not each.entities)
        if not found:
            raise RecipeError(
                f"{settings.get('path', 'distractors')}: every sentence has an entity; give a file "
                "with some that have none."
            )
        return Distractors(tuple(found))

    def session(self, loaded: Distractors, compute: Any) -> tuple[tuple[str, ...], ...]:
        """Return the tokens of the sentences."""
        return loaded.sentences

    def from_config(self, config: Mapping[str, Any], recipe: str, files: RunFiles) -> Settings:
        """Return ``resources.distractors`` or training sentences; see `Resource.from_config`."""
        own = super().from_config(config, recipe, files)
        return own or {"path": str(files.training_sentences)}

    def find(self, surroundings: Surroundings) -> Settings:
        """Return the run's training sentences beside the victim, or generated newswire."""
        if path := surroundings.training_sentences():
            return {"path": str(path)}
        from seqattack.corpus.newswire import generate_newswire

        return {"sentences": generate_newswire(seed=0, train=2000, dev=1, test=1)["train"]}
