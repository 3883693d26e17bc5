"""Resources by name.

A package may bring resources of its own, as entry points of the group ``seqattack.resources``:
each names a subclass of `Resource`, under the resource's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint

from seqattack.attack.plugins import load_plugin, plugins
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
    return {**OWN, **{name: _load(entry) for name, entry in plugins(ENTRY_POINTS).items()}}


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
    resource: Resource = load_plugin(entry, Resource)
    if getattr(resource, "name", None) != entry.name:
        raise RecipeError(
            f"resource {entry.name}: {entry.value} must have the name {entry.name}, as its entry "
            "point has."
        )
    return resource
