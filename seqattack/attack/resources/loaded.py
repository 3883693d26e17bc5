"""The resources of an attack, loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seqattack.attack.recipes.recipe import Recipe
from seqattack.attack.recipes.registry import find_recipe
from seqattack.attack.resources.registry import find_resource
from seqattack.attack.resources.resource import Settings, Surroundings
from seqattack.attack.settings import Machine
from seqattack.errors import RecipeError

if TYPE_CHECKING:
    from seqattack.models.batching import BatchedModel
    from seqattack.models.scheduling import Compute


@dataclass(frozen=True, slots=True)
class Resources:
    """What recipes need besides the victim, loaded.

    Args:
        loaded: By resource, what its `load` returned.

    Example:
        >>> Resources.of("deepwordbug-i-5").loaded
        {}
    """

    loaded: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        recipe: str,
        settings: Mapping[str, Settings] | None = None,
        *,
        surroundings: Surroundings | None = None,
        machine: Machine | None = None,
    ) -> Resources:
        """Load what a recipe needs, and nothing that it doesn't.

        Args:
            recipe: The recipe's name.
            settings: By resource, what it is made of, such as
                ``{"masked-lm": {"path": "models/masked-lm"}}``.
            surroundings: Where a resource is looked for that `settings` does not name.
            machine: Where models run.

        Raises:
            RecipeError: There is no such recipe or resource, or one is not named and not found.
            SeqAttackError: A resource cannot be loaded.
        """
        settings, machine = settings or {}, machine or Machine()
        surroundings = surroundings or Surroundings(recipe=recipe)
        for name in settings:
            find_resource(name)
        loaded = {}
        for name in sorted(find_recipe(recipe).needs):
            resource = find_resource(name)
            made_of = settings[name] if name in settings else resource.find(surroundings)
            if made_of is None:
                raise _missing(recipe, name)
            loaded[name] = resource.load(made_of, machine)
        return cls(loaded)

    def check(self, recipe: Recipe) -> None:
        """Check that all is there that a recipe needs.

        Raises:
            RecipeError: Something is missing; the message names it.
        """
        for name in sorted(recipe.needs):
            if self.loaded.get(name) is None:
                raise _missing(recipe.name, name)

    def checksums(self, recipe: Recipe) -> dict[str, str]:
        """Return a checksum of each resource that the recipe needs."""
        return {
            name: find_resource(name).checksum(self.loaded[name]) for name in sorted(recipe.needs)
        }

    def models(self) -> dict[str, BatchedModel[Any, Any]]:
        """Return all models that texts are sent through, by what they are called."""
        return {
            called: model
            for name, loaded in self.loaded.items()
            for called, model in find_resource(name).models(loaded).items()
        }

    def sessions(self, compute: Compute) -> dict[str, Any]:
        """Return, by resource, what the attack of one sentence is given.

        Args:
            compute: Sends a model's items through it in batches with other sentences'.
        """
        return {
            name: find_resource(name).session(loaded, compute)
            for name, loaded in self.loaded.items()
        }


def _missing(recipe: str, resource: str) -> RecipeError:
    return RecipeError(f"recipe {recipe} needs --{resource}; give it.")
