"""Write how a victim stands up to its attacks, as a file that leaderboards are merged from."""

import argparse
import json
from pathlib import Path

from seqattack.cli.process import run_script
from seqattack.io import read_json, write_json
from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.summary import read_summary
from seqattack.metrics.victim_results import victim_results
from seqattack.pipeline.layout import AttackFolder
from seqattack.pipeline.provenance import training_of
from seqattack.records import read_records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", required=True, help="the victim's name")
    parser.add_argument("--model", required=True, help="the victim: its folder, or KIND:NAME")
    parser.add_argument("--attacks", nargs="+", type=Path, required=True, help="attack folders")
    parser.add_argument(
        "--settings", type=json.loads, required=True, help="each recipe's settings, JSON"
    )
    parser.add_argument("--clean", required=True, help="metrics on the test set, JSON")
    parser.add_argument("--code", required=True, help="hash of the code that attacked")
    parser.add_argument("--output", required=True, help="output: JSON")
    options = parser.parse_args()

    folders = {folder.name: AttackFolder(folder) for folder in options.attacks}
    attacks = {
        recipe: (
            list(read_records(folder.records)),
            read_summary(folder.summary),
            options.settings[recipe],
        )
        for recipe, folder in folders.items()
    }
    model = training_of(options.model)
    clean = EntityMetrics.from_json(read_json(options.clean))
    results = victim_results(options.name, model, options.code, clean, attacks)
    write_json(options.output, results.to_json())


if __name__ == "__main__":
    run_script(main)
