"""Collect the accepted examples of a file of picks as training sentences."""

import argparse

from seqattack.cli.process import run_script
from seqattack.cli.script_victim import add_machine, chosen_victim
from seqattack.corpus import read_jsonl, write_jsonl
from seqattack.pipeline.augmentation import needed_edits
from seqattack.pipeline.picks import picked_examples, read_picks, with_records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picks", required=True, help="what the web application saved")
    parser.add_argument("--test", required=True, help="test sentences, JSON lines")
    parser.add_argument("--allow-test-sentences", action="store_true", help="take those too")
    parser.add_argument("--minimal", metavar="VICTIM", help="keep only the edits that they need")
    add_machine(parser, has_precision=False)
    parser.add_argument("--output", required=True, help="output: sentences, JSON lines")
    options = parser.parse_args()

    test = [] if options.allow_test_sentences else read_jsonl(options.test)
    picks = read_picks(options.picks)
    if options.minimal:
        victim = chosen_victim(options, options.minimal)
        reduced = needed_edits([pick.record for pick in picks.accepted], victim)
        picks = with_records(picks, reduced)
    write_jsonl(options.output, picked_examples(picks, test))


if __name__ == "__main__":
    run_script(main)
