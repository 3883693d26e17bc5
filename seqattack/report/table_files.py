"""The files of a table."""

from __future__ import annotations

from pathlib import Path

from seqattack.io import write_json, write_text
from seqattack.report.latex import to_latex
from seqattack.report.tables import Table, to_csv, to_long_csv, to_markdown


def write_table(table: Table, folder: str | Path) -> None:
    """Write a table as CSV, Markdown, LaTeX and JSON; the same bytes every time.

    ``-long.csv`` holds intervals and n, ``-narrow.tex`` fits one column of a page of two, and
    ``.json`` holds everything that the report needs.

    Args:
        table: The table.
        folder: Where the files go.
    """
    stem = Path(folder) / table.id
    write_text(f"{stem}.csv", to_csv(table))
    write_text(f"{stem}-long.csv", to_long_csv(table))
    write_text(f"{stem}.md", to_markdown(table))
    write_text(f"{stem}.tex", to_latex(table))
    write_text(f"{stem}-narrow.tex", to_latex(table, narrow=True))
    write_json(f"{stem}.json", table.to_json())
