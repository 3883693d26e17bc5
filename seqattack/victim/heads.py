"""What the outputs of a model mean: their names, and how they become IOB2 tags.

Four schemes are told apart by the names alone:

- **IOB2**: a ``B-`` for every ``I-``. The probabilities are the model's own.
- **IOB1**: some ``I-`` has no ``B-``. A ``B-`` only separates two entities of one class.
- **IO**: bare classes, such as ``PER``, or ``person``. They are read as ``I-`` tags.
- **BIOES** (BILOU, BMES): the tags of a text are the most probable path that the scheme allows.

What is not IOB2 is folded. An IOB1 or IO class begins an entity where the token before has another
class: p(B-X) is p(B-X) + p(I-X) (1 - q) and p(I-X) is p(I-X) q, where q is the probability that the
token before is of class X. For BIOES, p is the marginal over all paths that the scheme allows, each
weighted by the product of the model's probabilities; p(B-X) sums B and S, p(I-X) sums I and E.
Tags come from the most probable label of each token (IOB1, IO) or the best path (BIOES). Where the
folded probabilities prefer another tag, the two tags exchange their probabilities.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from seqattack.errors import ModelError
from seqattack.tags import OUTSIDE, iob2_tags, is_class, repair_iob2, tag_class
from seqattack.text import clipped
from seqattack.victim.answers import check_texts
from seqattack.victim.probabilities import Probabilities, with_tags

Scheme = Literal["iob2", "iob1", "bioes"]

_PREFIXES = {"B": "B", "I": "I", "M": "I", "E": "E", "L": "E", "S": "S", "U": "S"}
"""The letters of BIOES, BILOU and BMES as those of BIOES."""

_LETTERS = ("B-", "I-", "E-", "S-")

_PREFIXED = re.compile(rf"([{''.join(_PREFIXES)}])-(.+)", re.IGNORECASE)
_SPECIAL = re.compile(r"\[.*\]|<.*>|pad", re.IGNORECASE)
_FILLER = "X"
"""What some models give sub-tokens that are not the first of a word."""

_LEAST = 1e-30
"""Probabilities are taken for at least this, so that there is always a path."""


@dataclass(frozen=True, slots=True)
class Head:
    """The outputs of a model, read as tags.

    Args:
        columns: The outputs that are tags; None if all are. The others are masked.
        names: The tags of these outputs, with the letters of BIOES.
        scheme: How they are used; IO is IOB1 without ``B-``.
        tags: The IOB2 tags that they become.
    """

    columns: tuple[int, ...] | None
    names: tuple[str, ...]
    scheme: Scheme
    tags: tuple[str, ...]

    def read(self, rows: Probabilities) -> Probabilities:
        """Return the probabilities of the IOB2 tags, of shape (tokens, tags).

        Args:
            rows: The model's, of shape (tokens, names); each row sums to 1.
        """
        if self.scheme == "iob2" or not len(rows):
            return rows
        exact = np.maximum(rows.astype(np.float64), _LEAST)
        if self.scheme == "iob1":
            path = [self.names[column] for column in rows.argmax(axis=1)]
            folded = self._fold(exact)
        else:
            allowed = _allowed(self.names)
            path = [self.names[column] for column in _best_path(exact, allowed)]
            folded = self._fold(_marginals(exact, allowed))
        found = repair_iob2([_iob(name) for name in path])
        return with_tags(folded, [self.tags.index(tag) for tag in found])

    def _fold(self, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        folded = np.zeros((len(rows), len(self.tags)))
        for name, column in zip(self.names, rows.T, strict=True):
            tag = _iob(name)
            if self.scheme == "iob1" and tag.startswith("I-"):
                before = self._before(rows, tag_class(tag))
                folded[:, self.tags.index("B-" + tag[2:])] += column * (1 - before)
                column = column * before
            folded[:, self.tags.index(tag)] += column
        return folded

    def _before(self, rows: np.ndarray[Any, Any], label: str) -> np.ndarray[Any, Any]:
        """Return, for each token, the probability that the one before it is of a class."""
        of_class = [tag_class(name) == label for name in self.names]
        return np.concatenate([[0.0], rows[:-1, of_class].sum(axis=1)])


def read_head(source: str, id2label: Mapping[int, str], given: Sequence[str] = ()) -> Head:
    """Return what the outputs of a model mean.

    Args:
        source: The model, as errors call it.
        id2label: Their names in its configuration.
        given: Their names in the order of their ids, which replace those of the configuration.

    Raises:
        ModelError: They have no names or other ones than the schemes know, one occurs twice, or
            ``O`` is missing.
    """
    if list(id2label) and sorted(id2label) != list(range(len(id2label))):
        raise ModelError(f"{source}: the ids of id2label in its config.json do not run from 0 on.")
    labels = given or [id2label[index] for index in sorted(id2label)]
    if len(labels) != len(id2label):
        raise ModelError(
            f"{source}: {len(given)} tags were given, but the model has {len(id2label)} outputs; "
            "give a tag for each, in the order of their ids."
        )
    labels = check_texts(source, labels)
    if all(label == f"LABEL_{index}" for index, label in enumerate(labels)):
        raise ModelError(
            f"{source}: its labels have no names (LABEL_0 ...); give them with --tags (in Python "
            "and in the config: tags), in the order of their ids, or set id2label in its "
            "config.json."
        )
    prefixed = any(_PREFIXED.fullmatch(label) for label in labels)
    columns = [n for n, label in enumerate(labels) if not _is_special(label, prefixed)]
    names = [_name(labels[n], prefixed) for n in columns]
    _check(source, names, [labels[n] for n in columns])
    kept = None if len(columns) == len(labels) else tuple(columns)
    scheme = _scheme(names)
    classes = dict.fromkeys(tag_class(name) for name in names if name != OUTSIDE)
    tags = tuple(names) if scheme == "iob2" else iob2_tags(classes)
    return Head(kept, tuple(names), scheme, tags)


def _is_special(label: str, prefixed: bool) -> bool:
    """Whether a label is for special tokens or for sub-tokens inside a word."""
    return bool(_SPECIAL.fullmatch(label)) or (prefixed and label == _FILLER)


def _name(label: str, prefixed: bool) -> str:
    """Return a label in the form of BIOES; one of another form as it is."""
    if label.upper() == OUTSIDE:
        return OUTSIDE
    match = _PREFIXED.fullmatch(label)
    if match:
        return f"{_PREFIXES[match[1].upper()]}-{match[2]}"
    return label if prefixed else f"I-{label}"


def _check(source: str, names: Sequence[str], labels: Sequence[str]) -> None:
    cure = "give the tags it was trained on with --tags, or set id2label in its config.json."
    pairs = list(zip(names, labels, strict=True))
    wrong = [label for name, label in pairs if name != OUTSIDE and name[:2] not in _LETTERS]
    if wrong:
        raise ModelError(
            f"{source}: some labels have prefixes, such as B-PER, and these have none: "
            f"{', '.join(map(clipped, wrong[:6]))}; {cure}"
        )
    wrong = [label for name, label in pairs if name != OUTSIDE and not is_class(name[2:])]
    if wrong:
        raise ModelError(
            f"{source}: no class may be called O, or have white space at its ends or more than one "
            f"space in a row: {', '.join(map(clipped, wrong[:6]))}; {cure}"
        )
    if OUTSIDE not in names or len(set(names)) != len(names):
        raise ModelError(
            f"{source}: its labels lack O or have one twice: {' '.join(labels)}; {cure}"
        )


def _scheme(names: Sequence[str]) -> Scheme:
    if any(name[:2] in ("E-", "S-") for name in names):
        return "bioes"
    orphans = (name[:2] == "I-" and f"B-{name[2:]}" not in names for name in names)
    return "iob1" if any(orphans) else "iob2"


def _iob(name: str) -> str:
    return {"S": "B", "E": "I"}.get(name[0], name[0]) + name[1:]


def _allowed(names: Sequence[str]) -> np.ndarray[Any, Any]:
    """Return which name may follow which in BIOES, of shape (names + 1, names + 1).

    The last row is the begin of a text, the last column its end.
    """
    ends = [*names, OUTSIDE]
    return np.array(
        [[_may_follow(before, after) for after in ends] for before in ends], dtype=float
    )


def _may_follow(before: str, after: str) -> bool:
    inside = after[:2] in ("I-", "E-")
    if before[:2] in ("B-", "I-"):
        return inside and before[2:] == after[2:]
    return not inside


def _best_path(rows: np.ndarray[Any, Any], allowed: np.ndarray[Any, Any]) -> list[int]:
    """Return the most probable allowed path (Viterbi); of equal ones, that of lower columns."""
    with np.errstate(divide="ignore"):
        steps, scores = np.log(allowed), np.log(rows)
    total = steps[-1, :-1] + scores[0]
    back = []
    for row in scores[1:]:
        reached = total[:, None] + steps[:-1, :-1]
        back.append(reached.argmax(axis=0))
        total = reached.max(axis=0) + row
    path = [int((total + steps[:-1, -1]).argmax())]
    for choices in reversed(back):
        path.append(int(choices[path[-1]]))
    return path[::-1]


def _marginals(rows: np.ndarray[Any, Any], allowed: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return each token's distribution over all allowed paths (forward-backward)."""
    steps = allowed[:-1, :-1]
    forward, backward = [allowed[-1, :-1]], [allowed[:-1, -1]]
    for row in rows[:-1]:
        forward.append(_normal((forward[-1] * row) @ steps))
    for row in rows[:0:-1]:
        backward.append(_normal(steps @ (backward[-1] * row)))
    found = rows * np.array(forward) * np.array(backward[::-1])
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _normal(row: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(row / row.sum())
