"""Goals: what counts as wrong, and how near a text is to it (paper, section 3; docs/deviations.md).

Whoever reads records looks goals up by name, so this module imports nothing heavy. A package may
bring goals of its own, as entry points of the group ``seqattack.goals``: each names a function that
takes the text behind the colon of the goal's name (empty without one) and returns its `Goal`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from seqattack.attack.plugins import load_plugin, plugins
from seqattack.errors import RecipeError
from seqattack.suggest import did_you_mean
from seqattack.tags import OUTSIDE, entities, entity_tokens, tag_class
from seqattack.text import clipped

if TYPE_CHECKING:
    import numpy as np

    from seqattack.victim.probabilities import Probabilities

ENTRY_POINTS = "seqattack.goals"
"""Group of the entry points of other packages' goals."""

Labels = tuple[str, ...]
"""The victim's tags in the order of their ids."""


class Tagged(Protocol):
    """A text with its true tags, such as a sentence."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The true IOB2 tags."""


class Goal(ABC):
    """What an attack wants of the tokens of a sentence, mostly of its entity tokens.

    Attributes:
        name: As records have it, such as ``untargeted-strict`` or ``targeted:LOC``.
        must_break: Whether a success needs a token that is wrong now and was right before.
        scores_repaired_tags: Whether the second half of an entity that an insertion splits is
            scored with the B tag that it got; otherwise with its tag in the original.
        by_characters: Whether a token weighs as much as it has characters; otherwise all weigh the
            same.
    """

    name: str
    must_break: bool = True
    scores_repaired_tags: bool = True
    by_characters: bool = False

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

    def weights(self, tokens: Sequence[str]) -> tuple[int, ...]:
        """Return what each token of a text weighs: its characters, or 1.

        Args:
            tokens: The text's.
        """
        return tuple(map(len, tokens)) if self.by_characters else (1,) * len(tokens)

    def share(self, text: Tagged, places: Sequence[int]) -> float:
        """Return how much some of the goal's tokens weigh / how much all weigh; 0 without any.

        Args:
            text: Tokens and true tags.
            places: Indices of the tokens.
        """
        weights = self.weights(text.tokens)
        total = sum(weights[index] for index in self.tokens(text.tags))
        return sum(weights[index] for index in places) / total if total else 0.0

    def labels_score(self, text: Tagged, predicted: Sequence[str]) -> float:
        """Return the share of the goal's tokens that is wrong, in [0, 1]; 0 without any.

        Args:
            text: Tokens and true tags.
            predicted: The victim's tags.
        """
        return self.share(text, self.wrong(text.tags, predicted))

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
        import numpy as np

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
        import numpy as np

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
        import numpy as np

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
        import numpy as np

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


class Missed(Goal):
    """Hide entities: no predicted entity of any class shares a token with them.

    This is the outcome *missing* of MUC-5 (Chinchor and Sundheim, 1993), and `missed` in the table
    of outcomes. An entity of which the victim still sees a part is not missed, nor is one that it
    takes for another class. The score is the mean over entity tokens of the probability of ``O``,
    and 1 for every token of an entity that is missed.

    Example:
        >>> Missed().wrong(["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-PER", "O", "O"])
        (3,)
    """

    name = "missed"

    def wrong(self, tags: Sequence[str], predicted: Sequence[str]) -> tuple[int, ...]:
        """Return the tokens of the entities that are missed."""
        return tuple(
            index
            for entity in entities(tags)
            if all(tag == OUTSIDE for tag in predicted[entity.start : entity.end])
            for index in range(entity.start, entity.end)
        )

    def scores(
        self, tags: Sequence[str], probabilities: Probabilities, labels: Labels
    ) -> Probabilities:
        """Return p(O), or 1 for a token of an entity that is missed; see `Goal.scores`."""
        import numpy as np

        outside = _classes(labels) == OUTSIDE
        unseen = outside[probabilities.argmax(axis=2)]
        scores = np.asarray(probabilities[:, :, outside].sum(axis=2))
        for entity in entities(tags):
            missed = unseen[:, entity.start : entity.end].all(axis=1)
            scores[missed, entity.start : entity.end] = 1.0
        return scores[:, list(entity_tokens(tags))]


class Leak(UntargetedStrict):
    """Leak entities: their characters lie outside every predicted entity of their class.

    This is what a redactor leaks if it blackens only what the victim finds. What is wrong is as
    under `UntargetedStrict`, but a token weighs as much as it has characters, so that the labels
    score is the share of the entities' characters that is left readable. Spaces between tokens do
    not count.

    Example:
        >>> from seqattack.sentence import Sentence
        >>> text = Sentence("s", ("Ana", "Kowalska"), ("B-PER", "I-PER"))
        >>> round(Leak().labels_score(text, ["B-PER", "O"]), 3)
        0.727
    """

    name = "leak"
    by_characters = True


class Invented(Goal):
    """Invent entities: the victim predicts some that share no token with a true one.

    This is the outcome *spurious* of MUC-5 (Chinchor and Sundheim, 1993), as in the table of
    outcomes. A predicted entity that also covers tokens of a true one has wrong bounds, and is not
    invented. The goal is about the tokens outside entities. The score is the mean over them of 1 -
    p(O), and 1 where a token is part of an invented entity. Tokens that the attack itself inserts
    make no success.

    Example:
        >>> Invented().wrong(["B-PER", "O", "O", "O"], ["B-PER", "I-PER", "O", "B-LOC"])
        (3,)
    """

    name = "invented"

    def tokens(self, tags: Sequence[str]) -> tuple[int, ...]:
        """Return the indices of the tokens outside entities."""
        return tuple(index for index, tag in enumerate(tags) if tag == OUTSIDE)

    def wrong(self, tags: Sequence[str], predicted: Sequence[str]) -> tuple[int, ...]:
        """Return the tokens of the predicted entities that share no token with a true one."""
        return tuple(
            index
            for entity in entities(predicted)
            if all(tag == OUTSIDE for tag in tags[entity.start : entity.end])
            for index in range(entity.start, entity.end)
        )

    def scores(
        self, tags: Sequence[str], probabilities: Probabilities, labels: Labels
    ) -> Probabilities:
        """Return 1 - p(O), or 1 for a token of an invented entity; see `Goal.scores`."""
        import numpy as np

        outside = _classes(labels) == OUTSIDE
        scores = np.asarray(1.0 - probabilities[:, :, outside].sum(axis=2))
        for row, prediction in zip(scores, probabilities.argmax(axis=2), strict=True):
            row[list(self.wrong(tags, [labels[index] for index in prediction]))] = 1.0
        return scores[:, list(self.tokens(tags))]


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
    "missed": _without_target(Missed),
    "leak": _without_target(Leak),
    "invented": _without_target(Invented),
}
"""What makes a goal of the text behind the colon of its name, by the text before it."""


@lru_cache(maxsize=64)
def find_goal(name: str) -> Goal:
    """Return the goal with a name.

    Args:
        name: ``untargeted``, ``untargeted-strict``, ``untargeted-strict-published``, ``targeted``
            (towards ``O``), ``targeted:CLASS``, ``missed``, ``leak``, ``invented``, or one that an
            installed package brings.

    Raises:
        RecipeError: No goal has this name, or its package cannot be imported.

    Example:
        >>> find_goal("targeted:LOC").name
        'targeted:LOC'
    """
    base, colon, target = name.partition(":")
    if colon and not target:
        raise RecipeError(f"goal {name!r} names no class; write {base}, or {base}:CLASS.")
    if base in GOALS:
        return GOALS[base](target)
    others = plugins(ENTRY_POINTS)
    if base in others:
        goal: Goal = load_plugin(others[base], Goal, target)
        return goal
    raise RecipeError(
        f"unknown goal function {clipped(name)!r}{did_you_mean(name, (*GOALS, *others))}"
    )


@lru_cache(maxsize=16)
def _classes(labels: Labels) -> np.ndarray[Any, np.dtype[np.str_]]:
    """Return the class of each of the victim's tags."""
    import numpy as np

    return np.array([tag_class(label) for label in labels])


@lru_cache(maxsize=16)
def _ids(labels: Labels) -> dict[str, int]:
    """Return the id of each of the victim's tags."""
    return {label: index for index, label in enumerate(labels)}
