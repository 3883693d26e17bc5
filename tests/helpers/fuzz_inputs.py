"""Fuzz configurations, command lines and model folders, and print what became of them.

python -m tests.helpers.fuzz_inputs configs 5000
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from tests.helpers.command_fuzz import fuzz_commands
from tests.helpers.config_fuzz import fuzz_configs
from tests.helpers.model_fuzz import fuzz_models

FUZZERS = {"configs": fuzz_configs, "commands": fuzz_commands, "models": fuzz_models}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=FUZZERS)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        tally = FUZZERS[options.what](Path(folder), options.count, options.seed)
    print(dict(sorted(tally.outcomes.items())), f"slowest: {tally.slowest:.2f} s")
    print(*tally.problems, sep="\n")
    raise SystemExit(bool(tally.problems))


if __name__ == "__main__":
    main()
