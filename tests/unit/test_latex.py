"""Every table compiles with a real TeX, and stays within the page or the column."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from seqattack.io import read_json
from seqattack.report.latex import narrow_columns, to_latex
from seqattack.report.tables import Table

KEPT = sorted((Path(__file__).resolve().parents[2] / "docs" / "results").glob("*/tables/*.json"))
TABLES = [Table.from_json(read_json(path)) for path in KEPT]

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


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_tables_of_a_real_run_fit(tmp_path: Path, narrow: bool) -> None:
    assert len(TABLES) > 8
    log = compiled([to_latex(table, narrow) for table in TABLES], tmp_path)
    assert "Overfull \\hbox" not in log, log
    assert "too large for page" not in log
    assert "Missing character" not in log


def test_a_page_that_is_too_wide_is_noticed(tmp_path: Path) -> None:
    assert "Overfull \\hbox" in compiled([r"\mbox{\rule{9cm}{1cm}}"], tmp_path)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.id)
def test_tex_numbers_the_table_alone(table: Table) -> None:
    for narrow in (False, True):
        caption = to_latex(table, narrow).partition(r"\caption{")[2]
        assert not caption.startswith(("Table", "Transfer ("))


def test_the_narrow_variant_keeps_what_matters() -> None:
    (first,) = (table for table in TABLES if table.id == "table1")
    kept = [column.key for column in narrow_columns(first)]
    assert kept == ["f1", "attack_rate", "modification_rate", "labels_score"]
