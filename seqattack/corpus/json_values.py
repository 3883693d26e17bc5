"""The values of a JSON file: one array, JSON lines, or an object that holds the array."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqattack.corpus.blocks import Origin
from seqattack.corpus.keys import TEXTS, TOKENS
from seqattack.corpus.text import split_lines
from seqattack.errors import CorpusError
from seqattack.io import json_value

LISTS = ("data", "annotations", "examples", "sentences", "rows")
"""Keys of an object that holds the array of sentences."""


def json_values(path: str | Path, text: str) -> tuple[Origin, Iterator[tuple[int, Any]]]:
    """Return the sentences in a JSON file, each with its line or its place in the array.

    Args:
        path: The file, for messages.
        text: What is in it.

    Raises:
        CorpusError: It is not JSON; the message names the line.
    """
    if _is_one_value(text):
        value = _parse(text, str(path))
        if isinstance(value, dict):
            lists = (value[key] for key in LISTS if isinstance(value.get(key), list))
            value = [value] if _is_sentence(value) else next(lists, [value])
        return Origin(path, "item"), iter(enumerate(value, 1))
    return Origin(path), _lines(path, text)


def _is_one_value(text: str) -> bool:
    """Whether a file is one array, or one object over several lines.

    The first of several lines with an array each, as in JSON lines of pairs, is an array by itself.
    """
    first, _, rest = text.lstrip().partition("\n")
    if not first or first[0] not in "[{":
        return False
    try:
        value = json_value(first)
    except ValueError:
        return first[0] == "[" or first.strip() == "{" or _is_whole(text)
    holds_objects = isinstance(value, list) and all(isinstance(each, dict | list) for each in value)
    holds_list = isinstance(value, dict) and any(
        isinstance(value.get(key), list) and value[key] and isinstance(value[key][0], dict | list)
        for key in LISTS
        if not _is_sentence(value)
    )
    return not rest.strip() and (holds_objects or holds_list)


def _is_sentence(value: dict[str, Any]) -> bool:
    """Whether an object is a sentence itself, and its lists are of its annotations.

    It has a text, tokens, or the fields in which Label Studio and Argilla have them.
    """
    return (
        any(isinstance(value.get(key), str) for key in TEXTS)
        or any(isinstance(value.get(key), list) for key in TOKENS)
        or any(isinstance(value.get(key), dict) for key in ("data", "fields"))
    )


def _is_whole(text: str) -> bool:
    try:
        json_value(text)
    except ValueError:
        return False
    return True


def _lines(path: str | Path, text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(split_lines(text), 1):
        if line.strip():
            yield number, _parse(line, f"{path}:{number}")


def _parse(text: str, place: str) -> Any:
    try:
        return json_value(text)
    except json.JSONDecodeError as error:
        line = f":{error.lineno}" if "\n" in text else ""
        raise CorpusError(f"{place}{line}: not JSON ({error.msg}); correct the line.") from error
    except ValueError as error:
        raise CorpusError(f"{place}: not JSON that can be read ({error}).") from error
