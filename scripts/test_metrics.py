"""Write a victim's precision, recall and F1 on the unattacked test set."""

import argparse
from typing import Any

from seqattack.cli.process import run_script
from seqattack.cli.script_victim import add_victim, chosen_victim, shared_sentences
from seqattack.io import write_json
from seqattack.models.training_report import read_report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_victim(parser, has_precision=False)
    parser.add_argument("--sentences", required=True, help="the test set")
    parser.add_argument("--trained", action="store_true", help="take what its training measured")
    parser.add_argument("--output", required=True, help="output: JSON")
    options = parser.parse_args()
    found = read_report(options.model)["test"] if options.trained else measure(options)
    write_json(options.output, found)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return the metrics of the victim that the options name."""
    victim = chosen_victim(options)
    from seqattack.metrics.evaluation import evaluate

    return evaluate(victim, shared_sentences(options.sentences, victim)).to_json()


if __name__ == "__main__":
    run_script(main)
