"""Pairs of original and adversarial example drawn as HTML, PDF and PNG."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqattack.io import write_text
from seqattack.report.examples import PREDICTED, RULE, Example, Piece, caption, class_tints
from seqattack.report.figures import RED, TINTS, save, style
from seqattack.report.page import render
from seqattack.text import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE = 104
"""Characters in a line of the PDF."""
SIZE = 7.0
"""Size of its letters in points."""
CHARACTER = 0.602 * SIZE / 72
"""Width of a character of DejaVu Sans Mono in inches."""
LEADING = 0.2
"""Distance from line to line in inches."""

GREY = "#555555"
"""The colour of a right prediction."""


def write_examples(
    examples: Sequence[Example],
    title: str,
    stem: str | Path,
    rule: str = RULE,
    meaning: str = PREDICTED,
) -> None:
    """Write examples as ``.html``, ``.pdf`` and ``.png``.

    Args:
        examples: The examples; without any, the files say so.
        title: The figure's title.
        stem: Path without the ending.
        rule: How the examples were chosen.
        meaning: What colours and lines mean; see `seqattack.report.examples.caption`.
    """
    notes = caption(examples, rule, meaning)
    write_text(f"{stem}.html", to_html(examples, title, notes))
    _draw(examples, title, stem, notes)


def to_html(examples: Sequence[Example], title: str, notes: str) -> str:
    """Return examples as a self-contained page; all text from the corpus is escaped.

    Args:
        examples: The examples to show.
        title: The page's heading.
        notes: The caption.
    """
    return render(
        "examples.html.jinja",
        title=title,
        examples=examples,
        tints=class_tints(examples),
        caption=notes,
    )


def _draw(examples: Sequence[Example], title: str, stem: str | Path, text: str) -> None:
    import matplotlib.pyplot as plt

    tints = {name: TINTS[k] for name, k in class_tints(examples).items()}
    rows = [[_wrapped(line) for line in example.lines] for example in examples]
    title, notes = printable(title), textwrap.wrap(printable(text), LINE)
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
            for line in (line for lines in example for line in lines):
                y -= LEADING
                for column, piece in line:
                    _draw_piece(axes, column, y, piece, tints)
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


def _draw_piece(axes: Axes, column: int, y: float, piece: Piece, tints: Mapping[str, str]) -> None:
    """Draw a piece that begins at a column: its tint, its tokens and its label."""
    from matplotlib.patches import Rectangle

    if piece.name:
        corner = ((column + 1.7) * CHARACTER, y - 0.42 * LEADING)
        size = ((_length(piece) + 0.6) * CHARACTER, 0.84 * LEADING)
        axes.add_patch(Rectangle(corner, *size, color=tints[piece.name], linewidth=0))
    for token, changed in piece.tokens:
        _write(axes, column, y, token, "#111111")
        if changed:
            x = (column + 2) * CHARACTER
            below = y - 0.36 * LEADING
            axes.plot([x, x + len(token) * CHARACTER], [below] * 2, color=RED, linewidth=1)
        column += len(token) + 1
    if piece.label:
        _write(axes, column, y, piece.label, RED if piece.is_wrong else GREY, "bold")


def _write(
    axes: Axes, column: int, y: float, text: str, colour: str, weight: str = "normal"
) -> None:
    axes.text(
        (column + 2) * CHARACTER,
        y,
        text,
        family="DejaVu Sans Mono",
        size=SIZE,
        color=colour,
        weight=weight,
        va="center",
    )
