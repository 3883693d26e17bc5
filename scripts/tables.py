"""Write Tables 1, 2 and 4 and the significance tests."""

import argparse
import json
from pathlib import Path

from seqattack.attack.records import read_records
from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.summary import AttackSummary, ScoredExample, original_metrics
from seqattack.report.paper import paper_results
from seqattack.report.results import (
    comparison_table,
    robustness_table,
    significance_table,
    standard_table,
)
from seqattack.report.tables import to_text, write_table
from seqattack.io import write_text
from seqattack.script import run_script


def read_summary(path: Path) -> AttackSummary:
    return AttackSummary.from_json(json.loads(path.read_text(encoding="utf-8")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comparison", nargs="+", required=True, help="folders of Table 1's attacks")
    parser.add_argument("--robustness", nargs="+", required=True, help="NAME=folder, baseline last")
    parser.add_argument("--evaluation", nargs="+", required=True, help="NAME=metrics, baseline last")
    parser.add_argument("--test-sentences", type=int, required=True, help="of the whole test set")
    parser.add_argument("--tables", required=True, help="output: folder of the tables")
    parser.add_argument("--text", required=True, help="output: all tables as text")
    options = parser.parse_args()


if __name__ == "__main__":
    run_script(main)
