"""Draw Figure 4: an attack on an undefended victim and on a robust one."""

import argparse
from pathlib import Path

from seqattack.cli.process import run_script
from seqattack.metrics.scores import read_scored
from seqattack.metrics.summary import read_summary
from seqattack.pipeline.layout import AttackFolder
from seqattack.pipeline.names import BASELINE
from seqattack.report.figures import Comparison, write_figure_4
from seqattack.report.names import recipe_name, victim_name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baseline", type=Path, required=True, help="attack on the undefended")
    parser.add_argument("--robust", type=Path, required=True, help="attack on the robust victim")
    parser.add_argument("--size", required=True, help="adversarial examples in its training set")
    parser.add_argument("--budget", type=int, required=True, help="queries a sentence")
    parser.add_argument("--seed", type=int, required=True, help="seed of the bootstrap")
    parser.add_argument("--output", type=Path, required=True, help="output: without its ending")
    options = parser.parse_args()

    folders = [AttackFolder(path) for path in (options.baseline, options.robust)]
    first, second = (read_scored(folder.scored) for folder in folders)
    summary = read_summary(folders[0].summary)
    comparison = Comparison(
        recipe=recipe_name(summary.recipe),
        goal=summary.goal,
        budget=options.budget,
        names=(victim_name(BASELINE), victim_name(options.size)),
        scored=(first, second),
        seed=options.seed,
    )
    write_figure_4(comparison, options.output)


if __name__ == "__main__":
    run_script(main)
