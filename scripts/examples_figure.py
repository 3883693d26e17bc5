"""Draw pairs of original and adversarial example of one attack."""

import argparse
from pathlib import Path

from seqattack.attack.records import read_records
from seqattack.report.examples import choose, figure_title, write_examples
from seqattack.script import run_script


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", required=True, help="the attack's records, JSON lines")
    parser.add_argument("--count", type=int, default=5, help="most examples (default: 5)")
    parser.add_argument("--recipe", required=True, help="the attack's recipe")
    parser.add_argument("--output", type=Path, required=True, help="output: without its ending")
    options = parser.parse_args()

    pairs = choose(read_records(options.records), options.count)
    write_examples(pairs, figure_title(options.recipe), options.output)


if __name__ == "__main__":
    run_script(main)
