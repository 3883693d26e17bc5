"""Write how many entities of each unattacked test sentence a victim finds."""

import argparse

from seqattack.cli.process import run_script
from seqattack.cli.script_victim import add_victim, chosen_victim, shared_sentences
from seqattack.io import write_json
from seqattack.models.training_report import read_report
from seqattack.victim.source import VictimSource


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_victim(parser, has_precision=False)
    parser.add_argument("--sentences", required=True, help="the test set")
    parser.add_argument("--output", required=True, help="output: JSON")
    options = parser.parse_args()

    victim = chosen_victim(options)
    from seqattack.metrics.evaluation import entity_counts_of

    counts = entity_counts_of(victim, shared_sentences(options.sentences, victim))
    write_json(options.output, {"sentences_seen": seen(options.model), "counts": counts})


def seen(model: str) -> int | None:
    """Return the sentences that a victim's training saw in all passes; None if that is unknown."""
    training = read_report(VictimSource.of(model).name)
    if not training:
        return None
    return int(training["sentences"]["train"] * training["settings"]["epochs"])


if __name__ == "__main__":
    run_script(main)
