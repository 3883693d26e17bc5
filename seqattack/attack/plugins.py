"""What other packages bring: goals, recipes and resources, as entry points of a group."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from seqattack.errors import RecipeError


def plugins(group: str) -> dict[str, EntryPoint]:
    """Return the entry points of a group by name, in the order of their names."""
    return {each.name: each for each in sorted(entry_points(group=group), key=lambda e: e.name)}


def load_plugin(entry: EntryPoint, kind: type, *arguments: str) -> Any:
    """Return what another package brings.

    Args:
        entry: Names a function, or a class.
        kind: What the function must return, such as `Recipe`.
        *arguments: What the function is called with.

    Raises:
        RecipeError: It cannot be imported or called, or it returns something else.
    """
    name = f"{kind.__name__.lower()} {entry.name}: {entry.value}"
    try:
        made = entry.load()(*arguments)
    except (ImportError, AttributeError, TypeError) as error:
        raise RecipeError(
            f"{name} cannot be made ({error}); correct the entry point in the group "
            f"{entry.group}, or install its package again."
        ) from error
    if not isinstance(made, kind):
        raise RecipeError(f"{name} must return a {kind.__name__}.")
    return made
