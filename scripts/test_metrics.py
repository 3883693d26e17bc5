"""Write a victim's precision, recall and F1 on the unattacked test set."""

import argparse
from pathlib import Path
from typing import Any

from seqattack.cli.process import run_script, set_threads
from seqattack.io import read_json, write_json


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="the victim: its folder, or KIND:NAME")
    parser.add_argument("--sentences", required=True, help="the test set")
    parser.add_argument("--trained", action="store_true", help="take them from its training.json")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    parser.add_argument("--output", required=True, help="output: JSON")
    options = parser.parse_args()
    if options.trained:
        write_json(options.output, read_json(Path(options.model) / "training.json")["test"])
    else:
        write_json(options.output, measure(options))


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return the metrics of the victim that the options name."""
    set_threads(options.threads)
    from seqattack.corpus import read_sentences, say
    from seqattack.corpus.labels import share_classes
    from seqattack.metrics.evaluation import evaluate
    from seqattack.victim.kinds import load_victim

    victim = load_victim(options.model, device=options.device)
    shared = share_classes(read_sentences(options.sentences), victim.labels)
    for line in shared.lines():
        say(line)
    return evaluate(victim, shared.sentences).to_json()


if __name__ == "__main__":
    run_script(main)
