"""Pairs of original and adversarial example (Figures 1 and 5 to 9) as HTML, PDF and PNG."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seqattack.attack.goals import find_goal
from seqattack.io import write_text
from seqattack.metrics.alignment import changed_tokens
from seqattack.records import AttackRecord, Outcome, Prediction
from seqattack.report.figures import RED, TINTS, save, style
from seqattack.report.page import render
from seqattack.report.paper_tables import recipe_name
from seqattack.report.text import clipped
from seqattack.tags import OUTSIDE, entities, repair_iob2, tag_class

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST = 30
"""Tokens of the longest sentence that is shown."""

FIGURE_1 = "Figure 1. A word-level adversarial example"
FIGURE_3 = "Figure 3. The two goal functions"

RULE = f"the first successes in the subset's order whose original has at most {LONGEST} tokens"
"""How examples are chosen: not by hand, and not for their looks."""

FLIP_RULE = (
    f"{RULE}, and in which the attack broke B and I tags, but no class; the goal function "
    "untargeted counts that as a success, untargeted-strict does not"
)
"""How the example of the two goal functions is chosen."""

LINE = 104
"""Characters of a line of the PDF."""
SIZE = 7.0
"""Points of its letters."""
CHARACTER = 0.602 * SIZE / 72
"""Inches of a character of DejaVu Sans Mono."""
LEADING = 0.2
"""Inches from line to line."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens of one entity, or one token outside of entities.

    Args:
        tokens: They, and whether each was changed.
        label: What stands behind them: the class, or the true and the predicted one.
        name: The class that colours them; empty outside of entities.
        is_wrong: Whether the prediction is wrong.
    """

    tokens: tuple[tuple[str, bool], ...]
    label: str = ""
    name: str = ""
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """An original and its adversarial example, or a sentence alone, cut into pieces.

    Args:
        id: The sentence's.
        lines: The texts, one below the other.
    """

    id: str
    lines: tuple[tuple[Piece, ...], ...]


def only_flips(record: AttackRecord) -> bool:
    """Whether an adversarial example is one for the goal untargeted, but not for the strict one.

    Args:
        record: Of a successful attack.
    """
    tags, predicted = record.final.tags, record.final.predicted
    return bool(record.newly_broken) and not find_goal("untargeted-strict").wrong(tags, predicted)


def choose(
    records: Iterable[AttackRecord],
    count: int,
    allows: Callable[[AttackRecord], bool] = lambda record: True,
) -> list[Example]:
    """Return the first examples that the rule allows.

    Args:
        records: In the subset's order.
        count: Most examples.
        allows: What else an example must be.
    """
    found: list[Example] = []
    for record in records:
        if len(found) == count:
            break
        short = len(record.original.tokens) <= LONGEST
        if record.outcome is Outcome.SUCCESS and short and allows(record):
            changed = changed_tokens(record.original.tokens, record.final.tokens)
            lines = (pieces(record.original), pieces(record.final, changed))
            found.append(Example(clipped(record.id), lines))
    return found


def figure_title(recipe: str) -> str:
    """Return the title of a recipe's figure, with the number that it has in the paper.

    >>> figure_title("deepwordbug-ii-30"), figure_title("bae")
    ('Adversarial examples of DeepWordBug-II-30 (Figure 7)', 'Adversarial examples of BAE')
    """
    numbers = {"scpn": 5, "deepwordbug-i": 6, "deepwordbug-ii": 7, "bert-attack": 8, "clare": 9}
    number = numbers.get(re.sub(r"-\d+$", "", recipe))
    printed = f" (Figure {number})" if number else ""
    return f"Adversarial examples of {recipe_name(recipe)}{printed}"


def pieces(text: Prediction, changed: frozenset[int] = frozenset()) -> tuple[Piece, ...]:
    """Return a text's gold entities, what was predicted for them, and the tokens between them.

    A token outside of the gold entities that was taken for one is a piece of its own.

    Args:
        text: Tokens, gold tags and predicted tags.
        changed: Indices of the changed tokens.
    """
    starts = {entity.start: entity for entity in entities(text.tags)}
    found: list[Piece] = []
    index = 0
    while index < len(text.tokens):
        entity = starts.get(index)
        end = entity.end if entity else index + 1
        tokens = tuple((clipped(text.tokens[i]), i in changed) for i in range(index, end))
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
    """Return predicted tags, shortened where they are one entity.

    >>> _in_words(["B-PER", "I-PER"]), _in_words(["O", "B-LOC"])
    ('PER', 'O B-LOC')
    """
    whole = entities(repair_iob2(predicted))
    is_one = len(whole) == 1 and (whole[0].start, whole[0].end) == (0, len(predicted))
    if is_one and predicted[0].startswith("B-"):
        return clipped(whole[0].label)
    return OUTSIDE if set(predicted) == {OUTSIDE} else " ".join(map(clipped, predicted))


def write_examples(
    examples: Sequence[Example], title: str, stem: str | Path, rule: str = RULE
) -> None:
    """Write examples as ``.html``, ``.pdf`` and ``.png``.

    Args:
        examples: They; without any the files say so.
        title: The figure's title.
        stem: Path without the ending.
        rule: How they were chosen.
    """
    write_text(f"{stem}.html", to_html(examples, title, rule))
    _draw(examples, title, stem, rule)


def class_tints(examples: Iterable[Example]) -> dict[str, int]:
    """Return the index of each class's tint, by the classes' names."""
    pieces = (piece for example in examples for line in example.lines for piece in line)
    names = sorted({piece.name for piece in pieces} - {""})
    return {name: min(k, len(TINTS) - 1) for k, name in enumerate(names)}


def caption(examples: Sequence[Example], rule: str = RULE) -> str:
    """Return what a reader must know: the rule, and what colours and lines mean."""
    if not examples:
        return f"This run has no such example. Chosen would be {rule}."
    return (
        "Above the original, below its adversarial example. Coloured: the true entities, with the "
        "victim's prediction behind an arrow where it is wrong; underlined in red: changed tokens. "
        f"Chosen: {rule}."
    )


def to_html(examples: Sequence[Example], title: str, rule: str = RULE) -> str:
    """Return examples as a page that needs nothing else; all text from the corpus is escaped.

    Args:
        examples: What to show.
        title: The page's heading.
        rule: How the examples were chosen.
    """
    return render(
        "examples.html.jinja",
        title=title,
        examples=examples,
        tints=class_tints(examples),
        caption=caption(examples, rule),
    )


def _draw(examples: Sequence[Example], title: str, stem: str | Path, rule: str) -> None:
    import matplotlib.pyplot as plt

    tints = {name: TINTS[k] for name, k in class_tints(examples).items()}
    rows = [[_wrapped(line) for line in example.lines] for example in examples]
    notes = textwrap.wrap(caption(examples, rule), LINE)
    count = sum(len(lines) for example in rows for lines in example) + len(rows) + len(notes) + 2
    width, height = (LINE + 4) * CHARACTER, count * LEADING
    with style():
        figure = plt.figure(figsize=(width, height))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
        axes.set_axis_off()
        y = height - LEADING
        axes.text(2 * CHARACTER, y, title, size=SIZE + 1, weight="bold", va="center")
        for example in rows:
            y -= 0.5 * LEADING
            for lines in example:
                for line in lines:
                    y -= LEADING
                    _draw_line(axes, line, y, tints)
            y -= 0.5 * LEADING
        for note in notes:
            y -= LEADING
            axes.text(2 * CHARACTER, y, note, size=SIZE, color="#333333", va="center")
        save(figure, stem)


def _wrapped(row: Sequence[Piece]) -> list[list[tuple[int, Piece]]]:
    """Return the pieces of each line, with the column where each begins."""
    lines: list[list[tuple[int, Piece]]] = [[]]
    column = 0
    for piece in row:
        length = _length(piece)
        if column and column + length > LINE:
            lines.append([])
            column = 0
        lines[-1].append((column, piece))
        column += length + 1
    return lines


def _length(piece: Piece) -> int:
    tokens = sum(len(token) for token, _ in piece.tokens) + len(piece.tokens) - 1
    return tokens + (len(piece.label) + 1 if piece.label else 0)


def _draw_line(
    axes: Axes, line: Sequence[tuple[int, Piece]], y: float, tints: dict[str, str]
) -> None:
    from matplotlib.patches import Rectangle

    def write(column: int, text: str, colour: str, weight: str = "normal") -> None:
        axes.text(
            (column + 2) * CHARACTER,
            y,
            text,
            family="DejaVu Sans Mono",
            size=SIZE,
            color=colour,
            weight=weight,
            va="center",
            parse_math=False,
        )

    for start, piece in line:
        column = start
        if piece.name:
            corner = ((column + 1.7) * CHARACTER, y - 0.42 * LEADING)
            size = ((_length(piece) + 0.6) * CHARACTER, 0.84 * LEADING)
            axes.add_patch(Rectangle(corner, *size, color=tints[piece.name], linewidth=0))
        for token, changed in piece.tokens:
            write(column, token, "#111111")
            if changed:
                x = (column + 2) * CHARACTER
                below = y - 0.36 * LEADING
                axes.plot([x, x + len(token) * CHARACTER], [below] * 2, color=RED, linewidth=1)
            column += len(token) + 1
        if piece.label:
            write(column, piece.label, RED if piece.is_wrong else "#555555", "bold")
