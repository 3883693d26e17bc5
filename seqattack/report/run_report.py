"""The report of a run: one page with its tables, claims, figures, examples and provenance."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from seqattack.pipeline.config import Config
from seqattack.report.examples import RULE, Example, class_tints
from seqattack.report.page import render
from seqattack.report.sources import EXAMPLES, Source, as_yaml
from seqattack.report.tables import Column, Row, Table, show


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """A figure of the report: an image, or examples.

    Args:
        id: Where links lead.
        title: Its heading.
        caption: What it shows, and the assumptions behind it.
        sources: What stands behind it.
        image: A PNG file; its data become part of the page.
        examples: Instead of an image.
    """

    id: str
    title: str
    caption: str
    sources: Sequence[str] = ()
    image: Path | None = None
    examples: Sequence[Example] = ()

    @property
    def data(self) -> str:
        """The image as an address that holds it."""
        if self.image is None:
            return ""
        return f"data:image/png;base64,{b64encode(self.image.read_bytes()).decode()}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as the report shows it: ours, its interval, and the paper's."""

    ours: str
    interval: str = ""
    paper: str = ""
    verdict: str = ""


def report(
    tables: Sequence[Table],
    figures: Sequence[ReportFigure],
    sources: Sequence[Source],
    provenance: Mapping[str, Any],
    config: Config,
    config_file: str,
) -> str:
    """Return the report; the same bytes for the same run.

    Args:
        tables: In the order in which they are shown.
        figures: Likewise.
        sources: What stands behind rows and figures.
        provenance: What made the run.
        config: The run's configuration.
        config_file: Its file, which the commands name.
    """
    groups = [*(figure.examples for figure in figures), *(source.examples for source in sources)]
    return render(
        "report.html.jinja",
        tables=tables,
        figures=figures,
        sources={source.id: source for source in sources},
        tints=class_tints(chain.from_iterable(groups)),
        rule=RULE,
        most=EXAMPLES,
        provenance=provenance,
        config=config,
        config_text=as_yaml(config.to_json()),
        config_file=config_file,
        cell=cell,
        count=count,
    )


def cell(row: Row, column: Column) -> Cell:
    """Return a cell's parts.

    >>> row = Row("one", {"f1": 0.5}, {"f1": 0.51}, {"f1": (0.4, 0.6)})
    >>> cell(row, Column("f1", "F1"))
    Cell(ours='50%', interval='[40, 60]', paper='51%', verdict='')
    """
    if column.key not in row.values and column.key not in row.paper:
        return Cell("")
    value = row.values.get(column.key)
    interval = paper = verdict = ""
    if column.key in row.intervals:
        low, high = (show(bound, column.kind) for bound in row.intervals[column.key])
        interval = f"[{low}, {high}]".replace("%", "")
    if column.key in row.paper:
        paper = show(row.paper[column.key], column.kind)
    if column.key == "holds":
        verdict = str(value)
    return Cell(show(value, column.kind), interval, paper, verdict)


def count(row: Row) -> int | None:
    """Return how many sentences a row's figures are of, where no column of its own says so."""
    if {"n", "attacked", "examples"} & set(row.values) or not row.n:
        return None
    return max(row.n.values())
