"""Fifty kills at random moments of an attack, and still the same bytes."""

from __future__ import annotations

import multiprocessing
import random
import time
from pathlib import Path

import pytest

from seqattack.attack.engine import Engine
from seqattack.attack.settings import AttackSettings
from seqattack.sentence import Sentence
from tests.helpers.corpora import corpus
from tests.helpers.fake_victim import FakeVictim

KILLS = 50


def attack(sentences: list[Sentence], path: Path) -> None:
    settings = AttackSettings("deepwordbug-i-5", query_budget=96)
    Engine(FakeVictim(), settings, in_flight=4).run(sentences, path)


def finished(path: Path) -> int:
    """Return the sentences that a journal holds, its header not counted."""
    journal = path.with_name(f"{path.name}.partial")
    try:
        return journal.read_bytes().count(b"\n") - 1
    except FileNotFoundError:
        return 0


def is_killed(sentences: list[Sentence], path: Path, more: int, delay: float) -> bool:
    """Kill an attack some time after it has finished so many more sentences, unless it ends."""
    goal = finished(path) + more
    # Forked, so that nothing is imported fifty times.
    process = multiprocessing.get_context("fork").Process(target=attack, args=(sentences, path))
    process.start()
    while process.is_alive() and finished(path) < goal:
        time.sleep(0.002)
    process.join(delay)
    process.kill()
    process.join()
    return process.exitcode != 0


@pytest.mark.slow
def test_fifty_kills_change_no_byte(tmp_path: Path) -> None:
    sentences = corpus(18)
    attack(sentences, tmp_path / "whole.jsonl")
    whole = (tmp_path / "whole.jsonl").read_bytes()
    choice = random.Random(0)
    path = tmp_path / "killed.jsonl"
    kills = whole_again = 0
    while kills < KILLS:
        kills += is_killed(sentences, path, choice.randint(0, 3), choice.uniform(0, 0.02))
        if path.exists():
            assert path.read_bytes() == whole
            path.unlink()
            whole_again += 1
    attack(sentences, path)
    assert path.read_bytes() == whole
    assert whole_again, "no attack ever came to its end"
    # A kill between writing and renaming leaves a hidden temporary file, never a visible one.
    visible = {each.name for each in tmp_path.iterdir() if not each.name.startswith(".")}
    assert visible == {"killed.jsonl", "whole.jsonl"}
