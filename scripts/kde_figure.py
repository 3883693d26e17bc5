"""Draw Figure 4: an attack on an undefended victim and on a robust one."""

import argparse
from pathlib import Path

from seqattack.cli.process import run_script
from seqattack.metrics.scores import read_scored
from seqattack.report.figures import kde_figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baseline", required=True, help="scores on the undefended victim")
    parser.add_argument("--robust", required=True, help="scores on the robust victim")
    parser.add_argument("--names", nargs=2, required=True, help="names of the two victims")
    parser.add_argument("--output", type=Path, required=True, help="output: without its ending")
    options = parser.parse_args()

    kde_figure(
        read_scored(options.baseline), read_scored(options.robust), options.output, options.names
    )


if __name__ == "__main__":
    run_script(main)
