"""Goals: what counts as wrong, and how near a text is to it (paper, section 3; docs/deviations.md).

Whoever reads records looks goals up by name, so this module imports nothing heavy. A package may
bring goals of its own, as entry points of the group ``seqattack.goals``: each names a function that
takes the text behind the colon of the goal's name (empty without one) and returns its `Goal`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any

import numpy as np

from seqattack.errors import RecipeError
from seqattack.suggest import did_you_mean
from seqattack.tags import OUTSIDE, entity_tokens, tag_class
from seqattack.victim.probabilities import Probabilities

ENTRY_POINTS = "seqattack.goals"
"""Group of the entry points of other packages' goals."""

Labels = tuple[str, ...]
"""The victim's tags in the order of their ids."""


class Goal(ABC):
    """What an attack wants of the entity tokens of a sentence.

    Attributes:
        name: As records have it, such as ``untargeted-strict`` or ``targeted:LOC``.
        must_break: Whether a success needs a token that is wrong now and was right before.
        scores_repaired_tags: Whether the second half of an entity that an insertion splits is
            scored with the B tag that it got; otherwise with its tag in the original.
    """

    name: str
    must_break: bool = True
    scores_repaired_tags: bool = True

    def tokens(self, tags: Sequence[str]) -> tuple[int, ...]:
        """Return the indices of the tokens that the goal is about: the entity tokens."""
        return entity_tokens(tags)

    @abstractmethod
    def wrong(self, tags: Sequence[str], predicted: Sequence[str]) -> tuple[int, ...]:
        """Return the indices of the goal's tokens that are wrong.

        Args:
            tags: The true tags.
            predicted: The victim's tags.
        """

    def counted(self, tags: Sequence[str], predicted: Sequence[str]) -> tuple[int, ...]:
        """Return the indices of the tokens that count towards a search's target.

        Args:
            tags: The true tags.
            predicted: The victim's tags.

        Returns:
            The goal's tokens that are wrong, unless the goal counts others too.
        """
        return self.wrong(tags, predicted)

    @abstractmethod
    def scores(
        self, tags: Sequence[str], probabilities: Probabilities, labels: Labels
    ) -> Probabilities:
        """Return the score of each token that the goal scores, in [0, 1].

        Args:
            tags: The true tags of all the texts.
            probabilities: The victim's, of shape (texts, tokens, tags).
            labels: The victim's tags in the order of their ids.

        Returns:
            Of shape (texts, scored tokens). A text's scores do not depend on the other texts.
        """

    def check(self, labels: Labels) -> None:
        """Check that the goal can be reached with a victim.

        Args:
            labels: The victim's tags.

        Raises:
            RecipeError: It cannot.
        """
        return


class Untargeted(Goal):
    """Any wrong tag of an entity token is a success (paper, section 3).

    The score is the mean over entity tokens of 1 - p(y) where the prediction is right and 1 where
    it is wrong.

    Example:
        >>> Untargeted().wrong(["B-PER", "I-PER", "O"], ["B-PER", "B-PER", "B-LOC"])
        (1,)
    """

    name = "untargeted"

    def wrong(self, tags: Sequence[str], predicted: Sequence[str]) -> tuple[int, ...]:
        """Return the entity tokens with another tag."""
        return tuple(i for i in entity_tokens(tags) if predicted[i] != tags[i])

    def scores(
        self, tags: Sequence[str], probabilities: Probabilities, labels: Labels
    ) -> Probabilities:
        """Return 1 - p(y), or 1 where another tag is more probable; see `Goal.scores`."""
        tokens = list(entity_tokens(tags))
        ids = _ids(labels)
        gold = [ids[tags[index]] for index in tokens]
        rows = probabilities[:, tokens]
        right = rows.argmax(axis=2) == gold
        return np.where(right, 1.0 - rows[:, np.arange(len(tokens)), gold], np.float32(1.0))


class UntargetedStrict(Goal):
    """A wrong class of an entity token is a success; a flip between B and I is not.

    Example:
        >>> UntargetedStrict().wrong(["B-PER", "I-PER", "O"], ["B-PER", "B-PER", "B-LOC"])
        ()
    """

    name = "untargeted-strict"

    def wrong(self, tags: Sequence[str], predicted: Sequence[str]) -> tuple[int, ...]:
        """Return the entity tokens of another class."""
        return tuple(
            i for i in entity_tokens(tags) if tag_class(predicted[i]) != tag_class(tags[i])
        )

    def scores(
        self, tags: Sequence[str], probabilities: Probabilities, labels: Labels
    ) -> Probabilities:
        """Return 1 - p(B-class) - p(I-class), or 1 for another class; see `Goal.scores`."""
        tokens, classes = list(entity_tokens(tags)), _classes(labels)
        gold = np.array([tag_class(tags[index]) for index in tokens])
        rows = probabilities[:, tokens]
        right = classes[rows.argmax(axis=2)] == gold
        mass = (rows * (classes[None, :] == gold[:, None])).sum(axis=2)
        return np.where(right, 1.0 - mass, np.float32(1.0))


class UntargetedStrictPublished(UntargetedStrict):
    """The strict goal as the paper's authors published it.

    Tokens outside entities count as well: one that the victim takes for an entity is an error. The
    sums are still divided by the number of entity tokens, so score and share can exceed 1. Where
    the class is right, a token's score is 1 - p(y) of the true tag alone, which stays I where an
    insertion splits an entity. A token that was wrong before the attack counts, so a success may
    break no entity. The labels score of records is that of `UntargetedStrict`.

    Example:
        >>> UntargetedStrictPublished().counted(["B-PER", "O"], ["I-PER", "B-LOC"])
        (1,)
    """

    name = "untargeted-strict-published"
    must_break = False
    scores_repaired_tags = False

    def counted(self, tags: Sequence[str], predicted: Sequence[str]) -> tuple[int, ...]:
        """Return the tokens of another class, inside and outside entities; see `Goal.counted`."""
        pairs = enumerate(zip(tags, predicted, strict=True))
        return tuple(i for i, (tag, other) in pairs if tag_class(tag) != tag_class(other))

    def scores(
        self, tags: Sequence[str], probabilities: Probabilities, labels: Labels
    ) -> Probabilities:
        """Return, for every token, 1 - p(y), or 1 for another class; see `Goal.scores`."""
        classes, ids = _classes(labels), _ids(labels)
        gold = [ids[tag] for tag in tags]
        right = classes[probabilities.argmax(axis=2)] == classes[gold]
        mass = probabilities[:, np.arange(len(gold)), gold]
        return np.where(right, 1.0 - mass, np.float32(1.0))


class Targeted(Goal):
    """Drive entity tokens to ``O`` or to a named class.

    Tokens of the target class itself are not part of the goal. The score is the mean probability
    of the target over the others.

    Args:
        target: ``O`` or a class of the victim.

    Example:
        >>> Targeted("LOC").wrong(["B-PER", "B-LOC"], ["B-LOC", "O"])
        (0,)
    """

    def __init__(self, target: str = OUTSIDE) -> None:
        self.target = target
        self.name = f"targeted:{target}"

    def tokens(self, tags: Sequence[str]) -> tuple[int, ...]:
        """Return the entity tokens of other classes than the target."""
        return tuple(i for i in entity_tokens(tags) if tag_class(tags[i]) != self.target)

    def wrong(self, tags: Sequence[str], predicted: Sequence[str]) -> tuple[int, ...]:
        """Return the tokens that are predicted as the target."""
        return tuple(i for i in self.tokens(tags) if tag_class(predicted[i]) == self.target)

    def scores(
        self, tags: Sequence[str], probabilities: Probabilities, labels: Labels
    ) -> Probabilities:
        """Return the probability of the target; see `Goal.scores`."""
        rows = probabilities[:, list(self.tokens(tags))]
        return np.asarray(rows[:, :, _classes(labels) == self.target].sum(axis=2))

    def check(self, labels: Labels) -> None:
        """Check that the victim knows the target class."""
        classes = sorted(set(_classes(labels).tolist()))
        if self.target not in classes:
            raise RecipeError(
                f"goal targeted:{self.target}: the victim has no class {self.target!r}; "
                f"it has {', '.join(classes)}."
            )


def _without_target(make: Callable[[], Goal]) -> Callable[[str], Goal]:
    def of(target: str) -> Goal:
        goal = make()
        if target:
            raise RecipeError(f"goal {goal.name} has no target; write {goal.name} alone.")
        return goal

    return of


GOALS: Mapping[str, Callable[[str], Goal]] = {
    "untargeted": _without_target(Untargeted),
    "untargeted-strict": _without_target(UntargetedStrict),
    "untargeted-strict-published": _without_target(UntargetedStrictPublished),
    "targeted": lambda target: Targeted(target or OUTSIDE),
}
"""What makes a goal of the text behind the colon of its name, by the text before it."""


@lru_cache(maxsize=64)
def find_goal(name: str) -> Goal:
    """Return the goal with a name.

    Args:
        name: ``untargeted``, ``untargeted-strict``, ``untargeted-strict-published``, ``targeted``
            (towards ``O``), ``targeted:CLASS``, or one that an installed package brings.

    Raises:
        RecipeError: No goal has this name.

    Example:
        >>> find_goal("targeted:LOC").name
        'targeted:LOC'
    """
    base, colon, target = name.partition(":")
    if colon and not target:
        raise RecipeError(f"goal {name!r} names no class; write {base}, or {base}:CLASS.")
    if base in GOALS:
        return GOALS[base](target)
    others = {each.name: each for each in entry_points(group=ENTRY_POINTS)}
    if base in others:
        goal: Goal = others[base].load()(target)
        return goal
    raise RecipeError(f"unknown goal function {name!r}{did_you_mean(name, (*GOALS, *others))}")


@lru_cache(maxsize=16)
def _classes(labels: Labels) -> np.ndarray[Any, np.dtype[np.str_]]:
    """Return the class of each of the victim's tags."""
    return np.array([tag_class(label) for label in labels])


@lru_cache(maxsize=16)
def _ids(labels: Labels) -> dict[str, int]:
    """Return the id of each of the victim's tags."""
    return {label: index for index, label in enumerate(labels)}
