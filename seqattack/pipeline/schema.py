"""The configuration's JSON Schema: what fits it, and its defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from importlib import resources
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from seqattack.attack.settings import AttackSettings, Machine, default
from seqattack.suggest import did_you_mean
from seqattack.victim.settings import TrainingSettings

DEFAULTS: Mapping[str, tuple[type, ...]] = {
    "attack": (AttackSettings, Machine),
    "attacks": (AttackSettings,),
    "training": (TrainingSettings,),
}
"""By section, the settings whose defaults its keys have where the schema names none."""


@cache
def schema() -> dict[str, Any]:
    """Return the schema, with the settings' own defaults in it."""
    text = (resources.files("seqattack.pipeline") / "config.schema.yaml").read_text("utf-8")
    value: dict[str, Any] = yaml.safe_load(text)
    for section, classes in DEFAULTS.items():
        for name, node in value["properties"][section]["properties"].items():
            owners = [each for each in classes if name in {f.name for f in fields(each)}]
            if owners and "default" not in node:
                node["default"] = default(owners[0], name)
    return value


def problems(value: Any) -> list[str]:
    """Return a line for each way in which a parsed configuration does not fit the schema.

    Args:
        value: The configuration, defaults not filled in.
    """
    return [line for error in _errors(value) for line in _explain(error)]


def fill_defaults(value: dict[str, Any]) -> None:
    """Fill in every default, in place.

    Args:
        value: A configuration that fits the schema.
    """
    _fill(schema(), schema(), value)


def _errors(value: Any) -> list[ValidationError]:
    found = Draft202012Validator(schema()).iter_errors(value)
    return sorted(found, key=lambda error: [str(part) for part in error.absolute_path])


def _explain(error: ValidationError) -> Iterator[str]:
    """Yield one line a problem: where, what, and what to write instead."""
    where = ".".join(str(part) for part in error.absolute_path) or "top level"
    node: Any = error.schema
    expected: Any = error.validator_value
    value: Any = error.instance
    known = node.get("properties", {})
    if error.validator == "additionalProperties":
        for name in sorted(set(value) - set(known), key=str):
            yield f"{where}: unknown key {str(name)!r}{did_you_mean(str(name), known)}"
    elif error.validator == "required":
        missing = [name for name in expected if name not in value]
        described = (f"{name} ({known.get(name, {}).get('description', '')})" for name in missing)
        yield f"{where}: missing {'; '.join(described)}"
    elif error.validator == "dependentRequired":
        for name, needed in expected.items():
            yield f"{where}: {name} needs {', '.join(needed)}"
    elif error.validator == "anyOf" and known:
        names = [name for each in expected for name in each["required"]]
        yield f"{where}: {' or '.join(names)} is needed"
    elif error.validator in ("minProperties", "maxProperties", "oneOf") and known:
        given = ", ".join(value) or "none"
        yield f"{where}: exactly one of {', '.join(known)} is needed; found {given}"
    elif error.validator == "enum":
        choices = [str(choice) for choice in expected]
        yield f"{where}: {value!r} is not known{did_you_mean(str(value), choices)}"
    else:
        hint = node.get("description", "")
        if error.validator == "type" and "number" in str(expected) and isinstance(value, str):
            hint = "write a number with a point, such as 0.0002, without quotes"
        yield f"{where}: {value!r} is not allowed; {hint or error.message}"


def _fill(root: Mapping[str, Any], node: Mapping[str, Any], value: Any) -> None:
    node = _resolve(root, node)
    if isinstance(value, list):
        for item in value:
            _fill(root, node.get("items", {}), item)
    if not isinstance(value, dict):
        return
    for name, each in node.get("properties", {}).items():
        each = _resolve(root, each)
        if name not in value and "default" in each:
            default = each["default"]
            value[name] = type(default)(default) if isinstance(default, dict | list) else default
        if name in value:
            _fill(root, each, value[name])


def _resolve(root: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    reference = node.get("$ref")
    if reference is None:
        return dict(node)
    return {**root["$defs"][reference.rpartition("/")[2]], **node}
