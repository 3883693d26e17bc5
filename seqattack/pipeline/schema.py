"""The configuration's JSON Schema: what fits it, and its defaults."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from importlib import resources
from typing import Any

import yaml
from jsonschema import Draft202012Validator, TypeChecker, validators
from jsonschema.exceptions import ValidationError

from seqattack.attack.settings import AttackSettings, Machine, default
from seqattack.checks import LARGEST_SEED, SHOWN, shown
from seqattack.pipeline.yaml_file import DEEPEST
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
    found = list(_oddities(value, ""))
    return found or [line for error in _errors(value) for line in _explain(error)]


def _oddities(value: Any, where: str, depth: int = 0) -> Iterator[str]:
    """Yield a line for what no schema looks at: keys that are no text, huge numbers, deep nests."""
    if type(value) is int and value.bit_length() > 64:
        yield f"{where[:SHOWN].rstrip('.')}: the number is too large"
    if depth > DEEPEST:
        yield f"{where[:SHOWN]}: is nested too deeply"
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _oddities(each, f"{where}{index}.", depth + 1)
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if isinstance(name, str):
                yield from _oddities(each, f"{where}{name}.", depth + 1)
            else:
                yield f"{where or 'top level: '}{shown(name)} is no key; write a text, in quotes"


def fill_defaults(value: dict[str, Any]) -> None:
    """Fill in every default, in place.

    Args:
        value: A configuration that fits the schema.
    """
    _fill(schema(), schema(), value)


def _is_integer(checker: TypeChecker, value: Any) -> bool:
    """Whether a value is an integer, not ``64.0``, and none that no generator or count takes."""
    return type(value) is int and abs(value) <= LARGEST_SEED


def _is_number(checker: TypeChecker, value: Any) -> bool:
    """Whether a value is a finite number."""
    return type(value) in (int, float) and abs(value) < math.inf


def _is_text(checker: TypeChecker, value: Any) -> bool:
    """Whether a value is a text of printable characters."""
    return isinstance(value, str) and value.isprintable()


_Validator = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"integer": _is_integer, "number": _is_number, "string": _is_text}
    ),
)


def _errors(value: Any) -> list[ValidationError]:
    found = _Validator(schema()).iter_errors(value)
    return sorted(found, key=lambda error: [str(part) for part in error.absolute_path])


def _explain(error: ValidationError) -> Iterator[str]:
    """Yield one line a problem: where, what, and what to write instead."""
    where = ".".join(str(part) for part in error.absolute_path) or "top level"
    node: Any = error.schema
    expected: Any = error.validator_value
    value: Any = error.instance
    known = node.get("properties", {})
    if error.validator == "additionalProperties":
        for name in sorted((each for each in value if each not in known), key=str):
            yield f"{where}: unknown key {shown(str(name))}{did_you_mean(str(name)[:SHOWN], known)}"
    elif error.validator == "required":
        missing = [name for name in expected if name not in value]
        described = (f"{name} ({known.get(name, {}).get('description', '')})" for name in missing)
        yield f"{where}: missing {'; '.join(described)}"
    elif error.validator == "dependentRequired":
        for name, needed in expected.items():
            yield f"{where}: {name} needs {', '.join(needed)}"
    elif error.validator == "anyOf" and known:
        names = [" with ".join(each["required"]) for each in expected]
        yield f"{where}: {' or '.join(names)} is needed"
    elif error.validator in ("minProperties", "maxProperties") and known:
        yield f"{where}: {_one_of(known, value)}"
    elif error.validator == "oneOf" and known:
        yield f"{where}: {_clash(expected, value)}"
    elif error.validator == "enum":
        choices = [str(choice) for choice in expected]
        yield f"{where}: {shown(value)} is not known{did_you_mean(shown(value), choices)}"
    else:
        hint = node.get("description", "")
        is_text = isinstance(value, str)
        if error.validator == "type" and "number" in str(expected) and is_text:
            hint = "write a number with a point, such as 0.0002, without quotes"
        yield f"{where}: {shown(value)} is not allowed; {hint or error.message[:200]}"


def _one_of(choices: Iterable[str], value: Any) -> str:
    """Return that one of some choices is needed, and what was found instead."""
    keys = ", ".join(map(str, value)) if isinstance(value, Mapping) else shown(value)
    return f"exactly one of {', '.join(choices)} is needed; found {keys or 'none'}"


def _clash(branches: Sequence[Mapping[str, Any]], value: Any) -> str:
    """Return why a value fits none of some branches: what it lacks, or what does not go together.

    Args:
        branches: Each with the keys that it requires, and those that do not go with them.
        value: What was found.
    """
    keys = value if isinstance(value, Mapping) else {}
    complete = [each for each in branches if keys.keys() >= {*each["required"]}]
    if not complete:
        return _one_of((" with ".join(each["required"]) for each in branches), value)
    refused = (name for each in complete[0]["not"]["anyOf"] for name in each["required"])
    own, others = " with ".join(complete[0]["required"]), [each for each in refused if each in keys]
    return f"{own} does not go with {', '.join(others)}; remove the one or the other"


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
    others = node.get("additionalProperties")
    if isinstance(others, dict):
        for name in set(value) - set(node.get("properties", {})):
            _fill(root, others, value[name])


def _resolve(root: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    reference = node.get("$ref")
    if reference is None:
        return dict(node)
    return {**root["$defs"][reference.rpartition("/")[2]], **node}
