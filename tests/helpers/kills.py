"""Kill a whole run of the workflow again and again, at random, and compare what it makes.

python -m tests.helpers.kills FOLDER --kills 100 --seed 7
python -m tests.helpers.kills FOLDER --config config/demo.yaml --longest 60

A run that `FOLDER/undisturbed` holds already is gone on with, as is one in `FOLDER/killed`.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import yaml

from seqattack.integrity import State, examine
from tests.helpers.corruption import differing
from tests.helpers.running import TINY, command, snakemake

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
TARGETS = ("Snakemake", "a worker", "all of them")

SHORTEST = 2.0
"""Seconds from a start to its kill, at least."""

OUTPUT = "killed.log"
"""What the killed runs printed, beside their folder."""


@dataclass
class Killer:
    """Starts a run, kills parts of it, and starts it again.

    Args:
        folder: Where the run is.
        config: Of the run.
        undisturbed: Where a run is that nothing kills.
        longest: Seconds from a start to its kill, at most.
        choice: Chooses what is killed, when and how.
    """

    folder: Path
    config: Mapping[str, Any]
    undisturbed: Path
    longest: float
    choice: random.Random
    killed: Counter[str] = field(default_factory=Counter)
    at_work: Counter[str] = field(default_factory=Counter)
    runs: int = 0

    def until(self, kills: int, minutes: float) -> None:
        """Kill so often, and bring the last run to its end.

        Args:
            kills: How many kills there are to be.
            minutes: After so many there are no more.

        Raises:
            AssertionError: A run ended with other bytes, or left something half-written.
        """
        end = time.monotonic() + 60 * minutes
        while self.killed.total() < kills and time.monotonic() < end:
            self._start_and_kill()
        self._unlock()
        self._wait_for_orphans()
        done = snakemake(self.folder, self.config)
        assert done.returncode == 0, done.stderr[-4000:]
        self._compare()

    def _start_and_kill(self) -> None:
        self._unlock()
        with (self.folder.parent / OUTPUT).open("a") as output:
            process = subprocess.Popen(
                command(self.folder, self.config, "--cores=1"),
                cwd=self.folder,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=heed_interrupts,
            )
        try:
            process.wait(self.choice.uniform(SHORTEST, self.longest))
        except subprocess.TimeoutExpired:
            self._kill(process)
        else:
            print(f"     ended by itself, with {process.returncode}", flush=True)
        if process.wait(timeout=3600) == 0:
            self._compare()
            self._wait_for_orphans()
            shutil.rmtree(self.folder)
            self.folder.mkdir()
        self._check_nothing_is_half_written()

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        """Send a signal to a part of the run; the orphans of a killed Snakemake go on."""
        kind = self.choice.choice(SIGNALS)
        children = psutil.Process(process.pid).children(recursive=True)
        doing, workers = work(children), [each.pid for each in children]
        target = self.choice.choice(TARGETS if workers else TARGETS[:1])
        if target == "a worker":
            send(self.choice.choice(workers), kind)
        elif target == "Snakemake":
            send(process.pid, kind)
        else:
            for pid in (process.pid, *workers):
                send(pid, kind)
        self.killed[f"{kind.name} to {target}"] += 1
        self.at_work[doing] += 1
        print(f"{self.killed.total():4} {kind.name} to {target}, during {doing}", flush=True)

    def _unlock(self) -> None:
        """Do as the message says after a kill of Snakemake itself."""
        if any((self.folder / ".snakemake" / "locks").glob("*")):
            done = snakemake(self.folder, self.config, "--unlock")
            assert done.returncode == 0, done.stderr[-4000:]

    def _wait_for_orphans(self) -> None:
        while any(self._is_ours(each) for each in psutil.process_iter()):
            time.sleep(0.5)

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return bool(process.cwd() == str(self.folder)) and process.pid != os.getpid()
        except psutil.Error:
            return False

    def _compare(self) -> None:
        found = differing(self.folder, self.undisturbed)
        assert not found, found
        self.runs += 1
        print("     a run came to its end, with the same files", flush=True)

    def _check_nothing_is_half_written(self) -> None:
        wrong = [each for each in examine(self.folder) if each.state is State.CHANGED]
        assert not wrong, wrong


def work(children: Iterable[psutil.Process]) -> str:
    """Return which command or script the processes of a run are at."""
    for child in children:
        with suppress(psutil.Error):
            words = child.cmdline()
            module, *options = words[words.index("-m") + 1 :] if "-m" in words else [""]
            if module == "seqattack":
                return options[0]
            if module.startswith("scripts."):
                return module
    return "planning"


def send(pid: int, kind: signal.Signals) -> None:
    """Send a signal to a process that may just have ended."""
    with suppress(ProcessLookupError):
        os.kill(pid, kind)


def heed_interrupts() -> None:
    """Undo what a shell does to a command in the background, and nohup: signals are ignored."""
    for each in (signal.SIGINT, signal.SIGHUP):
        signal.signal(each, signal.SIG_DFL)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="is made for the runs")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--config", type=Path, help="of the runs (default: a tiny one)")
    parser.add_argument(
        "--longest", type=float, default=30, help="seconds from a start to its kill"
    )
    parser.add_argument("--minutes", type=float, default=1000, help="no kill after so many")
    options = parser.parse_args(arguments)
    config = yaml.safe_load(options.config.read_text()) if options.config else TINY
    undisturbed, killed = options.folder / "undisturbed", options.folder / "killed"
    for folder in (undisturbed, killed):
        folder.mkdir(parents=True, exist_ok=True)
    done = snakemake(undisturbed, config)
    assert done.returncode == 0, done.stderr[-4000:]
    choice = random.Random(options.seed)
    killer = Killer(killed.resolve(), config, undisturbed, options.longest, choice)
    killer.until(options.kills, options.minutes)
    for counts in (killer.killed, killer.at_work):
        for what, count in sorted(counts.items()):
            print(f"{count:4} {what}")
    print(f"{killer.killed.total()} kills, {killer.runs} whole runs with the same bytes")


if __name__ == "__main__":
    main()
