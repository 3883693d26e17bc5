"""Sentences that are longer than the victim takes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqattack.cli.main import main
from seqattack.corpus import read_jsonl, write_jsonl
from seqattack.metrics.evaluation import evaluate
from seqattack.pipeline.subset import pick_samples
from seqattack.sentence import Sentence
from seqattack.victim.prediction import decode, predict
from seqattack.victim.windows import leave_out_long, windows
from tests.helpers.fake_victim import FakeVictim


@given(
    st.lists(st.text("ab", min_size=1, max_size=12), min_size=1, max_size=60), st.integers(1, 40)
)
def test_each_token_is_kept_once_by_a_window_that_fits(tokens: list[str], limit: int) -> None:
    def fits(text: Sequence[str]) -> bool:
        return sum(map(len, text)) <= limit

    found = windows(tokens, fits)
    assert all(fits(window.tokens) for window in found)
    kept = [token for w in found for token in w.tokens[w.skip : w.skip + w.keep]]
    assert kept == [token if fits([token]) else token[:limit] for token in tokens]
    assert all(window.skip >= 0 <= window.keep for window in found)


def test_windows_overlap() -> None:
    found = windows([str(n) for n in range(100)], lambda text: len(text) <= 20)
    for before, after in pairwise(found):
        assert before.skip + before.keep < len(before.tokens)
        assert after.skip > 0
        shared = set(before.tokens) & set(after.tokens)
        assert len(shared) == 5


def test_a_very_long_text_is_cut_in_reasonable_time() -> None:
    counted = 0

    def fits(text: Sequence[str]) -> bool:
        nonlocal counted
        counted += len(text)
        return len(text) <= 100

    found = windows(["x"] * 20_000, fits)
    assert sum(window.keep for window in found) == 20_000
    assert counted < 100 * 20_000


@pytest.fixture
def victim() -> FakeVictim:
    return FakeVictim()


LONG = tuple(f"w{n}x" for n in range(150))


def test_a_long_text_is_predicted_as_its_windows_are(victim: FakeVictim) -> None:
    short = LONG[:30]
    found = predict(victim, [short, LONG, short])
    assert [len(rows) for rows in found] == [30, 150, 30]
    np.testing.assert_array_equal(found[0], found[2])
    # The fake victim looks at a token and its neighbours alone, so that windows change nothing
    # except where one ends.
    victim.max_length = 1000
    (whole,) = predict(victim, [LONG])
    victim.max_length = 64
    np.testing.assert_array_equal(found[1], whole)


def test_evaluation_counts_every_token_of_a_long_sentence(victim: FakeVictim) -> None:
    tags = decode(predict(victim, [LONG])[0], victim.labels)
    gold = tuple("O" if tag.startswith("I-") else tag for tag in tags)
    metrics = evaluate(victim, [Sentence("long", LONG, gold)])
    assert metrics.token_accuracy == pytest.approx(
        sum(a == b for a, b in zip(tags, gold, strict=True)) / len(LONG)
    )


def test_the_subset_leaves_long_sentences_out_and_says_so(victim: FakeVictim) -> None:
    tags = decode(predict(victim, [LONG])[0], victim.labels)
    gold = tuple(tag if tag.startswith("B-") else "O" for tag in tags)
    long = Sentence("long", LONG, gold)
    short = replace(long, id="short", tokens=LONG[:30], tags=gold[:30])
    found = pick_samples([long, short], victim, 1, max_wrong=1)
    assert found.sentences == (short,)
    assert found.too_long == ("long",)
    assert found.with_entity == 2
    assert leave_out_long([long, short], victim.fits) == ([short], ("long",))


def test_the_commands_go_on(
    tmp_path: Path,
    victim: FakeVictim,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(victim, "folder", None, raising=False)
    monkeypatch.setattr("seqattack.victim.kinds.load_victim", lambda *args, **options: victim)
    tags = decode(predict(victim, [LONG])[0], victim.labels)
    gold = tuple(tag if tag.startswith("B-") else "O" for tag in tags)
    sentences = [Sentence("long", LONG, gold), Sentence("short", LONG[:30], gold[:30])]
    write_jsonl(tmp_path / "a.jsonl", sentences)
    common = ["--model", "x", "--sentences", str(tmp_path / "a.jsonl")]
    assert main(["evaluate", *common]) == 0
    picked, left_out = tmp_path / "picked.jsonl", tmp_path / "left-out.json"
    options = ["--size", "1", "--max-wrong", "1", "--output", str(picked)]
    assert main(["pick-samples", *common, *options, "--left-out", str(left_out)]) == 0
    assert [s.id for s in read_jsonl(picked)] == ["short"]
    assert left_out.read_text() == '[\n  "long"\n]\n'
    output = ["--recipe", "deepwordbug-i-5", "--query-budget", "9", "--output"]
    assert main(["attack", *common, *output, str(tmp_path / "records.jsonl")]) == 0
    assert len((tmp_path / "records.jsonl").read_text().splitlines()) == 1
    said = capsys.readouterr().err
    assert said.count("1 sentence(s) are too long for the victim and were left out: long") == 2
    # A job of the pipeline must have a record of each sentence.
    monkeypatch.setattr(victim, "name", "results/models/small", raising=False)
    job = json.dumps({"settings": {"recipe": "deepwordbug-i-5"}, "resources": {}, "machine": {}})
    records = tmp_path / "shard-0.jsonl"
    assert main(["attack", *common, "--job", job, "--output", str(records)]) == 2
    assert re.search(
        "sentence long has [0-9]+ sub-tokens, but results/models/small takes at most [0-9]+; split",
        capsys.readouterr().err,
    )
    assert not records.exists()
