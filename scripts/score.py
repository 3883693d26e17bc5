"""Join the shards of an attack, score every example and summarize the attack."""

import argparse
import json

from seqattack.cli.process import run_script, set_threads
from seqattack.io import write_json, write_jsonl
from seqattack.metrics.grammar.backends import grammar_backend
from seqattack.metrics.scores import score_records
from seqattack.metrics.summary import summarize
from seqattack.records import damaged_shards_moved_aside, read_shards
from seqattack.sentence_encoder.backends import load_sentence_encoder
from seqattack.sentence_encoder.session import SimilaritySession


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", nargs="+", required=True, help="the shards, in order")
    parser.add_argument("--shard-size", type=int, required=True, help="sentences of a full shard")
    parser.add_argument(
        "--sentences", type=int, required=True, help="sentences of all shards together"
    )
    parser.add_argument("--victim", required=True, help="the victim's name")
    parser.add_argument("--similarity", required=True, help="the config's `similarity`, as JSON")
    parser.add_argument("--grammar", required=True, help="the config's `grammar`, as JSON")
    parser.add_argument("--seed", type=int, required=True, help="seed of the bootstrap")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    parser.add_argument("--joined", required=True, help="output: all records, JSON lines")
    parser.add_argument("--scored", required=True, help="output: scores of each, JSON lines")
    parser.add_argument("--summary", required=True, help="output: the attack's metrics, JSON")
    options = parser.parse_args()

    set_threads(options.threads)
    with damaged_shards_moved_aside():
        records = list(read_shards(options.records, options.shard_size, options.sentences))
    similarity = load_sentence_encoder(json.loads(options.similarity))
    grammar = grammar_backend(json.loads(options.grammar))
    scored = score_records(records, SimilaritySession(similarity), grammar)
    write_jsonl(options.joined, (record.to_json() for record in records))
    write_jsonl(options.scored, (example.to_json() for example in scored))
    backends = (similarity.name, grammar.name)
    summary = summarize(records, scored, options.victim, options.seed, backends)
    write_json(options.summary, summary.to_json())


if __name__ == "__main__":
    run_script(main)
