"""Pairs of original and adversarial example drawn as HTML, PDF, SVG and PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from seqattack.explain.marks import Marked
from seqattack.io import write_text
from seqattack.report.example_figures import ExampleFigure
from seqattack.report.examples import Example, Piece
from seqattack.report.figures import COLUMN, PAGE, save, style, write_caption
from seqattack.report.page import render
from seqattack.report.style import COLOURS, INK, RED, SHAPES, SOFT, Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE, SMALL = 7.5, 5.5
"""Sizes of tokens and labels in points."""
SPACE = 3.0
"""Distance between tokens in points."""
LEADING = 13.0
"""Distance from line to line in points."""
GAP = 6.0
"""Distance between examples in points, also half of it between original and adversarial text."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A token with its place.

    Args:
        x: Where it begins, in points.
        token: The token in parts.
        piece: The piece that it belongs to.
        is_last: Whether the piece's label stands after it.
    """

    x: float
    token: Marked
    piece: Piece
    is_last: bool

    @property
    def width(self) -> float:
        """The token's width in points."""
        return sum(text_width(part.text) or 1.0 for part in self.token)

    @property
    def end(self) -> float:
        """Where the token and its label end, in points."""
        label = text_width(self.piece.label, SMALL) + 2.0 if self._has_label else 0.0
        return self.x + self.width + label

    @property
    def _has_label(self) -> bool:
        return self.is_last and bool(self.piece.label)


@cache
def text_width(text: str, size: float = SIZE) -> float:
    """Return the width of a text in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(family="DejaVu Sans", size=size)
    return float(TextToPath().get_text_width_height_descent(text, font, ismath=False)[0])


def write_examples(figure: ExampleFigure, looks: Mapping[str, Look], stem: str | Path) -> None:
    """Write a figure of examples as ``.html``, ``.pdf``, ``.svg`` and ``.png``, and its caption.

    It is as wide as one column, unless a token is too long for that.

    Args:
        figure: Without examples, the files say so.
        looks: The look of each class of the run.
        stem: Path without the ending.
    """
    write_text(f"{stem}.html", to_html(figure, looks))
    is_wide = not fits(figure.examples, 72 * COLUMN)
    _draw(figure.examples, looks, 72 * (PAGE if is_wide else COLUMN), stem)
    write_caption(stem, figure.caption, is_wide)


def to_html(figure: ExampleFigure, looks: Mapping[str, Look]) -> str:
    """Return a figure as a self-contained page; all text from the corpus is escaped.

    Args:
        figure: The figure.
        looks: The look of each class of the run.
    """
    return render("examples.html.jinja", figure=figure, looks=looks)


def fits(examples: Sequence[Example], width: float) -> bool:
    """Whether every token has room in a line.

    Args:
        examples: What is drawn.
        width: Of a line, in points.
    """
    lines = (line for example in examples for line in example.lines)
    return all(each.end - each.x <= width for line in lines for each in _all_placed(line))


def _draw(
    examples: Sequence[Example], looks: Mapping[str, Look], width: float, stem: str | Path
) -> None:
    import matplotlib.pyplot as plt

    texts = [[_wrapped(line, width) for line in example.lines] for example in examples]
    count = sum(len(lines) for example in texts for lines in example)
    gaps = sum(GAP / 2 * len(example) for example in texts) + GAP / 2 * len(texts)
    height = max(1, count) * LEADING + gaps
    with style(SIZE):
        figure = plt.figure(figsize=(width / 72, height / 72))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(-1, width + 1), ylim=(0, height))
        axes.set_axis_off()
        y = height - LEADING / 2
        if not examples:
            _write(axes, 0, y, "This run has no such example.", SOFT, SIZE)
        for example in texts:
            for lines in example:
                for line in lines:
                    _draw_line(axes, line, y, looks)
                    y -= LEADING
                y -= GAP / 2
            y -= GAP / 2
        save(figure, stem)


def _all_placed(line: Sequence[Piece]) -> list[Placed]:
    return [
        Placed(0.0, token, piece, number == len(piece.tokens) - 1)
        for piece in line
        for number, token in enumerate(piece.tokens)
    ]


def _wrapped(line: Sequence[Piece], width: float) -> list[list[Placed]]:
    """Return a text's lines, each token with its place."""
    lines: list[list[Placed]] = [[]]
    x = 0.0
    for each in _all_placed(line):
        if lines[-1] and x + each.end > width:
            lines.append([])
            x = 0.0
        placed = Placed(x, each.token, each.piece, each.is_last)
        lines[-1].append(placed)
        x = placed.end + SPACE
    return lines


def _draw_line(axes: Axes, line: Sequence[Placed], y: float, looks: Mapping[str, Look]) -> None:
    pieces = dict.fromkeys(id(each.piece) for each in line)
    for key in pieces:
        own = [each for each in line if id(each.piece) == key]
        if own[0].piece.name:
            _draw_box(axes, own[0].x, own[-1].end, y, looks[own[0].piece.name])
        for each in own:
            _draw_token(axes, each, y)


def _draw_box(axes: Axes, start: float, end: float, y: float, look: Look) -> None:
    from matplotlib.patches import FancyBboxPatch

    colour, shape = COLOURS[look.colour], SHAPES[look.shape]
    height = 0.78 * LEADING
    rounding = shape.rounding * height / 2
    box = FancyBboxPatch(
        (start - 0.8, y - height / 2),
        end - start + 1.6,
        height,
        boxstyle=f"round,pad=0,rounding_size={rounding}" if rounding else "square,pad=0",
        facecolor=colour.tint,
        edgecolor=colour.edge,
        linestyle=shape.line,
        linewidth=0.6,
    )
    axes.add_patch(box)


def _draw_token(axes: Axes, placed: Placed, y: float) -> None:
    x = placed.x
    for part in placed.token:
        width = text_width(part.text)
        if part.text:
            _write(axes, x, y, part.text, RED if part.changed else INK, SIZE)
        if part.changed and part.text:
            axes.plot([x, x + width], [y - 0.3 * LEADING] * 2, color=RED, linewidth=0.8)
        elif part.changed:
            axes.plot([x + 0.5] * 2, [y - 0.3 * LEADING, y + 0.3 * LEADING], color=RED, linewidth=1)
        x += width or 1.0
    if placed.is_last and placed.piece.label:
        colour = RED if placed.piece.is_wrong else SOFT
        _write(axes, x + 2.0, y - 1.0, placed.piece.label, colour, SMALL)


def _write(axes: Axes, x: float, y: float, text: str, colour: str, size: float) -> None:
    axes.text(x, y - 0.2 * SIZE, text, size=size, color=colour, va="baseline", parse_math=False)
