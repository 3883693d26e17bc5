"""Put the training sentences in the seeded order of the attack and plan its first wave."""

import argparse

from seqattack.cli.process import run_script
from seqattack.corpus import read_jsonl, write_jsonl
from seqattack.io import write_json
from seqattack.pipeline.augmentation import attack_order, first_wave


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", required=True, help="training sentences, JSON lines")
    parser.add_argument("--recipe", required=True, help="the attack's recipe")
    parser.add_argument("--seed", type=int, required=True, help="of the order")
    parser.add_argument("--wanted", type=int, required=True, help="adversarial examples wanted")
    parser.add_argument("--shard-size", type=int, required=True, help="sentences of a full shard")
    parser.add_argument("--order", required=True, help="output: sentences, JSON lines")
    parser.add_argument("--plan", required=True, help="output: the plan, JSON")
    options = parser.parse_args()

    order = attack_order(read_jsonl(options.sentences), options.recipe, options.seed)
    write_jsonl(options.order, order)
    shards = first_wave(options.wanted, len(order), options.shard_size)
    plan = {"wanted": options.wanted, "available": len(order), "first_wave": shards}
    write_json(options.plan, plan)


if __name__ == "__main__":
    run_script(main)
