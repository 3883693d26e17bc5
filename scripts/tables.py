"""Write Tables 1, 2 and 4 and the significance tests."""

import argparse
import json
from pathlib import Path

from seqattack.attack.records import read_records
from seqattack.corpus import read_jsonl
from seqattack.io import write_text
from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.summary import AttackSummary, original_metrics, read_scored
from seqattack.report.paper import paper_results
from seqattack.report.results import (
    comparison_table,
    robustness_table,
    significance_table,
    standard_table,
)
from seqattack.report.tables import Table, to_text, write_table
from seqattack.script import named_paths, run_script


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comparison", nargs="+", type=Path, required=True, help="attack folders")
    parser.add_argument("--recipe", help="the recipe of the adversarial training")
    parser.add_argument("--robustness", nargs="*", help="SIZE=attack folder, baseline last")
    parser.add_argument("--evaluation", nargs="*", help="SIZE=test metrics, baseline last")
    parser.add_argument("--test", required=True, help="test sentences, JSON lines")
    parser.add_argument("--tables", type=Path, required=True, help="output: folder")
    parser.add_argument("--text", required=True, help="output: all tables as text")
    options = parser.parse_args()

    tables = [comparison(options.comparison)]
    if options.recipe:
        n = len(read_jsonl(options.test))
        attacks = named_paths(options.robustness)
        metrics = {
            size: EntityMetrics.from_json(json.loads(path.read_text(encoding="utf-8")))
            for size, path in named_paths(options.evaluation).items()
        }
        scored = {size: read_scored(folder / "scored.jsonl") for size, folder in attacks.items()}
        paper = paper_results()
        tables += [
            robustness_table(
                "table2", {size: summary(folder) for size, folder in attacks.items()}, paper
            ),
            standard_table("table4", options.recipe, metrics, n, paper),
            significance_table(options.recipe, scored, paper),
        ]
    for table in tables:
        write_table(table, options.tables)
    write_text(options.text, "\n".join(map(to_text, tables)))


def comparison(folders: list[Path]) -> Table:
    records = list(read_records(folders[0] / "records.jsonl"))
    return comparison_table(
        [summary(folder) for folder in folders], original_metrics(records), paper_results()
    )


def summary(folder: Path) -> AttackSummary:
    text = (folder / "summary.json").read_text(encoding="utf-8")
    return AttackSummary.from_json(json.loads(text))


if __name__ == "__main__":
    run_script(main)
