"""Resources by name.

A package may bring resources of its own, as entry points of the group ``seqattack.resources``:
each names a subclass of `Resource`, under the resource's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from seqattack.attack.resources.distractors import DistractorsResource
from seqattack.attack.resources.entities import EntitiesResource
from seqattack.attack.resources.masked_lm import MaskedLMResource
from seqattack.attack.resources.paraphraser import ParaphraserResource
from seqattack.attack.resources.resource import Resource
from seqattack.attack.resources.similarity import SimilarityResource
from seqattack.errors import RecipeError
from seqattack.suggest import did_you_mean

ENTRY_POINTS = "seqattack.resources"
"""Group of the entry points of other packages' resources."""

OWN: Mapping[str, Resource] = {
    each.name: each
    for each in (
        MaskedLMResource(),
        SimilarityResource(),
        EntitiesResource(),
        DistractorsResource(),
        ParaphraserResource(),
    )
}
"""The project's own resources."""


@cache
def all_resources() -> Mapping[str, Resource]:
    """Return the project's own resources and those of installed packages, by name.

    Raises:
        RecipeError: A package's resource cannot be imported, or is none.
    """
    others = sorted(entry_points(group=ENTRY_POINTS), key=lambda each: each.name)
    return {**OWN, **{each.name: _load(each) for each in others}}


def find_resource(name: str) -> Resource:
    """Return the resource with a name.

    Raises:
        RecipeError: There is none.

    Example:
        >>> find_resource("masked-lm").name
        'masked-lm'
    """
    if name in OWN:
        return OWN[name]
    known = all_resources()
    if name not in known:
        raise RecipeError(f"unknown resource {name!r}{did_you_mean(name, known)}")
    return known[name]


def _load(entry: EntryPoint) -> Resource:
    """Return a resource of another package."""
    try:
        resource = entry.load()()
    except (ImportError, AttributeError, TypeError) as error:
        raise RecipeError(
            f"resource {entry.name}: {entry.value} cannot be made ({error}); correct the entry "
            f"point in the group {ENTRY_POINTS}, or install its package again."
        ) from error
    if not isinstance(resource, Resource) or getattr(resource, "name", None) != entry.name:
        raise RecipeError(
            f"resource {entry.name}: {entry.value} must be a subclass of Resource whose name is "
            f"{entry.name}."
        )
    return resource
