"""Try the grammar checker; write its name."""

import argparse
import json

from seqattack.cli.process import run_script
from seqattack.io import write_json
from seqattack.metrics.grammar.backends import prepare_grammar


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", required=True, help="the config's `grammar`, as JSON")
    parser.add_argument("--output", required=True, help="output: name, JSON")
    options = parser.parse_args()

    write_json(options.output, prepare_grammar(json.loads(options.settings)))


if __name__ == "__main__":
    run_script(main)
