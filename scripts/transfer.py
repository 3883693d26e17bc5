"""Try every victim's adversarial examples on every victim."""

import argparse

from seqattack.cli.process import named_paths, named_words, run_script, set_threads
from seqattack.io import write_json
from seqattack.metrics.transfer import transfer
from seqattack.records import read_records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", nargs="+", required=True, help="NAME=records, JSON lines")
    parser.add_argument("--models", nargs="+", required=True, help="NAME=victim")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--precision", default="float32", help="of the victims' forward passes")
    parser.add_argument("--backend", default="torch", help="what computes them")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    parser.add_argument("--output", required=True, help="output: JSON")
    options = parser.parse_args()

    set_threads(options.threads)
    from seqattack.victim.kinds import load_victim

    records = {
        name: list(read_records(path)) for name, path in named_paths(options.records).items()
    }
    found = []
    for target, source in named_words(options.models).items():
        victim = load_victim(
            source, device=options.device, precision=options.precision, backend=options.backend
        )
        found += [transfer(made, source, victim, target) for source, made in records.items()]
    write_json(options.output, [each.to_json() for each in found])


if __name__ == "__main__":
    run_script(main)
