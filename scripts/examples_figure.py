"""Draw pairs of original and adversarial example."""

import argparse
from itertools import chain
from pathlib import Path

from seqattack.cli.process import run_script
from seqattack.records import read_records
from seqattack.report.drawing import write_examples
from seqattack.report.examples import (
    FLIP_RULE,
    LABELLED,
    PREDICTED,
    RULE,
    choose,
    choose_labelled,
    only_flips,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", nargs="+", required=True, help="records, JSON lines")
    parser.add_argument("--count", type=int, default=5, help="the most examples (default: 5)")
    parser.add_argument("--title", required=True, help="the figure's title")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--labels", action="store_true", help="true labels, no predictions")
    shown.add_argument(
        "--only-flips", action="store_true", help="only examples in which no class is broken"
    )
    parser.add_argument("--output", type=Path, required=True, help="output: without its ending")
    options = parser.parse_args()

    records = chain.from_iterable(map(read_records, options.records))
    rule, meaning = RULE, PREDICTED
    if options.only_flips:
        pairs, rule = choose(records, options.count, only_flips), FLIP_RULE
    elif options.labels:
        pairs, meaning = choose_labelled(records, options.count), LABELLED
    else:
        pairs = choose(records, options.count)
    write_examples(pairs, options.title, options.output, rule, meaning)


if __name__ == "__main__":
    run_script(main)
