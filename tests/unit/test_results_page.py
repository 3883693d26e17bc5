"""The results of record: what is kept of a run, and that their page shows just that."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from seqattack.io import read_json
from seqattack.pipeline.layout import run_layouts
from seqattack.report.seeds import over_seeds
from seqattack.report.table_files import write_table
from seqattack.report.tables import Column, Row, Table
from tools.make_results_page import cost, keep, page

ROOT = Path(__file__).resolve().parents[2]
RUNS = sorted(path.parent for path in (ROOT / "docs/results").rglob("provenance.json"))
PAGES = sorted(path.parent for path in (ROOT / "docs/results").rglob("tables.md"))

TABLE = ["table1-long.csv", "table1.csv", "table1.json"]
RUN = [
    "config.yaml",
    "figures/figure4-clare.pdf",
    "figures/figure4-clare.svg",
    "figures/figure4-clare.txt",
    "provenance.json",
]


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_the_page_is_made_of_the_files_beside_it(folder: Path) -> None:
    assert (folder / "tables.md").read_text(encoding="utf-8") == page(folder)


def test_kept_tables_over_seeds_are_those_of_the_kept_seeds() -> None:
    several = [folder for folder in PAGES if (folder / "seed-0").is_dir()]
    assert several
    for folder in several:
        paths = sorted((folder / "tables").glob("*.json"))
        runs = {
            int(seed): [
                Table.from_json(read_json(layout.table(path.stem, ".json"))) for path in paths
            ]
            for seed, layout in run_layouts(folder).items()
            if seed
        }
        assert len(runs) > 1
        for path, table in zip(paths, over_seeds(runs), strict=True):
            again = json.loads(json.dumps(table.to_json()))
            assert Table.from_json(again) == Table.from_json(read_json(path)), path


@pytest.mark.parametrize("folder", RUNS, ids=lambda folder: folder.name)
def test_results_of_record_are_of_a_commit_and_name_no_place(folder: Path) -> None:
    made = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert all(len(state["commit"]) == 40 for state in made["made_by"])
    corpus = made["config"]["corpus"]
    assert not any(Path(path).is_absolute() for path in corpus.get("conll", {}).values())


def test_a_run_is_kept_without_its_examples(tmp_path: Path) -> None:
    _finish(tmp_path)
    kept = tmp_path / "kept"
    keep(tmp_path / "results", tmp_path / "figures", tmp_path / "logs", kept)
    assert _names(kept) == sorted(["cost.json", *(f"tables/{name}" for name in TABLE), *RUN])
    text = page(kept)
    assert re.search(r"\| CLARE +\| +50% \(37%\) \|", text)
    assert "![Figure 4: CLARE](figures/figure4-clare.svg)" in text
    assert r"CLARE on \*two\* victims." in text
    assert "| full | 0123456789ab | cpu | 1 | bfloat16 |" in text
    assert "| spacy | spacy:en_core_web_sm |  |  |  |" in text
    assert "| victim | 1 | 1.5 | 1000 |" in text


def test_of_several_seeds_each_has_its_own_page(tmp_path: Path) -> None:
    results, figures, logs = (tmp_path / name for name in ("results", "figures", "logs"))
    _write_table(results / "tables", 0.6)
    for seed in ("seed-2", "seed-10"):
        _finish(tmp_path, seed)
    kept = tmp_path / "kept"
    (kept / "seed-3").mkdir(parents=True)  # of an earlier run
    (kept / "config.yaml").touch()  # of one with a single seed
    keep(results, figures, logs, kept)
    each = ["cost.json", *(f"tables/{name}" for name in TABLE)]
    seeds = [f"{seed}/{name}" for seed in ("seed-10", "seed-2") for name in [*each, *RUN]]
    assert _names(kept) == sorted([*each, *seeds])
    text = page(kept)
    assert re.search(r"\| CLARE +\| +60% \(37%\) \|", text)
    assert text.index("(seed-2/tables.md)") < text.index("(seed-10/tables.md)")
    assert "| victim | 2 | 3.0 | 1000 |" in text
    assert "## Provenance" not in text
    assert "## Provenance" in page(kept / "seed-10")


def test_costs_are_added_up_by_kind_of_job(tmp_path: Path) -> None:
    for name in (
        "attack-comparison-full-deepwordbug-i-5-0",
        "attack-robustness-small-deepwordbug-i-5-1",
        "attack-robustness-robust-deepwordbug-i-5-2000-deepwordbug-i-5-12",
        "attack-training-deepwordbug-i-5-7",
        "attack-training-bert-attack-0",
        "attack-comparison-my-spacy-bert-attack-3",
        "attack-published-full-clare-published-1-0",
        "masked-lm-default",
        "tables",
    ):
        _benchmark(tmp_path / f"{name}.benchmark.tsv", "10.0", "5.0")
    _benchmark(tmp_path / "corpus.benchmark.tsv", "NA", "-")  # too quick to be measured
    assert {kind: (each["jobs"], each["seconds"]) for kind, each in cost(tmp_path).items()} == {
        "all others": (2, 10),
        "attack bert-attack": (2, 20),
        "attack clare-published-1": (1, 10),
        "attack deepwordbug-i-5": (4, 40),
        "masked LM": (1, 10),
    }


def _benchmark(path: Path, seconds: str, megabytes: str) -> None:
    path.write_text(f"s\tcpu_time\tmax_rss\n1.0\t{seconds}\t{megabytes}\n")


def _write_table(folder: Path, rate: float) -> None:
    folder.mkdir(parents=True)
    row = Row("CLARE", {"attack_rate": rate}, {"attack_rate": 0.37}, n={"attack_rate": 8})
    columns = (Column("attack_rate", "A-Rate", arrow="↑"),)
    write_table(Table("table1", "Attacks.", "Attack", columns, [row]), folder)


def _finish(folder: Path, seed: str = "") -> None:
    """Write what a run leaves behind, as one of several seeds or alone."""
    results, figures, logs = (folder / name / seed for name in ("results", "figures", "logs"))
    _write_table(results / "tables", 0.5)
    figures.mkdir(parents=True)
    logs.mkdir(parents=True)
    for name in ("figure4-clare", "figure4-clare-column", "figure4-clare-dark", "figure1"):
        for ending in (".pdf", ".png", ".svg", ".txt"):
            (figures / f"{name}{ending}").write_text("CLARE on *two* victims.")
    model = {"checksum": "0123456789abcdef", "device": "cpu", "threads": 1, "bfloat16": True}
    state = {"commit": "c0ffee", "changes": None, "packages": {"torch": "2"}}
    state |= {"python": "3.11.9", "machine": "x86_64"}
    ready = {"checksum": None, "victim": "spacy:en_core_web_sm"}
    made = {"made_by": [state], "models": {"full": model, "spacy": ready}}
    (results / "provenance.json").write_text(json.dumps(made))
    (results / "config.yaml").write_text("seeds: [0]\n")
    _benchmark(logs / "train-full.benchmark.tsv", "90.0", "1000.4")


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
