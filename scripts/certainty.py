"""Measure how certain a victim is, before and under each attack, and draw it."""

import argparse
from pathlib import Path

from seqattack.cli.process import named_paths, run_script
from seqattack.cli.script_victim import add_victim, chosen_victim, shared_sentences
from seqattack.io import write_json
from seqattack.records import read_records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_victim(parser)
    parser.add_argument("--name", required=True, help="the victim's name")
    parser.add_argument("--calibration", required=True, help="sentences, JSON lines")
    parser.add_argument("--test", required=True, help="unattacked sentences, JSON lines")
    parser.add_argument("--records", nargs="+", required=True, help="ATTACK=records, JSON lines")
    parser.add_argument("--promised", type=float, required=True, help="coverage of the sets")
    parser.add_argument("--seed", type=int, required=True, help="seed of the bootstrap")
    parser.add_argument("--output", required=True, help="output: JSON")
    parser.add_argument("--figure", type=Path, required=True, help="output: without its ending")
    options = parser.parse_args()

    victim = chosen_victim(options)
    from seqattack.metrics.certainty import victim_certainty
    from seqattack.report.certainty_figure import write_certainty_figure

    calibration, test = (
        shared_sentences(path, victim) for path in (options.calibration, options.test)
    )
    records = {
        name: list(read_records(path)) for name, path in named_paths(options.records).items()
    }
    found = victim_certainty(
        victim, options.name, calibration, records, options.promised, options.seed, test
    )
    write_json(options.output, found.to_json())
    write_certainty_figure(found, options.figure)


if __name__ == "__main__":
    run_script(main)
