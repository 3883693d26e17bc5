"""Fetch and try the sentence encoder; write its name and checksum."""

import argparse
import json

from seqattack.cli.process import run_script, set_threads
from seqattack.io import write_json
from seqattack.sentence_encoder.backends import prepare_sentence_encoder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", required=True, help="the config's `similarity`, as JSON")
    parser.add_argument("--output", required=True, help="output: name and checksum, JSON")
    options = parser.parse_args()

    set_threads(1)
    write_json(options.output, prepare_sentence_encoder(json.loads(options.settings)))


if __name__ == "__main__":
    run_script(main)
