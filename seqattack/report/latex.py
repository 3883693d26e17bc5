"""Tables and figures as LaTeX floats, for pages of one and of two columns."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqattack.text import latex

if TYPE_CHECKING:
    from seqattack.report.tables import Cell, Column, Row, Table

NARROW = frozenset(
    [
        *("f1_before", "f1", "attack_rate", "modification_rate", "labels_score", "verdict"),
        *("metric", "difference", "p", "found", "type", "boundary", "missed"),
        *("rank", "ranks", "mean_f1"),
    ]
)
"""The columns that the narrow variant of a table keeps, where it has more than `FEW`."""

FEW = 4
"""The most columns of a narrow table, the rows' names left out."""

SHRUNK = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{"
"""Begins what is made smaller where it is wider than the line."""

SHORT = {
    "precision": "Prec. (Acc)",
    "token_accuracy": "Token acc.",
    "successes": "Succ.",
    "timeouts": "Time out",
    "queries": "Quer.",
    "positional_modification_rate": "Mod by pos.",
    "only_invented": "Only inv.",
}
"""Shorter headings; the caption says what the columns mean."""

HEADING = 7
"""The most characters of a line of a heading; a longer word has a line of its own."""

MANY = 16
"""From so many columns on, headings are turned by 90 degrees."""

LONG_NAME, LONG_TEXT = 22, 15
"""The most characters of a row's name and of a text in a cell that are not broken."""

TEXT_WIDTH = {False: 0.12, True: 0.24}
"""The width of a broken text in a cell as a share of the line, by `narrow`."""

NOTE_WIDTH = {False: 0.12, True: 0.2}
"""The same of a note that stands instead of a figure."""

CHARACTERS = {False: 95, True: 40}
"""Characters of a line as wide as the page or the column."""

PAGE, NARROW_PAGE = 36, 38
"""The most lines of a float; with its caption, it fills a page or a column."""


def to_latex(table: Table, narrow: bool = False) -> str:
    r"""Return a table as a LaTeX float; it needs the packages booktabs, array and graphicx.

    The paper's figures stand below ours in italics, and deviations are subscripts. Row names and
    texts that are too long for a line are broken, a table that is wider than the line is made
    smaller, and one that is longer than a page is continued in further floats.

    Args:
        table: The table.
        narrow: For one column of a page of two, with the most important columns and without the
            paper's figures; otherwise for its whole width (``table*``).
    """
    columns = narrow_columns(table) if narrow else table.columns
    name = f"tab:{_label(table.id)}{'-narrow' if narrow else ''}"
    has_paper = not narrow and any(row.paper for row in table.rows)
    note = " In italics: the paper's figure." if has_paper else ""
    caption = rf"\caption{{{latex(table.whole_caption + note)}}}\label{{{name}}}"
    floats = []
    for rows in _pages(table.rows, columns, narrow):
        floats.append(_float(table, columns, rows, caption, narrow))
        caption = r"\addtocounter{table}{-1}\caption{Continued.}"
    return "\n".join(floats)


def _float(
    table: Table, columns: Sequence[Column], rows: Sequence[Row], caption: str, narrow: bool
) -> str:
    float_ = "table" if narrow else "table*"
    titles = (f"{SHORT.get(each.key, each.heading)} {each.arrow}".strip() for each in columns)
    heading = _turned if len(columns) >= MANY else _heading
    headings = [_heading(table.corner), *map(heading, titles)]
    lines = [line for row in rows for line in _lines(row, columns, narrow)]
    return "\n".join(
        (
            rf"\begin{{{float_}}}",
            rf"\centering\{'footnotesize' if narrow else 'small'}\setlength{{\tabcolsep}}{{2pt}}",
            rf"{SHRUNK}\begin{{tabular}}{{{_format(table, columns, narrow)}}}",
            r"\toprule",
            rf"{' & '.join(headings)} \\",
            r"\midrule",
            *(rf"{line} \\" for line in lines),
            r"\bottomrule",
            r"\end{tabular}}",
            caption,
            rf"\end{{{float_}}}",
            "",
        )
    )


def _pages(rows: Sequence[Row], columns: Sequence[Column], narrow: bool) -> list[list[Row]]:
    """Return the rows of each float; a long name or text takes several lines."""
    broken = [column for column in columns if _is_broken(column, rows)]
    name = round(_name_width(columns, narrow) * CHARACTERS[narrow])
    text = round(min(TEXT_WIDTH[narrow], NOTE_WIDTH[narrow]) * CHARACTERS[narrow])
    pages: list[list[Row]] = [[]]
    full, most = 0, NARROW_PAGE if narrow else PAGE
    for row in rows:
        cells = (_height(row.cell(column).ours, text) for column in broken)
        lines = max(_height(row.label, name), *cells, 1)
        lines += bool(row.paper) and not narrow
        if full + lines > most:
            pages.append([])
            full = 0
        pages[-1].append(row)
        full += lines
    return pages


def _height(text: str, characters: int) -> int:
    """Return how many lines a text takes where a line has so many characters.

    >>> _height("grammar error change", 11)
    3
    """
    return len(textwrap.wrap(text, characters))


def _is_broken(column: Column, rows: Sequence[Row]) -> bool:
    """Whether the texts of a column are too long for one line each."""
    return any(len(row.cell(column).ours) > LONG_TEXT for row in rows)


def _name_width(columns: Sequence[Column], narrow: bool) -> float:
    """Return the width of a broken name as a share of the line."""
    if narrow:
        return 0.31 if len(columns) > 2 else 0.65
    return 0.4 if len(columns) < 5 else 0.24 if len(columns) < 10 else 0.18


def narrow_columns(table: Table) -> Sequence[Column]:
    """Return the columns of a table's narrow variant."""
    kept = [column for column in table.columns if column.key in NARROW]
    if len(table.columns) > FEW and kept:
        return kept[:FEW]
    return [column for column in table.columns if column.kind != "text"][: FEW - 1]


def figure_to_latex(image: str, caption: str, label: str, wide: bool) -> str:
    r"""Return a figure as a LaTeX float; it needs the package graphicx.

    Args:
        image: The image's file, from the folder of the document or of ``\graphicspath``.
        caption: Its caption, in plain text.
        label: What a reference names, after ``fig:``.
        wide: Whether it is as wide as a page of two columns (``figure*``).
    """
    float_ = "figure*" if wide else "figure"
    return (
        f"\\begin{{{float_}}}\n\\centering\n\\includegraphics{{{image}}}\n"
        f"\\caption{{{latex(caption)}}}\n\\label{{fig:{_label(label)}}}\n\\end{{{float_}}}\n"
    )


def _label(name: str) -> str:
    """Return a name that LaTeX takes for a label.

    >>> _label("figure4-a_b")
    'figure4-a-b'
    """
    return re.sub(r"[^A-Za-z0-9-]+", "-", name)


def _lines(row: Row, columns: Sequence[Column], narrow: bool) -> list[str]:
    """Return a row's line, and the paper's figures as a second one."""
    cells = [row.cell(column) for column in columns]
    ours = " & ".join([latex(row.label), *map(_ours, cells)])
    if narrow or not any(cell.paper for cell in cells):
        return [ours]
    paper = (rf"\textit{{{latex(cell.paper)}}}" if cell.paper else "" for cell in cells)
    return [ours, " & ".join(["", *paper])]


def _ours(cell: Cell) -> str:
    r"""Return our figure, with its standard deviation as a subscript without a unit.

    >>> from seqattack.report.tables import Cell
    >>> print(_ours(Cell("43%", spread="2%")))
    43\%\textsubscript{$\pm$2}
    """
    spread = cell.spread.removesuffix("%")
    return latex(cell.figure) + (rf"\textsubscript{{$\pm${latex(spread)}}}" if spread else "")


def _heading(title: str) -> str:
    r"""Return a heading in as many lines as it needs.

    >>> _heading("Precision (Acc in the paper)")
    '\\scriptsize\\shortstack{Precision\\\\(Acc in\\\\the\\\\paper)}'
    """
    lines = textwrap.wrap(title, HEADING, break_long_words=False, break_on_hyphens=False)
    stacked = r"\\".join(map(latex, lines))
    return rf"\scriptsize\shortstack{{{stacked}}}"


def _turned(title: str) -> str:
    r"""Return a heading that is as wide as its column of figures.

    >>> print(_turned("F1, CLARE"))
    \scriptsize\rotatebox{90}{F1, CLARE}
    """
    return rf"\scriptsize\rotatebox{{90}}{{{latex(title)}}}"


def _format(table: Table, columns: Sequence[Column], narrow: bool) -> str:
    """Return the columns' alignment: figures to the right, long texts broken."""
    widths = (_name_width(columns, narrow), TEXT_WIDTH[narrow], NOTE_WIDTH[narrow])
    name, text, note = (
        rf">{{\raggedright\arraybackslash}}p{{{width:.2f}\linewidth}}" for width in widths
    )
    longest = max((len(row.label) for row in table.rows), default=0)
    parts = [name if longest > LONG_NAME else "l"]
    for column in columns:
        short, broken = ("l", text) if column.kind == "text" else ("r", note)
        parts.append(broken if _is_broken(column, table.rows) else short)
    return "".join(parts)
