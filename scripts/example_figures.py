"""Draw Figures 1 to 3 and 5 to 9: pairs of original and adversarial example."""

import argparse
from pathlib import Path

from seqattack.cli.process import run_script
from seqattack.io import read_json
from seqattack.report.drawing import write_examples
from seqattack.report.example_figures import example_figures
from seqattack.report.style import class_looks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comparison", nargs="+", type=Path, required=True, help="attack folders")
    parser.add_argument("--robustness", nargs="*", default=[], type=Path, help="attack folders")
    parser.add_argument("--word-level", help="the recipe of Figure 1")
    parser.add_argument("--sentence-level", help="the recipe of Figure 2")
    parser.add_argument("--budget", type=int, required=True, help="queries a sentence")
    parser.add_argument("--statistics", required=True, help="the corpus's, JSON")
    parser.add_argument("--output", type=Path, required=True, help="output: folder")
    options = parser.parse_args()

    figures = example_figures(
        options.comparison,
        options.robustness,
        options.word_level,
        options.sentence_level,
        options.budget,
    )
    splits = read_json(options.statistics).values()
    looks = class_looks(name for split in splits for name in split["entities"])
    for figure in figures:
        write_examples(figure, looks, options.output / figure.id)


if __name__ == "__main__":
    run_script(main)
