"""What goes wrong in a run, and then the same command again: the same bytes in the end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from seqattack.integrity import checksum_path
from tests.helpers.kills import heed_interrupts
from tests.helpers.running import TINY, command, results, snakemake

pytestmark = pytest.mark.slow

ATTACK = "results/attacks/comparison/full/deepwordbug-i-5"


@pytest.fixture
def run(undisturbed: Path, tmp_path: Path) -> Path:
    """A copy of the undisturbed run that lacks one attack and all that comes after it."""
    folder = tmp_path / "run"
    shutil.copytree(undisturbed, folder, symlinks=True)
    for name in (ATTACK, "results/tables", "figures"):
        shutil.rmtree(folder / name)
    for name in ("tables.txt", "summary.txt"):
        (folder / "results" / name).unlink()
    return folder


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Start the run, in a process group of its own, and wait until an attack has begun."""
    process = subprocess.Popen(
        command(folder, TINY, "--cores=1"),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=heed_interrupts,
    )
    _wait(lambda: bool(list((folder / ATTACK).glob("*.partial"))), process)
    return process


def _wait(is_so: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    while not is_so():
        assert process.poll() is None, "the run ended before it could be disturbed"
        time.sleep(0.05)


def worker(process: subprocess.Popen[bytes]) -> psutil.Process:
    """Return the attack that a run has started."""
    children = psutil.Process(process.pid).children(recursive=True)
    (found,) = (c for c in children if "attack" in c.cmdline() and "python" in c.name())
    return found


def left(folder: Path) -> set[str]:
    """Return what is left of an attack, but its journals, checksums and what made it."""
    names = {path.name for path in (folder / ATTACK).iterdir()}
    return {name for name in names if not name.endswith((".partial", ".sha256", ".made"))}


def kill_the_worker(process: subprocess.Popen[bytes]) -> None:
    worker(process).kill()


def abort_the_worker(process: subprocess.Popen[bytes]) -> None:
    """As C++ does where its memory runs out."""
    worker(process).send_signal(signal.SIGABRT)


SAID = {kill_the_worker: "killed by SIGKILL, most likely", abort_the_worker: "killed by SIGABRT"}
"""What a job's log says for a process that says nothing."""


def interrupt(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGINT)


def hang_up(process: subprocess.Popen[bytes]) -> None:
    """As where a terminal closes, and its worker does not hear of it."""
    process.send_signal(signal.SIGHUP)


def kill_everything(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("disturb", [*SAID, interrupt, hang_up, kill_everything])
def test_a_disturbed_run_ends_with_the_same_bytes(
    run: Path, undisturbed: Path, disturb: Callable[[subprocess.Popen[bytes]], None]
) -> None:
    process = start(run)
    try:
        disturb(process)
        assert process.wait(timeout=120) != 0
    finally:
        if process.poll() is None:
            kill_everything(process)
    assert left(run) <= {"shard-0.jsonl", "shard-1.jsonl"}
    assert not (run / "results" / "tables").exists()
    if disturb in SAID:
        said = [log.read_text() for log in (run / "logs").glob("attack-comparison-full-*-[01].log")]
        assert [SAID[disturb] in each for each in said].count(True) == 1
    if disturb is kill_everything:
        refused = snakemake(run, TINY)
        assert refused.returncode != 0
        assert "--unlock" in refused.stdout + refused.stderr
        assert snakemake(run, TINY, "--unlock").returncode == 0
    again = snakemake(run, TINY)
    assert again.returncode == 0, again.stderr[-4000:]
    assert results(run) == results(undisturbed)


def test_a_second_run_into_the_same_folders_is_refused(run: Path, undisturbed: Path) -> None:
    """Also from elsewhere, and where only the worker of the first one is left."""
    process = start(run)
    orphan = worker(process)
    orphan.suspend()  # so that it does not end before it is an orphan
    try:
        second = snakemake(run, TINY)
        assert second.returncode != 0
        assert "locked" in second.stdout + second.stderr
        elsewhere = run.parent / "elsewhere"
        elsewhere.mkdir()
        other = snakemake(elsewhere, {**TINY, "results": str(run / "results")})
        assert other.returncode != 0
        refused = f"{run.resolve()}/results: another run works here; wait for its end, or end it"
        assert f"{refused} (held by process {process.pid} on " in other.stderr
        process.kill()
        process.wait()
        assert snakemake(run, TINY, "--unlock").returncode == 0
        third = snakemake(run, TINY)
        assert third.returncode != 0
        assert "another process is attacking into this file" in third.stdout + third.stderr
    finally:
        orphan.kill()
        if process.poll() is None:
            kill_everything(process)
    again = snakemake(run, TINY)
    assert again.returncode == 0, again.stderr[-4000:]
    assert results(run) == results(undisturbed)


def test_a_corrupt_shard_without_a_checksum_is_found_and_made_anew(
    undisturbed: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(undisturbed, run, symlinks=True)
    shard = run / ATTACK / "shard-1.jsonl"
    checksum_path(shard).unlink()
    shard.write_bytes(shard.read_bytes().replace(b'{"id"', b'{\x00id"', 1))
    found = snakemake(run, TINY)
    assert found.returncode != 0
    assert "moved to shard-1.jsonl.damaged: run the same command again" in found.stderr
    again = snakemake(run, TINY)
    assert again.returncode == 0, again.stderr[-4000:]
    (run / ATTACK / "shard-1.jsonl.damaged").unlink()
    assert results(run) == results(undisturbed)
