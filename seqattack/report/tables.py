"""Tables as CSV, Markdown, LaTeX and text: our figures, and the paper's beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from seqattack.io import write_json, write_text
from seqattack.report.text import printable

Kind = Literal["percent", "number", "count", "p", "text"]
Value = float | int | str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Args:
        key: The metric's name, in the CSV files too.
        heading: What a reader sees.
        kind: ``percent`` for fractions shown as percentages.
        arrow: ``↑`` or ``↓``: whether higher or lower is better for the attack.
    """

    key: str
    heading: str
    kind: Kind = "percent"
    arrow: str = ""

    @property
    def title(self) -> str:
        """The heading with its arrow."""
        return f"{self.heading} {self.arrow}".strip()


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Args:
        label: Its name.
        values: Our figures by column; None where there is none (no attack succeeded, say).
        paper: The paper's figures by column.
        intervals: 95 % intervals by column.
        n: By column, how many sentences or examples the figure is of.
        key: What claims call the row.
        spread: By column, the standard deviation over seeds of a figure that is a mean over them.
        sources: What stands behind it, as the report calls it: ``comparison/clare``, say.
    """

    label: str
    values: Mapping[str, Value]
    paper: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    n: Mapping[str, int] = field(default_factory=dict)
    key: str = ""
    spread: Mapping[str, float] = field(default_factory=dict)
    sources: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table with everything that it is written from.

    Args:
        id: Its file's name, such as ``table1``.
        caption: What it shows, and the assumptions behind it.
        corner: The heading of the rows' names.
        columns: From left to right.
        rows: From top to bottom.
    """

    id: str
    caption: str
    corner: str
    columns: Sequence[Column]
    rows: Sequence[Row]

    def to_json(self) -> dict[str, Any]:
        """Return the table as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Table:
        """Return the table that `to_json` wrote."""
        columns = [Column(**each) for each in value["columns"]]
        rows = [
            Row(**each | {"intervals": {k: (low, high) for k, (low, high) in bounds.items()}})
            for each in value["rows"]
            for bounds in [each["intervals"]]
        ]
        return cls(**{**value, "columns": columns, "rows": rows})


def show(value: Value, kind: Kind) -> str:
    """Return a figure as a reader sees it.

    >>> show(0.478, "percent"), show(1.5439, "number"), show(None, "percent"), show(2.42e-9, "p")
    ('48%', '1.54', '–', '2.4e-09')
    """
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if kind == "percent":
        return f"{100 * value:.0f}%"
    if kind == "count":
        return f"{value:.0f}"
    if kind == "p":
        return f"{value:.2g}"
    return f"{value:.2f}"


def cell(row: Row, column: Column) -> str:
    """Return a cell: our figure, and the paper's in parentheses where it has one."""
    ours = show(row.values.get(column.key), column.kind)
    if column.key in row.spread:
        ours += f" ± {show(row.spread[column.key], column.kind)}"
    if column.key not in row.paper:
        return ours if column.key in row.values else ""
    return f"{ours} ({show(row.paper[column.key], column.kind)})"


def _printed_caption(table: Table) -> str:
    """Return the caption, and what the parentheses of `cell` hold."""
    note = " In parentheses: the paper's figure." if any(row.paper for row in table.rows) else ""
    return f"{table.caption}{note}"


def to_markdown(table: Table) -> str:
    """Return the table in Markdown, its caption below."""
    head = [table.corner, *(column.title for column in table.columns)]
    lines = [
        _markdown_line(head),
        _markdown_line(["---", *("---:" for _ in table.columns)]),
        *(
            _markdown_line([row.label, *(cell(row, column) for column in table.columns)])
            for row in table.rows
        ),
    ]
    return "\n".join(lines) + f"\n\n{_markdown(_printed_caption(table))}\n"


def _markdown_line(cells: Sequence[str]) -> str:
    return (
        f"| {' | '.join(text if set(text) <= {'-', ':'} else _markdown(text) for text in cells)} |"
    )


def _markdown(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;")
    for character in "|*_`[]":
        escaped = escaped.replace(character, "\\" + character)
    return escaped


_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    # Behind a line's end they would be its options.
    "[": "{[}",
    "*": "{*}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "Δ": r"$\Delta$",
    "–": "--",
}


def latex(text: str) -> str:
    r"""Return text with everything that LaTeX would take for a command escaped.

    >>> print(latex("50% of a_b"))
    50\% of a\_b
    """
    return "".join(_LATEX.get(character, character) for character in printable(text))


def to_latex(table: Table) -> str:
    """Return the table as a LaTeX float; it needs the package booktabs."""
    head = [table.corner, *(column.title for column in table.columns)]
    rows = [[row.label, *(cell(row, column) for column in table.columns)] for row in table.rows]
    body = [r"  \toprule", _latex_line(head), r"  \midrule", *map(_latex_line, rows)]
    return "\n".join(
        [
            r"\begin{table*}",
            r"  \centering",
            rf"  \begin{{tabular}}{{l{'r' * len(table.columns)}}}",
            *body,
            r"  \bottomrule",
            r"  \end{tabular}",
            rf"  \caption{{{latex(_printed_caption(table))}}}",
            rf"  \label{{tab:{latex(table.id)}}}",
            r"\end{table*}",
            "",
        ]
    )


def _latex_line(cells: Sequence[str]) -> str:
    return "  " + " & ".join(map(latex, cells)) + r" \\"


def to_csv(table: Table) -> str:
    """Return plain numbers, percentages as fractions.

    The paper's figures are in columns ending in _paper, deviations over seeds in such in _sd.
    """
    columns = []
    for column in table.columns:
        columns.append((column.key, "values"))
        for kind in ("spread", "paper"):
            if any(column.key in getattr(row, kind) for row in table.rows):
                columns.append((column.key, kind))
    endings = {"values": "", "spread": "_sd", "paper": "_paper"}
    head = [f"{key}{endings[kind]}" for key, kind in columns]
    rows = [
        [row.label, *(_number(getattr(row, kind).get(key)) for key, kind in columns)]
        for row in table.rows
    ]
    return _csv([["row", *head], *rows])


def to_long_csv(table: Table) -> str:
    """Return one line a figure: row, metric, ours, its interval, deviation, n, and the paper's."""
    lines = [["row", "metric", "ours", "low", "high", "sd", "n", "paper"]]
    for row in table.rows:
        for column in table.columns:
            if column.key not in row.values:
                continue
            low, high = row.intervals.get(column.key, (None, None))
            spread = row.spread.get(column.key)
            figures = (row.values[column.key], low, high, spread, row.n.get(column.key))
            paper = row.paper.get(column.key)
            lines.append([row.label, column.key, *map(_number, (*figures, paper))])
    return _csv(lines)


def _number(value: Value) -> str:
    if value is None:
        return ""
    return repr(round(value, 6)) if isinstance(value, float) and value > 1e-3 else str(value)


def _csv(lines: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [_inert(printable(text)) for text in line] for line in lines
    )
    return out.getvalue()


def _inert(text: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    is_number = text.replace("-", "").replace("+", "").replace("e", "").replace(".", "").isdigit()
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") and not is_number else text


def to_text(table: Table, width: int = 160) -> str:
    """Return the table as plain text for the terminal, its caption below."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(box=SIMPLE_HEAD, padding=(0, 1))
    drawn.add_column(Text(printable(table.corner)), no_wrap=True)
    for column in table.columns:
        title = Text(printable(column.title).replace(" (", "\n("))
        drawn.add_column(title, justify="right")
    for row in table.rows:
        cells = (row.label, *(cell(row, column) for column in table.columns))
        # The paper's figure goes below ours: the table stays narrow.
        drawn.add_row(*(Text(printable(text).replace(" (", "\n(")) for text in cells))
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, highlight=False)
    console.print(drawn)
    console.print(Text(printable(_printed_caption(table))))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def write_table(table: Table, folder: str | Path) -> None:
    """Write a table as CSV, Markdown, LaTeX and JSON; the same bytes every time.

    ``-long.csv`` holds intervals and n, ``.json`` everything that the report is made of.

    Args:
        table: The table.
        folder: Where the files go.
    """
    stem = Path(folder) / table.id
    write_text(f"{stem}.csv", to_csv(table))
    write_text(f"{stem}-long.csv", to_long_csv(table))
    write_text(f"{stem}.md", to_markdown(table))
    write_text(f"{stem}.tex", to_latex(table))
    write_json(f"{stem}.json", table.to_json())
