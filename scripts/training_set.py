"""Write a training set: all or the first sentences, then the first examples of each file."""

import argparse

from seqattack.cli.process import run_script
from seqattack.corpus import read_jsonl, write_jsonl
from seqattack.pipeline.augmentation import take


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", required=True, help="training sentences, JSON lines")
    parser.add_argument("--limit", default="all", help="how many of them, or all")
    parser.add_argument("--examples", nargs="*", default=[], help="N=adversarial examples")
    parser.add_argument("--output", required=True, help="output: JSON lines")
    options = parser.parse_args()

    sentences = take(read_jsonl(options.sentences), options.limit, options.sentences)
    for word in options.examples:
        limit, _, path = word.partition("=")
        sentences += take(read_jsonl(path), limit, path)
    write_jsonl(options.output, sentences)


if __name__ == "__main__":
    run_script(main)
