"""Write Tables 1 to 5, the significance tests, the entities' outcomes and the claims."""

import argparse
import json
from pathlib import Path

from seqattack.cli.process import paths_by_source, run_script
from seqattack.corpus import read_jsonl
from seqattack.io import read_json, write_text
from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.entity_outcomes import EntityOutcomes, entity_outcomes
from seqattack.metrics.scores import read_scored
from seqattack.metrics.summary import AttackSummary, original_metrics
from seqattack.metrics.transfer import Transfer
from seqattack.pipeline.names import BASELINE
from seqattack.records import read_records
from seqattack.report.claims import claims_table
from seqattack.report.further_tables import outcomes_table, stops_table, transfer_table
from seqattack.report.names import comparison_source, robustness_source
from seqattack.report.paper import paper_results
from seqattack.report.paper_tables import (
    comparison_table,
    robustness_table,
    significance_table,
    standard_table,
)
from seqattack.report.tables import Table, to_text, write_table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comparison", nargs="+", type=Path, required=True, help="attack folders")
    parser.add_argument(
        "--robustness", nargs="*", default=[], help=f"SOURCE/SIZE=attack folder, {BASELINE} last"
    )
    parser.add_argument(
        "--evaluation", nargs="*", default=[], help=f"SOURCE/SIZE=test metrics, {BASELINE} last"
    )
    parser.add_argument("--transfer", nargs="*", default=[], help="each source's counts, JSON")
    parser.add_argument("--test", required=True, help="test sentences, JSON lines")
    parser.add_argument("--skipped", type=json.loads, default={}, help="why recipes are left out")
    parser.add_argument("--left-out", required=True, help="ids of sentences too long, JSON")
    parser.add_argument("--tables", type=Path, required=True, help="output: folder")
    parser.add_argument("--text", required=True, help="output: all tables as text")
    options = parser.parse_args()

    tables = run_tables(options)
    for table in tables:
        write_table(table, options.tables)
    write_text(options.text, "\n".join(map(to_text, tables)))


def run_tables(options: argparse.Namespace) -> list[Table]:
    """Return all tables of a run, the claims last."""
    paper = paper_results()
    too_long = read_json(options.left_out)
    tables = [comparison(options.comparison, options.skipped, too_long)]
    attacks = {comparison_source(f.name): summary(f) for f in options.comparison}
    n = len(read_jsonl(options.test))
    metrics = paths_by_source(options.evaluation)
    scored = {}
    for source, folders in paths_by_source(options.robustness).items():
        scored[source] = {s: read_scored(f / "scored.jsonl") for s, f in folders.items()}
        summaries = {size: summary(folder) for size, folder in folders.items()}
        attacks |= {robustness_source(source, s): each for s, each in summaries.items()}
        evaluated = {size: evaluation(path) for size, path in metrics[source].items()}
        tables.append(robustness_table(source, summaries, paper))
        tables.append(standard_table(source, evaluated, n, paper))
    for path in options.transfer:
        counts = [Transfer(**each) for each in read_json(path)]
        tables.append(transfer_table(Path(path).stem, counts))
    if scored:
        tables.append(significance_table(scored, paper))
    tables.append(outcomes_table({f.name: outcomes(f) for f in options.comparison}))
    tables.append(stops_table(attacks))
    return [*tables, claims_table(tables, paper)]


def comparison(folders: list[Path], skipped: dict[str, str], too_long: list[str]) -> Table:
    """Return Table 1.

    Args:
        folders: Of its attacks.
        skipped: Why an attack was left out, by recipe.
        too_long: Ids of sentences that were left out.
    """
    original = original_metrics(list(read_records(folders[0] / "records.jsonl")))
    summaries = list(map(summary, folders))
    return comparison_table(summaries, original, paper_results(), skipped, too_long)


def evaluation(path: Path) -> EntityMetrics:
    """Read a victim's metrics on the test set."""
    return EntityMetrics.from_json(read_json(path))


def outcomes(folder: Path) -> EntityOutcomes:
    """Return what became of the entities under an attack."""
    return entity_outcomes(read_records(folder / "records.jsonl"))


def summary(folder: Path) -> AttackSummary:
    """Read an attack's summary."""
    return AttackSummary.from_json(read_json(folder / "summary.json"))


if __name__ == "__main__":
    run_script(main)
