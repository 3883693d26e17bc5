"""What recipes need besides the victim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqattack.attack.recipes.recipe import Need, Recipe
from seqattack.errors import RecipeError
from seqattack.files.checksums import sha256_json

if TYPE_CHECKING:
    from seqattack.masked_lm.model import MaskedLM
    from seqattack.scpn.session import Paraphraser
    from seqattack.sentence_encoder.encoder import SimilarityBackend


@dataclass(frozen=True, slots=True)
class Resources:
    """What recipes need besides the victim; each is asked for only by the recipes that need it.

    Args:
        masked_lm: Suggests words.
        similarity: Compares candidates with the original.
        entities: By class, the entities to choose from.
        paraphraser: Writes paraphrases.
    """

    masked_lm: MaskedLM | None = None
    similarity: SimilarityBackend | None = None
    entities: Mapping[str, Sequence[tuple[str, ...]]] | None = None
    paraphraser: Paraphraser | None = None

    def check(self, recipe: Recipe) -> None:
        """Check that all is there that a recipe needs.

        Raises:
            RecipeError: Something is missing; the message says which option gives it.
        """
        there = {
            Need.MASKED_LM: self.masked_lm,
            Need.SIMILARITY: self.similarity,
            Need.ENTITIES: self.entities,
            Need.PARAPHRASER: self.paraphraser,
        }
        for need in sorted(recipe.needs):
            if there[need] is None:
                raise RecipeError(f"recipe {recipe.name} needs --{need}; give it.")

    def checksums(self, recipe: Recipe) -> dict[str, str]:
        """Return what stands for the parts that a recipe needs."""
        found = {
            Need.MASKED_LM: self.masked_lm.checksum if self.masked_lm else "",
            Need.SIMILARITY: self.similarity.checksum if self.similarity else "",
            Need.ENTITIES: sha256_json(self.entities) if self.entities else "",
            Need.PARAPHRASER: self.paraphraser.checksum if self.paraphraser else "",
        }
        return {need.value: found[need] for need in sorted(recipe.needs)}
