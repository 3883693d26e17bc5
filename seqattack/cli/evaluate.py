"""Commands that have a victim tag sentences."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from seqattack.cli.options import (
    add_model,
    add_sentences,
    check_outputs,
    chosen_victim,
    number,
    positive,
    read_shared,
    seed,
)


def add_evaluate(commands: Any) -> None:
    """Add the command that measures a victim."""
    parser = commands.add_parser("evaluate", help="precision, recall, F1 and leak rate of a victim")
    parser.set_defaults(run=_evaluate)
    add_model(parser)
    add_sentences(parser)
    parser.add_argument("--output", type=Path, help="write the metrics here as JSON too")


def add_pick_samples(commands: Any) -> None:
    """Add the command that chooses the sentences to attack."""
    parser = commands.add_parser("pick-samples", help="choose the sentences to attack")
    parser.set_defaults(run=_pick_samples)
    add_model(parser)
    add_sentences(parser)
    parser.add_argument("--size", type=positive, default=256, help="default: 256")
    parser.add_argument(
        "--max-wrong",
        type=number(0, 1),
        default=0.1,
        help="largest share of entity tokens that the victim may get wrong (default: 0.1)",
    )
    parser.add_argument(
        "--order", choices=("corpus", "shuffled"), default="corpus", help="default: corpus"
    )
    parser.add_argument("--seed", type=seed, default=0, help="of the shuffled order (default: 0)")
    parser.add_argument("--output", required=True, type=Path, help="JSON lines of sentences")
    parser.add_argument(
        "--left-out", type=Path, help="write the ids of sentences that are too long here, as JSON"
    )


def _evaluate(options: argparse.Namespace) -> None:
    check_outputs([options.output], [options.sentences, options.model])
    victim = chosen_victim(options)
    from seqattack.io import dump_json, write_json
    from seqattack.metrics.entities import entity_metrics
    from seqattack.metrics.evaluation import leak_rate, predicted_tags

    sentences = read_shared(options, victim)
    predicted = predicted_tags(victim, sentences)
    metrics = entity_metrics([sentence.tags for sentence in sentences], predicted)
    found = metrics.to_json() | {"leak_rate": leak_rate(sentences, predicted)}
    print(dump_json(found), end="")
    if options.output:
        write_json(options.output, found)


def _pick_samples(options: argparse.Namespace) -> None:
    check_outputs([options.output, options.left_out], [options.sentences, options.model])
    victim = chosen_victim(options)
    from seqattack.corpus import say, write_jsonl
    from seqattack.io import write_json
    from seqattack.pipeline.subset import pick_samples
    from seqattack.victim.windows import left_out_line

    subset = pick_samples(
        read_shared(options, victim),
        victim,
        options.size,
        options.max_wrong,
        options.order,
        options.seed,
    )
    write_jsonl(options.output, subset.sentences)
    say(
        f"{options.output}: {len(subset.sentences)} sentences, of {subset.qualified} that qualify, "
        f"of {subset.with_entity} with an entity, of {subset.examined}"
    )
    if subset.too_long:
        say(left_out_line(subset.too_long))
    if options.left_out:
        write_json(options.left_out, subset.too_long)
