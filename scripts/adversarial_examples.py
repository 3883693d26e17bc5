"""Collect the first N adversarial examples as training sentences."""

import argparse
from itertools import chain

from seqattack.cli.process import run_script
from seqattack.corpus import write_jsonl
from seqattack.pipeline.augmentation import adversarial_examples
from seqattack.records import read_records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", nargs="+", required=True, help="all shards, in order")
    parser.add_argument("--wanted", type=int, required=True, help="how many examples")
    parser.add_argument("--output", required=True, help="output: sentences, JSON lines")
    options = parser.parse_args()

    records = chain.from_iterable(map(read_records, options.records))
    write_jsonl(options.output, adversarial_examples(records, options.wanted))


if __name__ == "__main__":
    run_script(main)
