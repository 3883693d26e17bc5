"""Draw pairs of original and adversarial example of each attack."""

import argparse
from pathlib import Path

from seqattack.cli.process import named_paths, run_script
from seqattack.records import read_records
from seqattack.report.drawing import write_examples
from seqattack.report.examples import PREDICTED, RULE, choose, figure_title

EXAMPLES = 5
"""The most examples of a figure."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", nargs="+", required=True, help="RECIPE=records, JSON lines")
    parser.add_argument("--outputs", nargs="+", required=True, help="RECIPE=path without ending")
    options = parser.parse_args()

    outputs: dict[str, Path] = named_paths(options.outputs)
    for recipe, path in named_paths(options.records).items():
        pairs = choose(read_records(path), EXAMPLES)
        write_examples(pairs, figure_title(recipe), outputs[recipe], RULE, PREDICTED)


if __name__ == "__main__":
    run_script(main)
