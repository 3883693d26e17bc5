"""Pairs of original and adversarial example (Figures 1 to 3 and 5 to 9), chosen by a rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from seqattack.attack.goals import find_goal
from seqattack.explain.explanation import Explanation
from seqattack.explain.marks import Marked, Part, marked_texts
from seqattack.records import AttackRecord, Outcome, Prediction
from seqattack.report.names import recipe_name
from seqattack.tags import OUTSIDE, entities, repair_iob2, tag_class
from seqattack.text import LONGEST as LONGEST_TOKEN
from seqattack.text import clipped, printable

LONGEST = 30
"""The most tokens of a sentence that is shown."""

RULE = f"the first successes in the subset's order whose original has at most {LONGEST} tokens"
"""How examples are chosen: none is picked by hand."""

APART = "those that no other figure shows come first"
"""How figures come to have different sentences."""

FLIP_RULE = (
    f"{RULE}, and in which the attack broke B and I tags but no class, which is a success under "
    "the goal function untargeted, but not under untargeted-strict"
)
"""How the example of the two goal functions is chosen."""

PREDICTED = (
    "True entities are coloured, and a wrong prediction of the victim stands after an arrow; "
    "changed letters are underlined in red, and a red bar stands where letters are missing."
)
"""What colours and lines mean where predictions are shown."""

LABELLED = (
    "Only true labels are shown: the entities that the paraphrase kept got theirs again, every "
    "other token is outside of entities. Changed letters are underlined in red."
)
"""What they mean in Figure 2."""

FIGURES = {"scpn": 5, "deepwordbug-i": 6, "deepwordbug-ii": 7, "bert-attack": 8, "clare": 9}
"""The paper's figures with examples, by recipe."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens of one entity, or one token outside of entities.

    Args:
        tokens: Each token in parts, which say what the attack changed.
        label: The text after them: the class, or the true and the predicted class.
        name: The class that colours them; empty outside of entities.
        is_wrong: Whether the prediction is wrong.
    """

    tokens: tuple[Marked, ...]
    label: str = ""
    name: str = ""
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """An original and its adversarial example, or a sentence alone, cut into pieces.

    Args:
        id: The sentence's id.
        lines: The texts, one below the other.
        notes: What each edit does, where that is known.
    """

    id: str
    lines: tuple[tuple[Piece, ...], ...]
    notes: tuple[str, ...] = ()


def only_flips(record: AttackRecord) -> bool:
    """Whether a success under the goal untargeted is no success under untargeted-strict.

    Args:
        record: The record of a successful attack.
    """
    tags, predicted = record.final.tags, record.final.predicted
    return bool(record.newly_broken) and not find_goal("untargeted-strict").wrong(tags, predicted)


def choose(
    records: Iterable[AttackRecord],
    count: int,
    allows: Callable[[AttackRecord], bool] = lambda record: True,
    shown: Collection[str] = (),
    explanations: Mapping[str, Explanation] | None = None,
) -> list[Example]:
    """Return the first examples that `RULE` allows.

    Args:
        records: Records in the subset's order.
        count: The most examples to return.
        allows: A further condition on an example.
        shown: Ids of sentences that come last, because another figure shows them.
        explanations: By the sentence's id, what each edit does.
    """
    again: list[AttackRecord] = []
    found: list[AttackRecord] = []
    for record in records:
        if len(found) == count:
            break
        if is_shown(record) and allows(record):
            (again if record.id in shown else found).append(record)
    known = explanations or {}
    chosen = (*found, *again[: count - len(found)])
    return [_example(record, known.get(record.id)) for record in chosen]


def choose_labelled(
    records: Iterable[AttackRecord], count: int, shown: Collection[str] = ()
) -> list[Example]:
    """Return the first examples that `RULE` allows, with their true labels alone (Figure 2).

    Args:
        records: Records of an attack by paraphrases, in the subset's order.
        count: The most examples to return.
        shown: As for `choose`.
    """
    return choose(map(_without_predictions, records), count, shown=shown)


def is_shown(record: AttackRecord) -> bool:
    """Whether a record is a success that is short enough for a figure."""
    return record.outcome is Outcome.SUCCESS and len(record.original.tokens) <= LONGEST


def _example(record: AttackRecord, explanation: Explanation | None) -> Example:
    marked = marked_texts(record.original.tokens, record.final.tokens)
    for effect in explanation.effects if explanation else ():
        places = (effect.edit.original, effect.edit.adversarial)
        for text, place in zip(marked, places, strict=True):
            if effect.is_idle and place is not None:
                text[place] = tuple(replace(part, idle=True) for part in text[place])
    texts = (record.original, record.final)
    lines = (pieces(text, each) for text, each in zip(texts, marked, strict=True))
    notes = map(printable, explanation.sentences() if explanation else ())
    return Example(record.id, tuple(lines), tuple(notes))


def _without_predictions(record: AttackRecord) -> AttackRecord:
    """Return a record as if the victim were always right."""
    original, found = record.original, record.adversarial
    return replace(
        record,
        original=replace(original, predicted=original.tags),
        adversarial=None if found is None else replace(found, predicted=found.tags),
    )


def pieces(text: Prediction, marked: Sequence[Marked] = ()) -> tuple[Piece, ...]:
    """Return a text's true entities with their predictions, and the tokens between them.

    A token that is predicted as an entity, but not one, is a piece of its own.

    Args:
        text: Tokens, true tags and predicted tags.
        marked: Each token in parts; without them, nothing is marked.
    """
    starts = {entity.start: entity for entity in entities(text.tags)}
    found: list[Piece] = []
    index = 0
    while index < len(text.tokens):
        entity = starts.get(index)
        end = entity.end if entity else index + 1
        tokens = tuple(
            _printable(text.tokens[i], marked[i] if marked else ()) for i in range(index, end)
        )
        predicted = text.predicted[index:end]
        if entity:
            expected = tuple(text.tags[index:end])
            wrong = tuple(predicted) != expected
            name = clipped(entity.label)
            label = f"{name}→{_in_words(predicted)}" if wrong else name
            found.append(Piece(tokens, label, entity.label, wrong))
        elif predicted[0] != OUTSIDE:
            found.append(Piece(tokens, f"→{clipped(tag_class(predicted[0]))}", "", True))
        else:
            found.append(Piece(tokens))
        index = end
    return tuple(found)


def _in_words(predicted: Sequence[str]) -> str:
    """Return predicted tags in short: the class alone if they are one entity.

    >>> _in_words(["B-PER", "I-PER"]), _in_words(["O", "B-LOC"])
    ('PER', 'O B-LOC')
    """
    whole = entities(repair_iob2(predicted))
    is_one = len(whole) == 1 and (whole[0].start, whole[0].end) == (0, len(predicted))
    if is_one and predicted[0].startswith("B-"):
        return clipped(whole[0].label)
    return OUTSIDE if set(predicted) == {OUTSIDE} else " ".join(map(clipped, predicted))


def _printable(token: str, marked: Marked) -> Marked:
    """Return a token's parts as they are shown; a token that is too long is one part."""
    if len(token) > LONGEST_TOKEN or not marked:
        changed, idle = (any(getattr(p, name) for p in marked) for name in ("changed", "idle"))
        return (Part(clipped(token), changed, idle),)
    return tuple(replace(part, text=printable(part.text)) for part in marked)


def classes(examples: Iterable[Example]) -> set[str]:
    """Return the classes of the examples' entities."""
    pieces = (piece for example in examples for line in example.lines for piece in line)
    return {piece.name for piece in pieces} - {""}


def caption(examples: Sequence[Example], rule: str = RULE, meaning: str = PREDICTED) -> str:
    """Return what colours and lines mean, and how the examples were chosen.

    Args:
        examples: The examples; without any, the caption says so.
        rule: How they were chosen.
        meaning: `PREDICTED` or `LABELLED`.
    """
    if not examples:
        return f"This run has no such example. The rule: {rule}."
    return f"The original above, its adversarial example below. {meaning} Shown: {rule}; {APART}."


def figure_number(recipe: str) -> int | None:
    """Return the number of the paper's figure with a recipe's examples.

    >>> figure_number("deepwordbug-ii-30"), figure_number("bae")
    (7, None)
    """
    return FIGURES.get(re.sub(r"-\d+$", "", recipe))


def figure_title(recipe: str) -> str:
    """Return the title of a recipe's figure, with its number in the paper if it has one.

    >>> figure_title("deepwordbug-ii-30"), figure_title("bae")
    ('Adversarial examples of DeepWordBug-II-30 (Figure 7)', 'Adversarial examples of BAE')
    """
    number = figure_number(recipe)
    printed = f" (Figure {number})" if number else ""
    return f"Adversarial examples of {recipe_name(recipe)}{printed}"
