"""Sentences without entities, which are appended to others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seqattack.attack.resources.resource import (
    Settings,
    Surroundings,
    TrainingSentencesResource,
    source_key,
)
from seqattack.attack.settings import Machine
from seqattack.errors import RecipeError
from seqattack.files.checksums import sha256_json
from seqattack.sentence import Sentence


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


class DistractorsResource(TrainingSentencesResource):
    """The sentences without entities among tagged ones."""

    name = "distractors"
    help = "tagged sentences; those without entities are appended"

    def load(self, settings: Settings, machine: Machine) -> Distractors:
        """Return the distinct sentences without entities.

        Raises:
            ConfigError: A key is not known, or there is none.
            RecipeError: Every sentence has an entity.
        """
        from seqattack.corpus import read_sentences

        key = source_key(self.name, settings, ("sentences", "path"))
        sentences = settings[key] if key == "sentences" else read_sentences(settings[key])
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

    def others(self, surroundings: Surroundings) -> list[Sentence]:
        """Return generated newswire."""
        from seqattack.corpus.newswire import generate_newswire

        return generate_newswire(seed=0, train=2000, dev=1, test=1)["train"]
