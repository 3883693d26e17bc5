"""Tables as CSV, Markdown, LaTeX and text: our figures, and the paper's beside them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from seqattack.metrics.metric import Kind, Metric, Of, Value, find_metric, show, show_interval
from seqattack.metrics.summary import AttackSummary
from seqattack.report.names import recipe_name, table_name, victim_title
from seqattack.text import markdown, printable, spreadsheet

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Args:
        key: The metric's key, which is the column's name in CSV files.
        heading: What a reader sees.
        kind: How the figures are shown; ``percent`` shows fractions as percentages.
        arrow: ``↑`` or ``↓``: whether higher or lower is better for the attack.
    """

    key: str
    heading: str
    kind: Kind = "percent"
    arrow: str = ""

    @classmethod
    def of(cls, metric: Metric) -> Column:
        """Return the column of a metric."""
        return cls(metric.key, metric.heading, metric.kind, metric.direction.value)

    @property
    def title(self) -> str:
        """The heading with its arrow."""
        return f"{self.heading} {self.arrow}".strip()


def columns_of(*keys: str) -> tuple[Column, ...]:
    """Return the columns of several metrics, by their keys."""
    return tuple(Column.of(find_metric(key)) for key in keys)


@dataclass(frozen=True, slots=True)
class Cell:
    """The parts of a cell as a reader sees them; empty where there is none.

    Args:
        figure: Our figure.
        interval: Its 95 % interval in brackets.
        paper: The paper's figure.
        spread: The standard deviation of ours over seeds or draws.
    """

    figure: str
    interval: str = ""
    paper: str = ""
    spread: str = ""

    @property
    def ours(self) -> str:
        """Our figure, with its standard deviation."""
        return f"{self.figure} ± {self.spread}" if self.spread else self.figure

    @property
    def text(self) -> str:
        """Our figure, and the paper's in parentheses."""
        return f"{self.ours} ({self.paper})" if self.paper else self.ours


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Args:
        label: Its name.
        values: Our figures by column; None where a figure is not defined.
        paper: The paper's figures by column.
        intervals: 95 % intervals by column.
        n: By column, the number of sentences or examples that the figure is of.
        key: The row's name in claims.
        spread: By column, the standard deviation of a figure that is a mean over seeds or draws.
        sources: Ids of what stands behind it, such as ``comparison/clare``.
    """

    label: str
    values: Mapping[str, Value]
    paper: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    n: Mapping[str, int] = field(default_factory=dict)
    key: str = ""
    spread: Mapping[str, float] = field(default_factory=dict)
    sources: Sequence[str] = ()

    @property
    def count(self) -> int | None:
        """The number of sentences that the row is of, where no column of its own says so."""
        if {"n", "attacked", "examples"} & set(self.values) or not self.n:
            return None
        return max(self.n.values())

    def cell(self, column: Column) -> Cell:
        """Return a cell.

        >>> row = Row("one", {"f1": 0.5}, {"f1": 0.51}, {"f1": (0.4, 0.6)})
        >>> row.cell(Column("f1", "F1"))
        Cell(figure='50%', interval='[40, 60]', paper='51%', spread='')
        """
        key, kind = column.key, column.kind
        if key not in self.values and key not in self.paper:
            return Cell("")
        return Cell(
            show(self.values.get(key), kind),
            show_interval(self.intervals[key], kind) if key in self.intervals else "",
            show(self.paper[key], kind) if key in self.paper else "",
            show(self.spread[key], kind) if key in self.spread else "",
        )


@dataclass(frozen=True)
class Table:
    """A table with everything that it is written from.

    Args:
        id: Its file's name, such as ``table1``.
        caption: What it shows, and the assumptions behind it, without the table's name.
        corner: The heading of the rows' names.
        columns: From left to right.
        rows: From top to bottom.
        further: Columns that only the long form has.
        of_run: Sentences behind the caption that hold for one run only, not for means over seeds.
    """

    id: str
    caption: str
    corner: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    further: Sequence[Column] = ()
    of_run: str = ""

    @cached_property
    def figures(self) -> pd.DataFrame:
        """The long form: one line for each figure, of which nothing is rounded.

        Columns: row, metric, ours, low and high (the 95 % interval), sd (over seeds or draws), n
        and paper.
        """
        lines = [
            {
                "row": row.label,
                "metric": column.key,
                "ours": row.values[column.key],
                **dict(zip(("low", "high"), row.intervals.get(column.key, ()), strict=False)),
                "sd": row.spread.get(column.key),
                "n": row.n.get(column.key),
                "paper": row.paper.get(column.key),
            }
            for row in self.rows
            for column in (*self.columns, *self.further)
            if column.key in row.values
        ]
        # Objects, so that an integer stays one beside a missing figure.
        return _frame(lines, ["row", "metric", "ours", "low", "high", "sd", "n", "paper"])

    @cached_property
    def wide(self) -> pd.DataFrame:
        """One line for each row, with plain figures.

        Beside a metric's column stand the paper's figures (``_paper``) and the standard deviations
        over seeds or draws (``_sd``), where there are any.
        """
        parts = {"": "values", "_sd": "spread", "_paper": "paper"}
        names = {
            f"{column.key}{ending}": (column.key, part)
            for column in self.columns
            for ending, part in parts.items()
            if not ending or any(column.key in getattr(row, part) for row in self.rows)
        }
        lines = [
            {"row": row.label}
            | {name: getattr(row, part).get(key) for name, (key, part) in names.items()}
            for row in self.rows
        ]
        return _frame(lines, ["row", *names])

    @cached_property
    def shown(self) -> pd.DataFrame:
        """What a reader sees: one line for each row, headings as columns, cells as text."""
        return _frame(self.lines, self.headings)

    @property
    def headings(self) -> list[str]:
        """What a reader sees above the columns."""
        return [self.corner, *(column.title for column in self.columns)]

    @property
    def lines(self) -> list[list[str]]:
        """What a reader sees below: the cells of each row, its name first."""
        return [[row.label, *(row.cell(each).text for each in self.columns)] for row in self.rows]

    @property
    def whole_caption(self) -> str:
        """The caption with the sentences that hold for one run only."""
        return f"{self.caption} {self.of_run}".rstrip()

    @property
    def note(self) -> str:
        """The whole caption, and what the parentheses of `shown` mean."""
        note = " In parentheses: the paper's figure." if any(row.paper for row in self.rows) else ""
        return f"{self.whole_caption}{note}"

    @property
    def titled(self) -> str:
        """`note` after the table's name, where nothing else says it."""
        return f"{table_name(self.id)}. {self.note}"

    def to_json(self) -> dict[str, Any]:
        """Return the table as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Table:
        """Return the table that `to_json` wrote, also that of an older version."""
        columns, further = (
            [Column(**each) for each in value.get(name, ())] for name in ("columns", "further")
        )
        rows = [
            Row(**each | {"intervals": {k: (low, high) for k, (low, high) in bounds.items()}})
            for each in value["rows"]
            for bounds in [each["intervals"]]
        ]
        return cls(**{**value, "columns": columns, "rows": rows, "further": further})


def to_csv(table: Table) -> str:
    """Return `Table.wide` as CSV: plain numbers, percentages as fractions."""
    return _csv(table.wide)


def to_long_csv(table: Table) -> str:
    """Return `Table.figures` as CSV: one line for each figure, with its interval and n."""
    return _csv(table.figures)


def to_markdown(table: Table) -> str:
    """Return the table in Markdown, its caption below."""
    frame = table.shown.map(markdown).rename(columns=markdown)
    aligned = ("left", *("right" for _ in table.columns))
    text = frame.to_markdown(index=False, tablefmt="pipe", disable_numparse=True, colalign=aligned)
    return f"{text}\n\n{markdown(table.titled)}\n"


LABEL_WIDTH = 60
"""The most characters of a row's name in a line of a terminal."""


def to_text(table: Table, width: int = 160) -> str:
    """Return the table as plain text for a terminal, its caption below.

    Args:
        table: The table.
        width: Characters of a line.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    # The paper's figure goes below ours, so the table stays narrow.
    first, *others = map(_stacked, table.headings)
    lines = [list(map(_stacked, cells)) for cells in table.lines]
    drawn = RichTable(box=SIMPLE_HEAD, padding=(0, 1))
    is_short = all(len(name) <= LABEL_WIDTH for name, *_ in lines)
    drawn.add_column(Text(first), no_wrap=is_short, max_width=None if is_short else LABEL_WIDTH)
    for heading in others:
        drawn.add_column(Text(heading), justify="right")
    for cells in lines:
        drawn.add_row(*map(Text, cells))
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, highlight=False)
    console.print(drawn)
    console.print(Text(printable(table.titled)))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _frame(lines: Sequence[Any], columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(lines, columns=list(columns), dtype=object)


def _csv(frame: pd.DataFrame) -> str:
    text = frame.map(_plain).rename(columns=spreadsheet)
    return text.to_csv(index=False, lineterminator="\n")


def _plain(value: Value) -> str:
    """Return a figure with six decimals, unless it is tiny, or text that is no formula."""
    if value is None or value != value:  # pandas has NaN where a dictionary lacks a key
        return ""
    if isinstance(value, str):
        return spreadsheet(value)
    return repr(round(value, 6)) if isinstance(value, float) and abs(value) > 1e-3 else str(value)


def _stacked(text: str) -> str:
    return printable(text).replace(" (", "\n(")


ATTACK_COLUMNS = columns_of(
    "precision",
    "recall",
    "f1",
    "token_accuracy",
    "attack_rate",
    "modification_rate",
    "labels_score",
    "similarity",
    "grammar_error_change",
    "attacked",
    "successes",
    "timeouts",
    "queries",
)
"""The columns of a table of attacks."""

FURTHER_ATTACK_COLUMNS = columns_of("entity_attack_rate", "positional_modification_rate")
"""Those that only its long form has."""


def summary_table(summaries: Sequence[AttackSummary]) -> Table:
    """Return a table of attacks, one row for each.

    Args:
        summaries: At least one; measured by the same sentence encoder and grammar checker.

    Example:
        >>> print(to_text(summary_table(summaries)))  # doctest: +SKIP
    """
    rows = [
        attack_row(each, f"{recipe_name(each.recipe)} on {victim_title(each.victim)}")
        for each in summaries
    ]
    goals = ", ".join(dict.fromkeys(each.goal for each in summaries))
    caption = f"Goal: {goals}. {how_to_read(summaries[0])}"
    return Table("attacks", caption, "Attack", ATTACK_COLUMNS, rows, FURTHER_ATTACK_COLUMNS)


def attack_row(
    summary: AttackSummary,
    label: str,
    key: str = "",
    paper: Mapping[str, float] | None = None,
    sources: Sequence[str] = (),
) -> Row:
    """Return the row of an attack.

    Args:
        summary: The attack's figures.
        label: The row's name.
        key: The row's name in claims.
        paper: The paper's figures by column.
        sources: Ids of what stands behind the row.
    """
    columns = (*ATTACK_COLUMNS, *FURTHER_ATTACK_COLUMNS)
    values = {column.key: getattr(summary, column.key) for column in columns}
    metrics = [find_metric(column.key) for column in columns]
    n = {each.key: n for each in metrics if (n := summary.sample_size(each)) is not None}
    return Row(label, values, paper or {}, summary.intervals, n, key, sources=sources)


def how_to_read(summary: AttackSummary, columns: Sequence[Column] = ATTACK_COLUMNS) -> str:
    """Return what the columns of a table of attacks mean.

    Args:
        summary: One of its attacks, which names the sentence encoder and the grammar checker.
        columns: The table's columns, all of metrics.
    """
    measured = {
        "similarity": f" ({summary.similarity_backend})",
        "grammar_error_change": f" ({summary.grammar_backend})",
    }
    groups = {
        Of.SUBSET: "Over the subset, each success replaced by its adversarial example (seqeval, "
        "strict IOB2): ",
        Of.SUCCESSES: "Means over successes: ",
        Of.ATTACKED: "",
        Of.NOTHING: "",
    }
    metrics = [find_metric(column.key) for column in columns]
    sentences = []
    for of, start in groups.items():
        meanings = (
            f"{m.heading} = {m.meaning if start else m.explanation}{measured.get(m.key, '')}"
            for m in metrics
            if m.of is of
        )
        sentences.append(f"{start}{'; '.join(meanings)}.")
    return f"{' '.join(sentences)} ↑ (↓): higher (lower) is better for the attack."
