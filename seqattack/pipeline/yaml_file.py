"""The value of a YAML file: plain, of a size that a person wrote, or one line that says why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    ScalarEvent,
)

from seqattack.errors import ConfigError
from seqattack.io import is_special

DEEPEST = 20
"""The most levels of lists and mappings; a configuration has five."""

MOST = 20_000
"""The most values, those that aliases repeat counted as often as they are repeated."""


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file.

    Raises:
        ConfigError: The file can't be read, is not YAML in UTF-8, is too deep or too large, has a
            key twice, or holds no mapping with texts as keys.
    """
    if is_special(path):
        raise ConfigError(f"{path}: is a device or a pipe; save it in a file first.")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"{path}: cannot be read ({reason}).") from error
    try:
        _check_size(text)
        value = yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date or number that is none
        said = " ".join(str(error).split())
        raise ConfigError(f"{path}: not valid YAML: {said}") from error
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: a mapping of keys is needed; see config/README.md.")
    return value


class _Loader(yaml.SafeLoader):
    """Refuses what PyYAML takes without a word: a key that comes twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping; see `yaml.SafeLoader.construct_mapping`."""
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise ValueError(f"line {key.start_mark.line + 1}: {key.value} comes twice")
                seen.add(key.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def _check_size(text: str) -> None:
    """Check the depth and the number of values before anything is made of them."""
    sizes: dict[str, int] = {}
    open_parts: list[tuple[str | None, int]] = []
    total = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, AliasEvent):
            if event.anchor not in sizes:
                raise ValueError(f"*{event.anchor} stands for itself, or for nothing")
            total += sizes[event.anchor]
        elif isinstance(event, ScalarEvent):
            total += 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, CollectionStartEvent):
            open_parts.append((event.anchor, total))
            total += 1
        elif isinstance(event, CollectionEndEvent):
            anchor, before = open_parts.pop()
            if anchor:
                sizes[anchor] = total - before
        if len(open_parts) > DEEPEST or total > MOST:
            raise ValueError("it is nested too deeply or has too many values")
