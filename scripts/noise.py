"""Measure what noise does to a victim on the test set."""

import argparse

from seqattack.cli.process import run_script
from seqattack.cli.script_victim import add_victim, chosen_victim, shared_sentences
from seqattack.io import write_json


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_victim(parser)
    parser.add_argument("--name", required=True, help="the victim's name")
    parser.add_argument("--test", required=True, help="test sentences, JSON lines")
    parser.add_argument("--suites", nargs="+", required=True, help="what goes wrong")
    parser.add_argument("--rates", nargs="+", type=float, required=True, help="how often")
    parser.add_argument("--where", required=True, help="everywhere, entities or context")
    parser.add_argument("--draws", type=int, required=True, help="how often each sentence")
    parser.add_argument("--seed", type=int, required=True, help="of noise and bootstrap")
    parser.add_argument("--output", required=True, help="output: JSON")
    options = parser.parse_args()

    victim = chosen_victim(options)
    from seqattack.metrics.noise import victim_noise
    from seqattack.perturbations.noise import Noise, Where
    from seqattack.perturbations.suites import find_suite

    sentences = shared_sentences(options.test, victim)
    suites = map(find_suite, options.suites)
    noises = [Noise(s, rate, Where(options.where)) for s in suites for rate in options.rates]
    found = victim_noise(victim, options.name, sentences, noises, options.seed, options.draws)
    write_json(options.output, found.to_json())


if __name__ == "__main__":
    run_script(main)
