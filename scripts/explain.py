"""Tell what each edit of an attack's adversarial examples does."""

import argparse

from seqattack.cli.process import run_script
from seqattack.cli.script_victim import add_victim, chosen_victim
from seqattack.io import write_jsonl
from seqattack.records import read_records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_victim(parser)
    parser.add_argument("--records", required=True, help="the attack's records, JSON lines")
    parser.add_argument("--budget", type=int, required=True, help="queries an example")
    parser.add_argument("--output", required=True, help="output: JSON lines, one an example")
    options = parser.parse_args()

    victim = chosen_victim(options)
    from seqattack.explain.explanation import explain

    records = (record for record in read_records(options.records) if record.adversarial)
    found = (explain(record, victim, options.budget).to_json() for record in records)
    write_jsonl(options.output, found)


if __name__ == "__main__":
    run_script(main)
