"""Checks of values that a person set: one line says what was wrong and what to write instead."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from seqattack.errors import ConfigError
from seqattack.suggest import did_you_mean

LARGEST_SEED = 2**32 - 1
"""The largest seed that all generators take."""

LARGEST = 10**9
"""The largest count: nothing that is counted here comes near it."""

SHOWN = 60
"""The most characters of a wrong value that a message shows."""


def shown(value: Any) -> str:
    """Return a wrong value for a message, whatever it is.

    >>> shown("a" * 100)[:5], len(shown("a" * 100)), shown(None)
    ("'aaaa", 60, 'None')
    """
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an integer of too many digits, a list in itself
        text = f"a {type(value).__name__} that is too large to be shown"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def check_integer(name: str, value: Any, least: int = 1, most: int = LARGEST) -> int:
    """Return a value that is an integer in a range.

    Args:
        name: What the message calls it.
        value: The value.
        least: The smallest that is allowed.
        most: The largest that is allowed.

    Raises:
        ConfigError: It is something else.
    """
    return _integer(name, value, "an integer", least, most)


def check_auto_or_integer(
    name: str, value: Any, least: int = 1, most: int = LARGEST
) -> int | Literal["auto"]:
    """Return a value that is ``auto`` or an integer in a range.

    Args:
        name: What the message calls it.
        value: The value.
        least: The smallest that is allowed.
        most: The largest that is allowed.

    Raises:
        ConfigError: It is something else.
    """
    if value == "auto":
        return "auto"
    return _integer(name, value, "auto or an integer", least, most)


def _integer(name: str, value: Any, wanted: str, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        is_too_large = type(value) is int and value > most
        upper = f" to {most}" if most != LARGEST or is_too_large else " or more"
        raise ConfigError(f"{name}: {shown(value)} is not allowed; write {wanted}, {least}{upper}.")
    return value


def check_number(
    name: str, value: Any, least: float, most: float = math.inf, *, over: bool = False
) -> float:
    """Return a value that is a finite number in a range.

    Args:
        name: What the message calls it.
        value: The value.
        least: The smallest that is allowed.
        most: The largest that is allowed.
        over: Whether `least` itself is not allowed.

    Raises:
        ConfigError: It is something else.
    """
    is_number = type(value) in (int, float) and abs(value) <= sys.float_info.max
    if not is_number or not least <= value <= most or (over and value == least):
        lower = f"over {least:g}" if over else f"{least:g} or more"
        upper = f" and at most {most:g}" if most < math.inf else ""
        raise ConfigError(f"{name}: {shown(value)} is not allowed; write a number, {lower}{upper}.")
    return float(value)


def check_seed(name: str, value: Any) -> int:
    """Return a value that every generator takes as its seed.

    Raises:
        ConfigError: It is something else.
    """
    return check_integer(name, value, 0, LARGEST_SEED)


def check_choice(name: str, value: Any, choices: Iterable[str]) -> str:
    """Return a value that is one of several words.

    Args:
        name: What the message calls it.
        value: The value.
        choices: The words.

    Raises:
        ConfigError: It is something else.
    """
    known = list(choices)
    if not isinstance(value, str) or value not in known:
        raise ConfigError(f"{name}: {shown(value)} is not known{did_you_mean(shown(value), known)}")
    return value


def check_text(name: str, value: Any) -> str:
    """Return a value that is a text of printable characters, and not empty.

    Raises:
        ConfigError: It is something else.
    """
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ConfigError(f"{name}: {shown(value)} is not allowed; write a text.")
    return value


def check_boolean(name: str, value: Any) -> bool:
    """Return a value that is true or false.

    Raises:
        ConfigError: It is something else.
    """
    if not isinstance(value, bool):
        raise ConfigError(f"{name}: {shown(value)} is not allowed; write true or false.")
    return value


def check_mapping(name: str, value: Any) -> Mapping[str, Any]:
    """Return a value that is an object with texts as its keys.

    Raises:
        ConfigError: It is something else.
    """
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ConfigError(f"{name}: {shown(value)} is not allowed; write an object of keys.")
    return value
