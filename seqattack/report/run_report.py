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
from seqattack.report.tables import Table


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """A figure of the report: an image, or examples.

    Args:
        id: Its anchor on the page.
        title: Its heading.
        caption: What it shows, and the assumptions behind it.
        sources: Ids of what stands behind it.
        image: A PNG file, which becomes part of the page.
        examples: Examples to show instead of an image.
    """

    id: str
    title: str
    caption: str
    sources: Sequence[str] = ()
    image: Path | None = None
    examples: Sequence[Example] = ()

    @property
    def data(self) -> str:
        """The image as a ``data:`` address."""
        if self.image is None:
            return ""
        return f"data:image/png;base64,{b64encode(self.image.read_bytes()).decode()}"


def report(
    tables: Sequence[Table],
    figures: Sequence[ReportFigure],
    sources: Sequence[Source],
    provenance: Mapping[str, Any],
    config: Config,
    config_file: str,
) -> str:
    """Return the report as HTML; the same bytes for the same run.

    Args:
        tables: In the order in which they are shown.
        figures: In the order in which they are shown.
        sources: What stands behind rows and figures.
        provenance: Versions, commit and checksums of the run.
        config: The run's configuration.
        config_file: The configuration's file, which the commands name.
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
    )
