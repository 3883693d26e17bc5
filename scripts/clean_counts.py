"""Write how many entities of each unattacked test sentence a victim finds."""

import argparse
from pathlib import Path

from seqattack.cli.process import run_script, set_threads
from seqattack.io import read_json, write_json
from seqattack.victim.source import VictimSource


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="the victim: its folder, or KIND:NAME")
    parser.add_argument("--sentences", required=True, help="the test set")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    parser.add_argument("--output", required=True, help="output: JSON")
    options = parser.parse_args()

    set_threads(options.threads)
    from seqattack.corpus import read_sentences
    from seqattack.corpus.labels import share_classes
    from seqattack.metrics.evaluation import entity_counts_of
    from seqattack.victim.kinds import load_victim

    victim = load_victim(options.model, device=options.device)
    shared = share_classes(read_sentences(options.sentences), victim.labels)
    counts = entity_counts_of(victim, shared.sentences)
    write_json(options.output, {"sentences_seen": seen(options.model), "counts": counts})


def seen(model: str) -> int | None:
    """Return the sentences that a victim's training saw in all passes; None if that is unknown."""
    report = Path(VictimSource.of(model).name) / "training.json"
    if not report.is_file():
        return None
    training = read_json(report)
    return int(training["sentences"]["train"] * training["settings"]["epochs"])


if __name__ == "__main__":
    run_script(main)
