"""Write docs/results/claims.md: which of the paper's claims hold in which results of record."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from seqattack.io import read_json
from seqattack.report.tables import Row, Table
from seqattack.report.verdicts import Verdict
from seqattack.text import markdown

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "results"
CORPORA = {
    "CoNLL-2003": "conll2003-minilm",
    "WNUT-17": "wnut17-minilm",
}
"""The folders of results by what the columns are called."""

HEAD = """\
---
hide: [navigation]
---

# Do the paper's claims carry over?

The same experiment on newswire with four classes ([CoNLL-2003](conll2003-minilm/index.md)) and on
posts of users with six ([WNUT-17](wnut17-minilm/index.md)). The victim is a fine-tuned
all-MiniLM-L6-v2 on both.
[The claims](../claims.md) has the paper's words, and says what decides a claim. Beside the verdict
of a single run stand its figures. Made from the kept tables by
`python -m tools.make_carry_over_page`.

"""
SEVERAL = "differs between seeds"


def main() -> None:
    (FOLDER / "claims.md").write_text(page(FOLDER), encoding="utf-8")


def page(folder: Path, corpora: Mapping[str, str] = CORPORA) -> str:
    """Return the page.

    Args:
        folder: The results of record.
        corpora: Folders of results by what the columns are called.
    """
    tables = {name: _rows(folder / place) for name, place in corpora.items()}
    claims = {key: row for rows in tables.values() for key, row in rows.items()}
    lines = [
        ["Claim", "Paper", *tables],
        ["---"] * (2 + len(tables)),
        *(
            [markdown(key), markdown(str(row.values["paper"]))]
            + [_cell(rows.get(key)) for rows in tables.values()]
            for key, row in claims.items()
        ),
    ]
    return HEAD + "".join(f"| {' | '.join(line)} |\n" for line in [*lines, *_sums(tables)])


def _rows(folder: Path) -> dict[str, Row]:
    table = Table.from_json(read_json(folder / "tables" / "claims.json"))
    return {row.key: row for row in table.rows}


def _counts(row: Row) -> dict[str, int]:
    """Return the number of runs with each verdict; that of one run has no numbers."""
    if "verdict" in row.values:
        return {str(row.values["verdict"]): 1}
    counts = {each.value: row.values[each.name.lower()] for each in Verdict}
    return {verdict: n for verdict, n in counts.items() if isinstance(n, int) and n}


def _cell(row: Row | None) -> str:
    if row is None:
        return "not checked"
    if "verdict" in row.values:
        return markdown(f"{row.values['verdict']} ({row.values['ours']})")
    counts = _counts(row)
    return ", ".join(f"{verdict} in {n} of {sum(counts.values())}" for verdict, n in counts.items())


def _sums(tables: Mapping[str, Mapping[str, Row]]) -> list[list[str]]:
    """Return, for each verdict, a line with the number of claims that have it in every run."""
    sums = {name: Counter(map(_verdict, rows.values())) for name, rows in tables.items()}
    verdicts = [*(each.value for each in Verdict), SEVERAL]
    return [
        [f"**Claims: {verdict}**", "", *(str(sums[name][verdict]) for name in tables)]
        for verdict in verdicts
        if any(each[verdict] for each in sums.values())
    ]


def _verdict(row: Row) -> str:
    counts = _counts(row)
    return next(iter(counts)) if len(counts) == 1 else SEVERAL


if __name__ == "__main__":
    main()
