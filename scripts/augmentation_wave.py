"""Count the adversarial examples found so far and plan the next wave of shards."""

import argparse
from dataclasses import asdict

from seqattack.cli.process import run_script
from seqattack.io import read_json, write_json
from seqattack.pipeline.augmentation import measure_wave
from seqattack.records import damaged_shards_moved_aside, read_shards


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", nargs="+", required=True, help="all shards so far, in order")
    parser.add_argument("--plan", required=True, help="the plan, JSON")
    parser.add_argument("--shard-size", type=int, required=True, help="sentences of a full shard")
    parser.add_argument("--output", required=True, help="output: the wave, JSON")
    options = parser.parse_args()

    plan = read_json(options.plan)
    with damaged_shards_moved_aside():
        wave = measure_wave(
            read_shards(options.records, options.shard_size, plan["available"]),
            shards=len(options.records),
            shard_size=options.shard_size,
            wanted=plan["wanted"],
            available=plan["available"],
        )
    write_json(options.output, asdict(wave) | {"is_last": wave.is_last})


if __name__ == "__main__":
    run_script(main)
