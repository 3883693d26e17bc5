"""What is paid before any work: the command line's help, a job's imports, planning a run.

    python -m benchmarks.startup --model MODEL --sentences FILE

Each is run several times and the fastest counts; the ratio is to the limit that we keep to, on
an idle machine. Processor seconds say more on a busy one.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from benchmarks.common import parser
from seqattack.corpus import read_sentences
from seqattack.io import write_jsonl

DEMO = Path("config/demo.yaml")


def main() -> None:
    options_parser = parser(__doc__)
    options_parser.add_argument("--repeats", type=int, default=3)
    options = options_parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        one = folder / "one.jsonl"
        write_jsonl(one, [read_sentences(options.sentences)[0].to_json()])
        many = folder / "many.yaml"
        many.write_text(yaml.safe_dump(many_jobs(folder)), encoding="utf-8")
        attack = [
            *(
                "-m",
                "seqattack",
                "attack",
                "--model",
                options.model,
                "--threads",
                str(options.threads),
            ),
            *("--recipe", "deepwordbug-i-5", "--sentences", str(one)),
        ]
        plan = ["-m", "snakemake", "--dry-run", "--quiet", "all", "--configfile"]
        report("seqattack --help", ["-m", "seqattack", "--help"], 0.5, options.repeats)
        for number in range(options.repeats):
            report(
                "a job of one sentence", [*attack, "--output", str(folder / str(number))], 3.5, 1
            )
        report("planning the demo", [*plan, str(DEMO)], 5, options.repeats)
        report("planning 2,000 attack jobs", [*plan, str(many)], 30, 1)


def many_jobs(folder: Path) -> dict[str, Any]:
    """Return the demo's configuration cut into 2,000 attack jobs on the test set."""
    config: dict[str, Any] = yaml.safe_load(DEMO.read_text(encoding="utf-8"))
    recipes, victims = len(config["attacks"]["recipes"]), len(config["victims"])
    config["subset"]["size"] = 2000 // (recipes * victims)
    config["attack"]["shard_size"] = 1
    return config | {"results": str(folder / "results"), "figures": str(folder / "figures")}


def report(name: str, command: list[str], limit: float, repeats: int) -> None:
    """Print a command's best time, its share of what it may take, and its processor seconds.

    Args:
        name: What the command does.
        command: Arguments of Python.
        limit: What it may take, in seconds.
        repeats: How often to run it.
    """
    best = processor = float("inf")
    for _ in range(repeats):
        started, used = time.perf_counter(), processor_seconds()
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        best = min(best, time.perf_counter() - started)
        processor = min(processor, processor_seconds() - used)
    print(f"{name:28} {best:6.2f} s   {best / limit:5.2f} of {limit} s   {processor:6.2f} s")


def processor_seconds() -> float:
    """Return the processor seconds of all commands so far."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    main()
