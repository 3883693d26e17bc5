"""Decisions: nothing is lost, and what they give."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from seqattack.errors import ShortageError
from seqattack.pipeline.picks import Decision, PickError, PickStore, picked_examples, read_picks
from seqattack.sentence import Sentence
from tests.helpers.examples import LEEDS, RECORDS

ACCEPTED, REJECTED = Decision.ACCEPTED, Decision.REJECTED


def test_a_pick_is_on_the_disk_at_once(tmp_path: Path) -> None:
    path = tmp_path / "picks.json"
    pick, changed = PickStore(path).change("run", RECORDS[0], 0, decision=ACCEPTED, note="good")
    assert changed
    (read,) = read_picks(path).accepted
    assert read == pick
    assert (read.note, read.record) == ("good", RECORDS[0])


def test_a_change_made_from_an_old_version_is_refused(tmp_path: Path) -> None:
    one, other = PickStore(tmp_path / "picks.json"), PickStore(tmp_path / "picks.json")
    first, _ = one.change("run", RECORDS[0], 0, decision=ACCEPTED)
    second, changed = other.change("run", RECORDS[0], first.version, decision=REJECTED)
    assert changed
    seen, changed = one.change("run", RECORDS[0], first.version, note="late")
    assert not changed
    assert seen == second == one.read().picks["run", "test-1", ""]


def _pick_many(path: Path, run: str) -> None:
    store = PickStore(path)
    for record in RECORDS[:4]:
        assert store.change(run, record, 0, decision=ACCEPTED)[1]


def test_nothing_is_lost_between_threads_and_processes(tmp_path: Path) -> None:
    path = tmp_path / "picks.json"
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_pick_many, args=(path, "process"))
    process.start()
    store = PickStore(path)
    with ThreadPoolExecutor(8) as pool:
        jobs = [
            pool.submit(store.change, f"run-{n}", record, 0, decision=ACCEPTED)
            for n in range(10)
            for record in RECORDS[:4]
        ]
        assert all(job.result()[1] for job in jobs)
    process.join(60)
    assert process.exitcode == 0
    assert len(read_picks(path).accepted) == 44
    assert read_picks(path).revision == 44


def test_only_adversarial_examples_can_be_picked(tmp_path: Path) -> None:
    with pytest.raises(PickError, match="no example"):
        PickStore(tmp_path / "picks.json").change("run", RECORDS[4], 0, decision=ACCEPTED)


def test_a_damaged_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "picks.json"
    path.write_text('{"revision": 1, "picks": [{}]}')
    with pytest.raises(PickError, match="move it away"):
        PickStore(path).change("run", RECORDS[0], 0, decision=ACCEPTED)
    assert path.read_text() == '{"revision": 1, "picks": [{}]}'


def test_accepted_examples_become_training_sentences(tmp_path: Path) -> None:
    store = PickStore(tmp_path / "picks.json")
    store.change("b", RECORDS[1], 0, decision=ACCEPTED)
    pick, _ = store.change("a", RECORDS[0], 0, decision=ACCEPTED)
    store.change("a", RECORDS[2], 0, decision=REJECTED)
    store.change("a", RECORDS[0], pick.version, note="still the second")
    first, second = picked_examples(store.read(), [])
    assert first.tokens == ("Ann", "Lee", "never", "met", "Bob")
    assert second.tags == LEEDS.tags
    assert first.id != second.id


def test_examples_made_of_test_sentences_are_refused(tmp_path: Path) -> None:
    store = PickStore(tmp_path / "picks.json")
    store.change("a", RECORDS[0], 0, decision=ACCEPTED)
    test = Sentence("test-9", LEEDS.tokens, LEEDS.tags)
    with pytest.raises(PickError, match="allow_test_sentences"):
        picked_examples(store.read(), [test])
    assert picked_examples(store.read(), [replace(test, tokens=("a",) * 5)])


def test_nothing_accepted_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ShortageError, match="seqattack app"):
        picked_examples(read_picks(tmp_path / "none.json"), [])
