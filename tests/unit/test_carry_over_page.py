"""The page of claims over several results of record."""

from __future__ import annotations

import re
from pathlib import Path

from seqattack.report.seeds import over_seeds
from seqattack.report.table_files import write_table
from seqattack.report.tables import Column, Row, Table
from tools.make_carry_over_page import FOLDER, page


def test_the_page_is_made_of_the_kept_tables() -> None:
    assert (FOLDER / "claims.md").read_text(encoding="utf-8") == page(FOLDER)


def test_one_run_shows_its_figures_and_several_are_counted(tmp_path: Path) -> None:
    first = _claims({"A is lower": "holds", "B is lower": "holds", "C is lower": "fails"})
    second = _claims({"A is lower": "holds", "B is lower": "not decidable"})
    (both,) = over_seeds({0: [first], 1: [second]})
    for name, table in (("several", both), ("one", second), ("other", first)):
        write_table(table, tmp_path / name / "tables")
    text = page(tmp_path, {"A": "several", "B": "one", "C": "other"})
    cells = (re.split(r" *\| *", line.strip("|").strip()) for line in text.splitlines())
    lines = {first: " | ".join(others) for first, *others in cells if others}
    holds = "holds (3 &lt; 4)"
    assert lines["A is lower"] == f"1 &lt; 2 | holds in 2 of 2 | {holds} | {holds}"
    undecided = "not decidable (3 &lt; 4)"
    assert lines["B is lower"] == (
        f"1 &lt; 2 | holds in 1 of 2, not decidable in 1 of 2 | {undecided} | {holds}"
    )
    assert lines["C is lower"] == "1 &lt; 2 | fails in 1 of 1 | not checked | fails (3 &lt; 4)"
    sums = {key: value.split("|")[1:] for key, value in lines.items() if "Claims" in key}
    assert {key: list(map(int, counts)) for key, counts in sums.items()} == {
        "Claims: holds": [1, 1, 2],
        "Claims: fails": [1, 0, 1],
        "Claims: not decidable": [0, 1, 0],
        "Claims: differs between seeds": [1, 0, 0],
    }


def _claims(verdicts: dict[str, str]) -> Table:
    rows = [
        Row(
            says,
            {"section": "5.1", "paper": "1 < 2", "ours": "3 < 4", "verdict": verdict},
            key=says,
        )
        for says, verdict in verdicts.items()
    ]
    return Table("claims", "Claims.", "Claim", (Column("verdict", "Verdict", "text"),), rows)
