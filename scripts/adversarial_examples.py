"""Collect the first N adversarial examples as training sentences."""

import argparse
from collections.abc import Iterable
from itertools import chain, islice

from seqattack.cli.process import run_script
from seqattack.cli.script_victim import add_machine, chosen_victim
from seqattack.corpus import write_jsonl
from seqattack.pipeline.augmentation import adversarial_examples, needed_edits
from seqattack.records import AttackRecord, read_records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", nargs="+", required=True, help="all shards, in order")
    parser.add_argument("--wanted", type=int, required=True, help="how many examples")
    parser.add_argument("--minimal", metavar="VICTIM", help="keep only the edits that they need")
    add_machine(parser, has_precision=False)
    parser.add_argument("--output", required=True, help="output: sentences, JSON lines")
    options = parser.parse_args()

    records = chain.from_iterable(map(read_records, options.records))
    found: Iterable[AttackRecord] = records
    if options.minimal:
        successes = (record for record in records if record.adversarial)
        victim = chosen_victim(options, options.minimal)
        found = needed_edits(list(islice(successes, options.wanted)), victim)
    write_jsonl(options.output, adversarial_examples(found, options.wanted))


if __name__ == "__main__":
    run_script(main)
