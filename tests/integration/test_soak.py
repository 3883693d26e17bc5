"""Fifty kills at random moments of an attack, and still the same bytes."""

from __future__ import annotations

import multiprocessing
import random
import time
from pathlib import Path

import pytest

from seqattack.attack.engine import AttackSettings, Engine
from seqattack.sentence import Sentence
from tests.fake_victim import FakeVictim
from tests.unit.test_engine import corpus

KILLS = 50


def attack(sentences: list[Sentence], path: Path) -> None:
    settings = AttackSettings("deepwordbug-i-5", query_budget=96)
    Engine(FakeVictim(), settings, in_flight=4).run(sentences, path)


def is_killed(sentences: list[Sentence], path: Path, delay: float) -> bool:
    """Start the attack in a process of its own and kill it, unless it ends before."""
    # Forked, so that nothing is imported fifty times.
    process = multiprocessing.get_context("fork").Process(target=attack, args=(sentences, path))
    process.start()
    process.join(delay)
    process.kill()
    process.join()
    return process.exitcode != 0


@pytest.mark.slow
def test_fifty_kills_change_no_byte(tmp_path: Path) -> None:
    sentences = corpus(18)
    start = time.monotonic()
    attack(sentences, tmp_path / "whole.jsonl")
    duration = time.monotonic() - start
    whole = (tmp_path / "whole.jsonl").read_bytes()
    choice = random.Random(0)
    path = tmp_path / "killed.jsonl"
    kills = finished = 0
    while kills < KILLS:
        if is_killed(sentences, path, choice.uniform(0, duration / 3)):
            kills += 1
        if path.exists():
            assert path.read_bytes() == whole
            path.unlink()
            finished += 1
    attack(sentences, path)
    assert path.read_bytes() == whole
    assert finished, "kills came too early to tell anything"
    assert sorted(each.name for each in tmp_path.glob("*jsonl*")) == ["killed.jsonl", "whole.jsonl"]
