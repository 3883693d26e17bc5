"""What robust victims are trained on: examples of a recipe, of a mixture of recipes, or picks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd
from typing import Any, Literal

from seqattack.pipeline.names import CONTINUED, MIXTURE, PICKS, VICTIM

TRIED = "deepwordbug-i-5"
"""The attack that victims trained on picks are tried with where none is named."""


@dataclass(frozen=True, slots=True)
class AdversarialConfig:
    """What robust victims are trained on, and the attack that they are tried with.

    Args:
        recipe: The attack that they are tried with, which makes the examples where neither
            `recipes` nor `picks` is given.
        goal: The goal function of the attacks.
        timeout: Their time limit in seconds.
        sizes: Numbers of adversarial examples.
        recipes: How many examples each recipe gives, in proportion; None for those of one recipe.
        picks: A file of picked examples; without one they are attacks' own.
        name: What the victims are called; None for the name of the examples.
        start: What they are trained from: ``pretrained``, or ``victim``, the small one.
        training: What is other than in the section ``training``.
        allow_test_sentences: Whether picks made of test sentences are taken.
        minimal: Whether the examples are reduced to the edits that they need.
    """

    recipe: str
    goal: str
    timeout: float | None
    sizes: tuple[int, ...]
    recipes: Mapping[str, int] | None
    picks: str | None
    name: str | None
    start: Literal["pretrained", "victim"]
    training: Mapping[str, Any]
    allow_test_sentences: bool
    minimal: bool

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> AdversarialConfig:
        """Return an entry of ``adversarial_training`` with what follows from its other keys.

        Args:
            entry: One that fits the schema, with the schema's defaults filled in.
        """
        recipes = entry.get("recipes")
        first = next(iter(recipes)) if recipes else TRIED
        sizes = entry.get("sizes") or ([sum(recipes.values())] if recipes else [])
        own = {"recipe": entry.get("recipe", first), "sizes": tuple(sizes)}
        return cls(**{"recipes": None, "name": None, **entry, **own})

    @property
    def source(self) -> str:
        """The name of the training in victims, paths and tables, such as ``bert-attack``."""
        if self.name:
            return self.name
        examples = MIXTURE if self.recipes else self.origins[0]
        return f"{examples}{CONTINUED}" if self.is_continued else examples

    @property
    def is_continued(self) -> bool:
        """Whether the small victim is trained on, instead of the pretrained model."""
        return self.start == VICTIM

    @property
    def origins(self) -> tuple[str, ...]:
        """Where the examples come from: recipes, or ``picks``."""
        if self.picks:
            return (PICKS,)
        return tuple(self.recipes) if self.recipes else (self.recipe,)

    @property
    def attacks(self) -> tuple[str, ...]:
        """The recipes that make the examples, and the one that the victims are tried with."""
        made = () if self.picks else self.origins
        return tuple(dict.fromkeys((*made, self.recipe)))

    @property
    def step(self) -> int:
        """What every size is a multiple of, so that the proportions of a mixture hold."""
        counts = self.recipes.values() if self.recipes else (1,)
        return sum(counts) // gcd(*counts)

    def parts(self, size: int) -> dict[str, int]:
        """Return how many examples of each origin a training set has.

        Args:
            size: Of all origins together; a multiple of `step`.
        """
        if not self.recipes:
            return {self.origins[0]: size}
        total = sum(self.recipes.values())
        return {recipe: size * count // total for recipe, count in self.recipes.items()}

    def victim(self, size: int) -> str:
        """Return the name of the victim that is trained on so many examples."""
        return f"robust-{self.source}-{size}"
