"""The names of what a corpus holds: keys of JSON objects, or columns of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqattack.corpus.options import ReadOptions

TOKENS = ("tokens", "words", "word", "orth")
TAGS = ("tags", "ner_tags", "ner", "labels", "label", "tag", "ner_labels")
"""Keys of tokens and of tags, the first that is there."""

TEXTS = ("text", "full_text", "sentence", "content")
"""Keys of the text: most programs', and Presidio's."""


def token_keys(options: ReadOptions) -> tuple[str, ...]:
    """Return the keys that tokens may have: the one that is named, or those that are known."""
    column = options.token_column
    return (column,) if isinstance(column, str) else TOKENS


def tag_keys(options: ReadOptions) -> tuple[str, ...]:
    """Return the keys that tags may have: the one that is named, or those that are known.

    >>> tag_keys(ReadOptions(tag_column="gold"))
    ('gold',)
    """
    column = options.tag_column
    return (column,) if isinstance(column, str) else TAGS


def tag_features(features: Mapping[str, Any], options: ReadOptions) -> list[Any]:
    """Return the features of a dataset in which the names of its tags may be, the likeliest first.

    They are those of the tags; all, where none has such a name.

    Args:
        features: By their names.
        options: Whose ``tag_column`` may name the tags.
    """
    keys = [key for key in tag_keys(options) if key in features]
    return [features[key] for key in keys or features]
