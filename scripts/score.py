"""Join the shards of each attack, score every example and summarize the attack."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from seqattack.cli.process import run_script, set_threads
from seqattack.io import write_json, write_jsonl
from seqattack.metrics.grammar.backends import grammar_backend
from seqattack.metrics.scores import score_records
from seqattack.metrics.summary import summarize
from seqattack.pipeline.layout import AttackFolder
from seqattack.records import AttackRecord, damaged_shards_moved_aside, read_shards
from seqattack.sentence_encoder.backends import load_sentence_encoder
from seqattack.sentence_encoder.session import SimilaritySession


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attacks", nargs="+", type=Path, required=True, help="their folders")
    parser.add_argument("--shards", type=int, required=True, help="shards of each attack")
    parser.add_argument("--shard-size", type=int, required=True, help="sentences of a full shard")
    parser.add_argument(
        "--sentences", type=int, required=True, help="sentences of all shards together"
    )
    parser.add_argument("--similarity", required=True, help="the config's `similarity`, as JSON")
    parser.add_argument("--grammar", required=True, help="the config's `grammar`, as JSON")
    parser.add_argument("--seed", type=int, required=True, help="seed of the bootstrap")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    options = parser.parse_args()

    set_threads(options.threads)
    attacks = list(read_attacks(options))
    similarity = load_sentence_encoder(json.loads(options.similarity))
    grammar = grammar_backend(json.loads(options.grammar))
    session = SimilaritySession(similarity)
    for folder, records in attacks:
        scored = score_records(records, session, grammar)
        write_jsonl(folder.records, (record.to_json() for record in records))
        write_jsonl(folder.scored, (example.to_json() for example in scored))
        backends = (similarity.name, grammar.name)
        summary = summarize(records, scored, folder.victim, options.seed, backends)
        write_json(folder.summary, summary.to_json())


def read_attacks(options: argparse.Namespace) -> Iterator[tuple[AttackFolder, list[AttackRecord]]]:
    """Yield each attack's folder and the records of its shards."""
    with damaged_shards_moved_aside():
        for folder in map(AttackFolder, options.attacks):
            shards = [folder.shard(number) for number in range(options.shards)]
            yield folder, list(read_shards(shards, options.shard_size, options.sentences))


if __name__ == "__main__":
    run_script(main)
