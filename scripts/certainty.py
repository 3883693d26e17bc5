"""Measure how certain a victim is, before and under each attack, and draw it."""

import argparse
from pathlib import Path

from seqattack.cli.process import named_paths, run_script, set_threads
from seqattack.io import write_json
from seqattack.records import read_records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="the victim: its folder, or KIND:NAME")
    parser.add_argument("--name", required=True, help="the victim's name")
    parser.add_argument("--calibration", required=True, help="sentences, JSON lines")
    parser.add_argument("--test", required=True, help="unattacked sentences, JSON lines")
    parser.add_argument("--records", nargs="+", required=True, help="ATTACK=records, JSON lines")
    parser.add_argument("--promised", type=float, required=True, help="coverage of the sets")
    parser.add_argument("--seed", type=int, required=True, help="seed of the bootstrap")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--precision", default="float32", help="of the victim's forward passes")
    parser.add_argument("--backend", default="torch", help="what computes them")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    parser.add_argument("--output", required=True, help="output: JSON")
    parser.add_argument("--figure", type=Path, required=True, help="output: without its ending")
    options = parser.parse_args()

    set_threads(options.threads)
    from seqattack.corpus import read_sentences
    from seqattack.corpus.labels import share_classes
    from seqattack.metrics.certainty import victim_certainty
    from seqattack.report.certainty_figure import write_certainty_figure
    from seqattack.victim.kinds import load_victim

    victim = load_victim(
        options.model,
        device=options.device,
        precision=options.precision,
        backend=options.backend,
    )
    calibration, test = (
        share_classes(read_sentences(path), victim.labels).sentences
        for path in (options.calibration, options.test)
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
