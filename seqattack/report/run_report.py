"""The report of a run: one page with its tables, claims, figures, examples and provenance."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqattack.pipeline.config import Config
from seqattack.pipeline.damage import Verification
from seqattack.pipeline.provenance import said
from seqattack.report.examples import LONGEST, RULE, Example
from seqattack.report.matrix import Matrix
from seqattack.report.page import render
from seqattack.report.sources import EXAMPLES, Source, as_yaml
from seqattack.report.style import Look
from seqattack.report.tables import Table

APP_PORT = 8765
"""Where the report's links look for the application."""


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """A figure of the report: an image, or examples.

    Args:
        id: Its anchor on the page.
        title: Its heading.
        caption: What it shows, and the assumptions behind it.
        sources: Ids of what stands behind it.
        images: Two SVG files, for light and for dark pages, which become part of the page.
        examples: Examples to show instead of an image.
    """

    id: str
    title: str
    caption: str
    sources: Sequence[str] = ()
    images: tuple[Path, Path] | None = None
    examples: Sequence[Example] = ()

    @property
    def data(self) -> list[str]:
        """The images as ``data:`` addresses."""
        return [
            f"data:image/svg+xml;base64,{b64encode(image.read_bytes()).decode()}"
            for image in self.images or ()
        ]


def report(
    tables: Sequence[Table],
    figures: Sequence[ReportFigure],
    sources: Sequence[Source],
    provenance: Mapping[str, Any],
    verified: Verification,
    config: Config,
    config_file: str,
    matrices: Sequence[Matrix],
    looks: Mapping[str, Look],
) -> str:
    """Return the report as HTML; the same bytes for the same run.

    Args:
        tables: The claims are shown first, then Tables 1 to 5, then the others.
        figures: In the order in which they are shown.
        sources: What stands behind rows and figures.
        provenance: What made the run; see `seqattack.pipeline.provenance`.
        verified: What the run's files are, compared with their checksums.
        config: The run's configuration.
        config_file: The configuration's file, which the commands name.
        matrices: The attack rates of all attacks on all victims.
        looks: The look of each class of the run.
    """
    ordered = sorted(tables, key=_place)
    claims = next((table for table in ordered if table.id == "claims"), None)
    return render(
        "report.html.jinja",
        tables=[table for table in ordered if table.id.startswith("table")],
        further=[table for table in ordered if not table.id.startswith(("table", "claims"))],
        claims=claims,
        verdicts=Counter(row.values["verdict"] for row in claims.rows) if claims else Counter(),
        matrices=matrices,
        figures=figures,
        sources={source.id: source for source in sources},
        looks=looks,
        rule=RULE,
        most=EXAMPLES,
        longest=LONGEST,
        provenance=provenance,
        said=said,
        verified=verified,
        config=config,
        settings={name: as_yaml({name: value}) for name, value in config.to_json().items()},
        app=f"http://127.0.0.1:{APP_PORT}",
        app_command=f"seqattack app {config.results} --port {APP_PORT}",
        config_file=config_file,
    )


def _place(table: Table) -> tuple[bool, str]:
    """Return what orders the tables: the paper's by their numbers, then the others as they are."""
    is_numbered = table.id.startswith("table")
    return not is_numbered, table.id if is_numbered else ""
