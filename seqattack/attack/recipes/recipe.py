"""What a recipe is, and what it is given to build the attack of one sentence."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seqattack.attack.settings import AttackSettings
from seqattack.errors import RecipeError

if TYPE_CHECKING:
    from seqattack.attack.attack import TokenAttack
    from seqattack.attack.goal_function import TokenGoalFunction
    from seqattack.victim.gateway import Session


_VARIANT = re.compile(r"-published(-[0-9]+)?$|-spread$")
"""The endings of recipes that are variants of others, whose resources they use."""


def base_recipe(name: str) -> str:
    """Return the recipe that another is a variant of, or itself.

    >>> base_recipe("clare-published"), base_recipe("clare-published-1"), base_recipe("scpn")
    ('clare', 'clare', 'scpn')
    """
    return _VARIANT.sub("", name)


@dataclass(frozen=True, slots=True)
class AttackContext:
    """What a recipe is given to build the attack of one sentence.

    Args:
        victim: The sentence's session with the victim.
        goal: The sentence's goal function.
        rng: The sentence's generator, seeded by run seed, recipe and sentence id.
        settings: The attack's.
        sessions: By resource, the sentence's session with it.
    """

    victim: Session
    goal: TokenGoalFunction
    rng: random.Random
    settings: AttackSettings
    sessions: Mapping[str, Any] = field(default_factory=dict)

    def session(self, resource: str) -> Any:
        """Return the sentence's session with a resource.

        Args:
            resource: Its name, which the recipe must have among its `needs`.

        Raises:
            RecipeError: It is not there.
        """
        if resource not in self.sessions:
            raise RecipeError(
                f"recipe {self.settings.recipe} asks for {resource}, which is not among its needs; "
                "add it to them."
            )
        return self.sessions[resource]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named attack.

    Args:
        name: Such as ``deepwordbug-i-5``.
        build: Makes the attack of one sentence.
        needs: Names of the resources that it needs besides the victim.
        shares_batches: Whether several sentences may be in flight.
        around: Given the sentence's generator, what building and search happen in.
    """

    name: str
    build: Callable[[AttackContext], TokenAttack]
    needs: frozenset[str] = frozenset()
    shares_batches: bool = True
    around: Callable[[random.Random], AbstractContextManager[None]] = lambda rng: nullcontext()
