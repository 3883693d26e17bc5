"""Fetch and try the similarity and the grammar backend; write what they are."""

import argparse
import json

from seqattack.io import write_json
from seqattack.metrics.backends import prepare_backends
from seqattack.script import run_script, set_threads


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--similarity", required=True, help="the config's `similarity`, as JSON")
    parser.add_argument("--grammar", required=True, help="the config's `grammar`, as JSON")
    parser.add_argument("--output", required=True, help="output: name and checksum of each, JSON")
    options = parser.parse_args()

    set_threads(1)
    write_json(
        options.output,
        prepare_backends(json.loads(options.similarity), json.loads(options.grammar)),
    )


if __name__ == "__main__":
    run_script(main)
