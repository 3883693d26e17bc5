"""Try every victim's adversarial examples on every victim."""

import argparse

from seqattack.cli.process import named_paths, named_words, run_script
from seqattack.cli.script_victim import add_machine, chosen_victim
from seqattack.io import write_json
from seqattack.metrics.transfer import transfer
from seqattack.records import read_records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", nargs="+", required=True, help="NAME=records, JSON lines")
    parser.add_argument("--models", nargs="+", required=True, help="NAME=victim")
    add_machine(parser)
    parser.add_argument("--output", required=True, help="output: JSON")
    options = parser.parse_args()

    records = {
        name: list(read_records(path)) for name, path in named_paths(options.records).items()
    }
    found = []
    for target, source in named_words(options.models).items():
        victim = chosen_victim(options, source)
        found += [transfer(made, source, victim, target) for source, made in records.items()]
    write_json(options.output, [each.to_json() for each in found])


if __name__ == "__main__":
    run_script(main)
