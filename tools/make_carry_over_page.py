"""Write docs/results/claims.md: which of the paper's claims hold in which results of record."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from seqattack.io import read_json
from seqattack.pipeline.layout import Layout
from seqattack.report.tables import Column, Row, Table, to_markdown
from seqattack.report.verdicts import DIFFERS, Verdict, shared_verdict

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "results"
CORPORA = {
    "CoNLL-2003": "conll2003-minilm",
    "WNUT-17": "wnut17-minilm",
    "NCBI disease": "ncbi-disease-minilm",
}
"""The folders of results by what the columns are called."""

HEAD = """\
---
hide: [navigation]
---

# Do the paper's claims carry over?

The same experiment on newswire with four classes ([CoNLL-2003](conll2003-minilm/index.md)), on
posts of users with six ([WNUT-17](wnut17-minilm/index.md)) and on abstracts of medicine with one
([NCBI disease](ncbi-disease-minilm/index.md)). The victims are fine-tuned all-MiniLM-L6-v2.
[The claims](../claims.md) has the paper's words, and says what decides a claim. Made from the kept
tables by `python -m tools.make_carry_over_page`.

"""
CAPTION = (
    "In parentheses: the figures of a single run. A claim of no significant change holds, too, "
    "where the change is significant in the other direction. The last lines count the claims; of "
    "several seeds, those on which all agree."
)


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
    sums = {
        name: Counter(shared_verdict(row.values) for row in rows.values())
        for name, rows in tables.items()
    }
    lines = [
        *(
            Row(
                key, {"paper": row.values["paper"]} | {n: _cell(tables[n].get(key)) for n in tables}
            )
            for key, row in claims.items()
        ),
        *(
            Row(f"Claims: {verdict}", {name: str(sums[name][verdict]) for name in sums})
            for verdict in (*Verdict, DIFFERS)
            if any(counts[verdict] for counts in sums.values())
        ),
    ]
    columns = [Column("paper", "Paper", "text"), *(Column(name, name, "text") for name in tables)]
    return HEAD + to_markdown(Table("claims", CAPTION, "Claim", columns, lines))


def _rows(folder: Path) -> dict[str, Row]:
    table = Table.from_json(read_json(Layout(folder).table("claims", ".json")))
    return {row.key: row for row in table.rows}


def _cell(row: Row | None) -> str:
    """Return the verdict and figures of a run, or how many of several have each verdict."""
    if row is None:
        return "not checked"
    values = row.values
    if "verdict" in values:
        return f"{values['verdict']} ({values['ours']})"
    counts = {verdict: values[verdict.name.lower()] for verdict in Verdict}
    return ", ".join(f"{each} in {n} of {values['checked']}" for each, n in counts.items() if n)


if __name__ == "__main__":
    main()
