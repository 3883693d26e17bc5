"""What functions and servers answer, checked: tags, or probabilities of tags, for each token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqattack.checks import shown
from seqattack.errors import ModelError
from seqattack.tags import OUTSIDE, is_tag
from seqattack.victim.probabilities import Probabilities, one_hot

TOLERANCE = 1e-3
"""How far the probabilities of a token may be from a sum of 1."""


def read_answers(
    source: str, texts: Sequence[Sequence[str]], answers: Any, labels: Sequence[str], hard: bool
) -> list[Probabilities]:
    """Return what a system of another's making says of each text.

    Args:
        source: The system, as errors call it.
        texts: What it was asked.
        answers: One for each text: a tag for each token or, unless `hard`, a row of probabilities.
        labels: Its tags.
        hard: Whether it gives tags alone.

    Raises:
        ModelError: An answer is missing, has another length, names an unknown tag, or holds numbers
            that are no probabilities.
    """
    found = list(answers) if isinstance(answers, (list, tuple, np.ndarray)) else None
    if found is None or len(found) != len(texts):
        said = "no list" if found is None else f"{len(found)} answers"
        raise ModelError(f"{source} gave {said} for {len(texts)} texts; it must give one for each.")
    read = _tags if hard else _rows
    return [read(source, tokens, one, labels) for tokens, one in zip(texts, found, strict=True)]


def check_tags(source: str, tags: Sequence[str]) -> tuple[str, ...]:
    """Return the tags of a system of another's making.

    Args:
        source: The system, as errors call it.
        tags: What it says.

    Raises:
        ModelError: There are none, or they are not IOB2.
    """
    made = check_texts(source, tags)
    if not made:
        raise ModelError(f"{source} does not say its tags; give them with --tags O B-PER ...")
    wrong = [tag for tag in made if not is_tag(tag)]
    if wrong or OUTSIDE not in made or len(set(made)) != len(made):
        raise ModelError(
            f"{source}: its tags are not IOB2: {' '.join(made)}; give O once, and B- and I- tags "
            "of classes that are not called O."
        )
    return made


def check_texts(source: str, tags: Any) -> tuple[str, ...]:
    """Return tags that are texts.

    Args:
        source: The system, as errors call it.
        tags: What it says.

    Raises:
        ModelError: They are something else.
    """
    if not isinstance(tags, list | tuple):
        raise ModelError(f"{source}: its tags are {shown(tags)}; give a list of texts.")
    for tag in tags:
        if not isinstance(tag, str):
            raise ModelError(f"{source}: {shown(tag)} is no name of a tag; write a text.")
    return tuple(tags)


def is_hard(answers: Any) -> bool:
    """Whether answers hold tags, not probabilities."""
    return isinstance(answers, (list, tuple)) and all(
        isinstance(one, (list, tuple)) and all(isinstance(tag, str) for tag in one)
        for one in answers
    )


def _tags(source: str, tokens: Sequence[str], answer: Any, labels: Sequence[str]) -> Probabilities:
    _check_length(source, tokens, answer)
    unknown = [tag for tag in answer if tag not in labels]
    if unknown:
        raise ModelError(
            f"{source} gave the tag {unknown[0]!r}, which is not among its tags: {' '.join(labels)}"
        )
    return one_hot(list(answer), labels)


def _rows(source: str, tokens: Sequence[str], answer: Any, labels: Sequence[str]) -> Probabilities:
    _check_length(source, tokens, answer)
    try:
        rows = np.asarray(answer, dtype=np.float32).reshape(len(tokens), len(labels))
    except (ValueError, TypeError) as error:
        raise ModelError(
            f"{source} gave no {len(labels)} numbers for each token of {' '.join(tokens)!r}; give "
            "a probability for each of its tags."
        ) from error
    if (
        not (np.isfinite(rows).all() and (rows >= 0).all())
        or (np.abs(rows.sum(axis=1) - 1) > TOLERANCE).any()
    ):
        raise ModelError(
            f"{source}: the numbers for {' '.join(tokens)!r} are no probabilities: those of a "
            "token must be at least 0 and sum to 1."
        )
    return rows


def _check_length(source: str, tokens: Sequence[str], answer: Any) -> None:
    if not isinstance(answer, (list, tuple, np.ndarray)) or len(answer) != len(tokens):
        raise ModelError(
            f"{source} did not give an answer for each of the {len(tokens)} tokens of "
            f"{' '.join(tokens)!r}."
        )
