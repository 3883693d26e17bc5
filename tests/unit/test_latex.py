"""Every table compiles with a real TeX, and stays within the page or the column."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from seqattack.io import read_json
from seqattack.metrics.distribution import distributions
from seqattack.report.figures import COLUMN, PAGE, save, write_caption
from seqattack.report.further_tables import distributions_table, stops_table
from seqattack.report.latex import SHRUNK, narrow_columns, to_latex
from seqattack.report.paper import paper_results
from seqattack.report.paper_tables import significance_table
from seqattack.report.seeds import over_seeds
from seqattack.report.tables import Table
from tests.helpers.records import scored_example
from tests.helpers.run_report import run_tables
from tests.helpers.summaries import any_summary

KEPT = sorted((Path(__file__).resolve().parents[2] / "docs" / "results").glob("*/tables/*.json"))
TABLES = [Table.from_json(read_json(path)) for path in KEPT]

WIDE = ("table1-published", "leaderboard")
"""The tables of a run that have to be made smaller."""

LINE = 16 / 2.54 * 72.27
"""The width of the page below in TeX's points."""

PREAMBLE = r"""
\documentclass[11pt,twocolumn]{article}
\usepackage[T1]{fontenc}
\usepackage{booktabs,array,graphicx}
% The measures of the ACL's style.
\usepackage[a4paper,textwidth=16cm,columnsep=0.6cm,textheight=24.7cm]{geometry}
"""


def compiled(parts: Sequence[str], folder: Path) -> str:
    """Return TeX's log of a document, a page a part."""
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed (Debian: texlive-latex-recommended)")
    body = "\n\\clearpage\n".join(parts)
    (folder / "all.tex").write_text(f"{PREAMBLE}\\begin{{document}}\n{body}\n\\end{{document}}\n")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    log = (folder / "all.log").read_text(errors="replace")
    assert done.returncode == 0, log[-3000:]
    return log


def unshrunk(table: Table, narrow: bool) -> str:
    """Return a table that has to fit in its full size."""
    return to_latex(table, narrow).replace(SHRUNK, "{")


def is_shrunk(table: Table) -> bool:
    """Whether a table as wide as the page may be made smaller: one more figure in each cell."""
    return table.id in WIDE or any(row.spread for row in table.rows)


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_tables_of_a_real_run_fit(tmp_path: Path, narrow: bool) -> None:
    assert len(TABLES) > 8
    parts = [
        (to_latex if is_shrunk(table) and not narrow else unshrunk)(table, narrow)
        for table in TABLES
    ]
    log = compiled(parts, tmp_path)
    assert "Overfull \\hbox" not in log, log
    assert "too large for page" not in log
    assert "Missing character" not in log


def test_no_table_is_made_much_smaller(tmp_path: Path) -> None:
    log = compiled([unshrunk(table, False) for table in TABLES if is_shrunk(table)], tmp_path)
    too_wide = [float(each) for each in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert too_wide, log
    assert max(too_wide) < LINE / 3


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_the_widest_rows_fit(tmp_path: Path, narrow: bool) -> None:
    """Claims with intervals, every reason for stopping, notes instead of figures."""
    attacks = {
        f"robustness/deepwordbug-ii-30/{size}": replace(
            any_summary("deepwordbug-ii-30", f"robust-deepwordbug-ii-30-{size}"),
            goal="untargeted-strict",
        )
        for size in (500, 1000, 1500, 2000)
    }
    equal = [scored_example(k, 0.25, 0.5) for k in range(20)]
    victims = {"500": equal, "1000": equal, "baseline": equal}
    tables = [
        *run_tables(),
        stops_table(attacks),
        significance_table({"deepwordbug-ii-30": victims}, paper_results()),
        distributions_table(
            {"deepwordbug-ii-30": {size: distributions(each, 0) for size, each in victims.items()}}
        ),
    ]
    log = compiled([unshrunk(table, narrow) for table in tables], tmp_path)
    assert "Overfull \\hbox" not in log, log
    assert "too large for page" not in log


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_tables_over_seeds_fit(tmp_path: Path, narrow: bool) -> None:
    runs = {seed: [table for table in TABLES if table.id == "table1"][:1] for seed in (0, 1, 2)}
    (table,) = over_seeds(runs)
    assert "±" in table.rows[0].cell(table.columns[0]).text
    log = compiled([to_latex(table, narrow)], tmp_path)
    assert "Overfull \\hbox" not in log, log


def test_figures_are_floats_that_compile(tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    for wide, width in ((True, PAGE), (False, COLUMN)):
        stem = tmp_path / f"figure_{wide}"
        save(Figure(figsize=(width, 1)), stem, (".pdf",))
        write_caption(stem, "50% of {a_b} & <c>: n = 64, mean 72% [66, 78].", wide)
    log = compiled([path.read_text() for path in sorted(tmp_path.glob("*.tex"))], tmp_path)
    assert "Overfull \\hbox" not in log, log


def test_a_page_that_is_too_wide_is_noticed(tmp_path: Path) -> None:
    assert "Overfull \\hbox" in compiled([r"\mbox{\rule{9cm}{1cm}}"], tmp_path)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.id)
def test_tex_numbers_the_table_alone(table: Table) -> None:
    for narrow in (False, True):
        caption = to_latex(table, narrow).partition(r"\caption{")[2]
        assert not caption.startswith(("Table", "Transfer ("))


def test_the_narrow_variant_keeps_what_matters() -> None:
    first = next(table for table in TABLES if table.id == "table1")
    kept = [column.key for column in narrow_columns(first)]
    assert kept == ["f1", "attack_rate", "modification_rate", "labels_score"]
