"""Measure what noise does to a victim on the test set."""

import argparse

from seqattack.cli.process import run_script, set_threads
from seqattack.io import write_json


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="the victim: its folder, or KIND:NAME")
    parser.add_argument("--name", required=True, help="the victim's name")
    parser.add_argument("--test", required=True, help="test sentences, JSON lines")
    parser.add_argument("--suites", nargs="+", required=True, help="what goes wrong")
    parser.add_argument("--rates", nargs="+", type=float, required=True, help="how often")
    parser.add_argument("--where", required=True, help="everywhere, entities or context")
    parser.add_argument("--draws", type=int, required=True, help="how often each sentence")
    parser.add_argument("--seed", type=int, required=True, help="of noise and bootstrap")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--precision", default="float32", help="of the victim's forward passes")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    parser.add_argument("--output", required=True, help="output: JSON")
    options = parser.parse_args()

    set_threads(options.threads)
    from seqattack.corpus import read_sentences
    from seqattack.corpus.labels import share_classes
    from seqattack.metrics.noise import victim_noise
    from seqattack.perturbations.noise import Noise, Where
    from seqattack.perturbations.suites import find_suite
    from seqattack.victim.kinds import load_victim

    victim = load_victim(options.model, device=options.device, precision=options.precision)
    sentences = share_classes(read_sentences(options.test), victim.labels).sentences
    suites = map(find_suite, options.suites)
    noises = [Noise(s, rate, Where(options.where)) for s in suites for rate in options.rates]
    found = victim_noise(victim, options.name, sentences, noises, options.seed, options.draws)
    write_json(options.output, found.to_json())


if __name__ == "__main__":
    run_script(main)
