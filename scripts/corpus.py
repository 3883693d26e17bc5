"""Read or generate the corpus and write one file for each split."""

import argparse
import json

from seqattack.cli.process import run_script
from seqattack.corpus import SPLITS, corpus_statistics, load_corpus, write_jsonl
from seqattack.io import write_json


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", required=True, help="the config's `corpus`, as JSON")
    for split in SPLITS:
        parser.add_argument(f"--{split}", required=True, help=f"output: the {split} sentences")
    parser.add_argument("--labels", default="{}", help="the config's `labels`, as JSON")
    parser.add_argument("--statistics", required=True, help="output: counts, as JSON")
    options = parser.parse_args()

    corpus = load_corpus(json.loads(options.source), json.loads(options.labels))
    for split in SPLITS:
        write_jsonl(getattr(options, split), corpus[split])
    write_json(options.statistics, {split: corpus_statistics(corpus[split]) for split in SPLITS})


if __name__ == "__main__":
    run_script(main)
