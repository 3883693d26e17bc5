"""Join the shards of an attack, score every example and summarise the attack."""

import argparse
import json

from seqattack.attack.records import read_shards
from seqattack.io import write_json, write_jsonl
from seqattack.metrics.grammar import grammar_backend
from seqattack.metrics.similarity import SimilaritySession, similarity_backend
from seqattack.metrics.summary import score_records, summarise
from seqattack.script import run_script, set_threads


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", nargs="+", required=True, help="the shards, in order")
    parser.add_argument("--shard-size", type=int, required=True, help="sentences of a full shard")
    parser.add_argument("--sentences", type=int, required=True, help="of all shards together")
    parser.add_argument("--victim", required=True, help="the victim's name")
    parser.add_argument("--similarity", required=True, help="the config's `similarity`, as JSON")
    parser.add_argument("--grammar", required=True, help="the config's `grammar`, as JSON")
    parser.add_argument("--seed", type=int, required=True, help="of the bootstrap")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    parser.add_argument("--joined", required=True, help="output: all records, JSON lines")
    parser.add_argument("--scored", required=True, help="output: scores of each, JSON lines")
    parser.add_argument("--summary", required=True, help="output: the attack's metrics, JSON")
    options = parser.parse_args()

    set_threads(options.threads)
    records = list(read_shards(options.records, options.shard_size, options.sentences))
    similarity = similarity_backend(json.loads(options.similarity))
    grammar = grammar_backend(json.loads(options.grammar))
    scored = score_records(records, SimilaritySession(similarity), grammar)
    write_jsonl(options.joined, (record.to_json() for record in records))
    write_jsonl(options.scored, (example.to_json() for example in scored))
    backends = (similarity.name, grammar.name)
    summary = summarise(records, scored, options.victim, options.seed, backends)
    write_json(options.summary, summary.to_json())


if __name__ == "__main__":
    run_script(main)
