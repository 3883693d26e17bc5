"""Victims that are functions or servers: what they answer, and what goes wrong with them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from seqattack.attack.engine import Engine
from seqattack.attack.settings import AttackSettings
from seqattack.errors import BackendError, ModelError
from seqattack.sentence import Sentence
from seqattack.victim.function import FunctionVictim
from seqattack.victim.http import RETRIES, HttpVictim
from seqattack.victim.prediction import decode, predict
from seqattack.victim.victim import Victim
from tests.helpers.tagging_server import TAGS, by_first_letter, tagging_server

TEXTS = [("Ann", "met", "Rome"), ("in", "Paris"), ("won",)]
EXPECTED = [("B-PER", "O", "B-LOC"), ("O", "B-LOC"), ("O",)]
SENTENCES = [
    Sentence(f"s-{i}", (name, "visited", "Paris", "on", "Monday", "."), tags)
    for i, name in enumerate(("Ann", "Bob", "Cy", "Dee", "Eli"))
    for tags in [("B-PER", "O", "B-LOC", "O", "B-LOC", "O")]
]
SETTINGS = AttackSettings("deepwordbug-i-5", query_budget=40)


def soft(texts: list[list[str]]) -> dict[str, Any]:
    tags = by_first_letter(texts)["tags"]
    rows = {tag: [0.6 if other == tag else 0.1 for other in TAGS] for tag in TAGS}
    return {"probabilities": [[rows[tag] for tag in text] for text in tags]}


@pytest.mark.parametrize(("answer", "hard"), [(by_first_letter, True), (soft, False)])
def test_a_server_is_a_victim(answer: Callable[..., Any], hard: bool) -> None:
    with tagging_server(answer) as server:
        victim = Victim.load(server.address)
        assert isinstance(victim, HttpVictim)
        assert (victim.labels, victim.checksum, victim.hard_labels) == (TAGS, "1", hard)
        before, requests = victim.queries, victim.requests
        found = predict(victim, TEXTS)
        assert [decode(rows, victim.labels) for rows in found] == EXPECTED
        assert (victim.queries - before, victim.requests - requests) == (3, 1)
        assert [len(texts) for texts in server.asked] == [2, 2, 3]
        np.testing.assert_allclose(found[0].sum(axis=1), 1, atol=1e-6)
        assert found[0].max() == pytest.approx(1 if hard else 0.6)


def test_many_texts_are_sent_in_batches() -> None:
    with tagging_server() as server:
        victim = HttpVictim(server.address)
        found = predict(victim, TEXTS * 30)
        assert [decode(rows, victim.labels) for rows in found] == EXPECTED * 30
        assert [len(texts) for texts in server.asked[2:]] == [32, 32, 26]


def test_given_tags_spare_the_question() -> None:
    with tagging_server(description={}) as server:
        with pytest.raises(ModelError, match="does not say its tags; give them with --tags"):
            Victim.load(server.address)
        assert Victim.load(server.address, tags=TAGS).labels == TAGS
        with pytest.raises(ModelError, match="its tags are not IOB2: O PER"):
            Victim.load(server.address, tags=("O", "PER"))


def test_a_server_that_fails_for_a_while_is_asked_again() -> None:
    with tagging_server(failures=3) as server:
        victim = HttpVictim(server.address, backoff=0.001)
        server.failures = 2
        assert [decode(rows, TAGS) for rows in predict(victim, TEXTS)] == EXPECTED
        assert victim.requests == 3


def test_requests_keep_to_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    stopped = SimpleNamespace(monotonic=lambda: 100.0, sleep=pauses.append)
    monkeypatch.setattr("seqattack.victim.http.time", stopped)
    with tagging_server() as server:
        victim = Victim.load(server.address, per_second=20.0)
        predict(victim, TEXTS * 40)
        assert len(server.asked) == 6
    assert pauses == pytest.approx([0, *[0.05] * 6]), "it is also asked what it is"


@pytest.mark.parametrize("longest", [-1, 0, 2.5, "many", True])
def test_a_server_that_takes_no_number_of_tokens_is_refused(longest: Any) -> None:
    description = {"tags": TAGS, "max_length": longest}
    refused = pytest.raises(ModelError, match=r"tokens \(max_length\)")
    with tagging_server(description=description) as server, refused:
        Victim.load(server.address)


def test_a_server_that_refuses_is_asked_once() -> None:
    with tagging_server(failures=9, failure=404) as server:
        refused = r"refused the request \(404 Not Found: .*busy.*correct the address or the server"
        with pytest.raises(BackendError, match=refused):
            HttpVictim(server.address, backoff=0.001)
        assert server.failures == 8


@pytest.mark.parametrize("name", ["http:localhost:80", "http://", "http://a..b/"])
def test_what_is_no_address_is_refused(name: str) -> None:
    with pytest.raises(BackendError, match=r"is no address of a server .*write http://HOST:PORT"):
        Victim.load(name)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [({"failures": 99}, "503 Service Unavailable"), ({"hang": 60}, "timed")],
)
def test_a_server_that_is_down_or_hangs_is_given_up(behaviour: dict[str, Any], reason: str) -> None:
    with tagging_server(**behaviour) as server:
        started = time.monotonic()
        with pytest.raises(BackendError, match=rf"does not answer .*{reason}.*run the same"):
            HttpVictim(server.address, backoff=0.001, patience=0.1)
        assert time.monotonic() - started < 20
        assert server.failures in (0, 99 - 1 - RETRIES)


def test_no_server_at_all() -> None:
    with pytest.raises(BackendError, match=r"127\.0\.0\.1:9/ does not answer"):
        HttpVictim("http://127.0.0.1:9/", backoff=0.001, patience=0.1)


LIES: dict[str, tuple[Any, str]] = {
    "too few texts": (lambda texts: {"tags": [["O"]]}, "gave 1 answers for"),
    "no list": (lambda texts: {"tags": 7}, "gave no list for"),
    "too few tags": (lambda texts: {"tags": [["O"] for _ in texts]}, "each of the 7 tokens"),
    "unknown tag": (
        lambda texts: {"tags": [["B-ORG"] * len(t) for t in texts]},
        "the tag 'B-ORG', which is not among",
    ),
    "neither": (lambda texts: {"labels": []}, "gave no list for"),
    "numbers missing": (
        lambda texts: {"probabilities": [[[0.5, 0.5]] * len(t) for t in texts]},
        "no 5 numbers for each token",
    ),
    "sum": (
        lambda texts: {"probabilities": [[[0.5] * 5] * len(t) for t in texts]},
        "sum to 1",
    ),
    "negative": (
        lambda texts: {"probabilities": [[[2, -1, 0, 0, 0]] * len(t) for t in texts]},
        "at least 0",
    ),
    "NaN": (
        lambda texts: {"probabilities": [[[float("nan")] * 5] * len(t) for t in texts]},
        "no probabilities",
    ),
    "words": (
        lambda texts: {"probabilities": [[["x"] * 5] * len(t) for t in texts]},
        "no 5 numbers",
    ),
    "no JSON": (lambda texts: b"<html>hello</html>", "no JSON object, but '<html>hello"),
    "a list": (lambda texts: [1, 2], "gave no JSON object"),
}


@pytest.mark.parametrize(("answer", "message"), LIES.values(), ids=LIES)
def test_a_server_that_lies_is_refused(answer: Callable[..., Any], message: str) -> None:
    with tagging_server(answer) as server, pytest.raises(ModelError, match=message) as caught:
        HttpVictim(server.address, backoff=0.001)
    assert server.address in str(caught.value)


def test_a_server_that_begins_to_lie_is_refused() -> None:
    with tagging_server() as server:
        victim = HttpVictim(server.address)
        server.answer = soft
        with pytest.raises(ModelError, match="gave no list for 3 texts"):
            predict(victim, TEXTS)


def test_an_attack_goes_on_where_a_server_broke_down(tmp_path: Path) -> None:
    attacked = partial(Engine, settings=SETTINGS, in_flight=1)
    with tagging_server() as server:
        whole = attacked(HttpVictim(server.address))
        whole.run(SENTENCES, tmp_path / "whole.jsonl")
        asked = len(server.asked)
        server.asked.clear()
        server.stop_after = asked // 2
        victim = HttpVictim(server.address, backoff=0.001)
        with pytest.raises(BackendError, match="what was found so far is kept"):
            attacked(victim).run(SENTENCES, tmp_path / "broken.jsonl")
        server.stop_after = None
        progress = attacked(victim).run(SENTENCES, tmp_path / "broken.jsonl")
    assert 0 < progress.resumed < len(SENTENCES)
    assert (tmp_path / "broken.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


MODULE = """
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")

def tag(texts):
    return [["B-PER" if word.istitle() else "O" for word in text] for text in texts]

tag.tags = TAGS

def others(texts):
    return [["O"] * len(text) for text in texts]

others.tags = TAGS

def broken(texts):
    raise RuntimeError("out of order")

broken.tags = TAGS
number = 3
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "my_tagger.py"
    path.write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "my_tagger", raising=False)
    return path


@pytest.mark.usefixtures("module")
def test_a_function_of_the_current_folder_is_a_victim() -> None:
    victim = Victim.load("python:my_tagger:tag")
    assert isinstance(victim, FunctionVictim)
    assert victim.hard_labels
    assert victim.labels == TAGS
    assert decode(predict(victim, [("Ann", "won")])[0], victim.labels) == ("B-PER", "O")
    records = list(Engine(victim, SETTINGS).attack([SENTENCES[0]]))
    assert records[0].hard_labels


@pytest.mark.usefixtures("module")
def test_functions_of_one_module_are_different_victims() -> None:
    first, other = (Victim.load(f"python:my_tagger:{name}") for name in ("tag", "others"))
    assert first.id != other.id
    assert first.id == Victim.load("python:my_tagger:tag").id


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("my_tagger", "write python:MODULE:FUNCTION"),
        ("my_tagger:none", "cannot be imported: AttributeError"),
        ("none:tag", "cannot be imported: ModuleNotFoundError"),
        ("my_tagger:number", "is no function"),
        ("my_tagger:broken", "failed on 2 texts: RuntimeError: out of order"),
    ],
)
def test_what_is_no_function_is_refused(name: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Victim.load(f"python:{name}")


def test_a_function_may_give_arrays() -> None:
    def tag(texts: list[list[str]]) -> list[Any]:
        return [np.tile(np.array([0.25, 0.75]), (len(text), 1)) for text in texts]

    victim = FunctionVictim(tag, ["O", "B-X"], "tag", "1")
    assert not victim.hard_labels
    assert predict(victim, [("a", "b")])[0].tolist() == [[0.25, 0.75], [0.25, 0.75]]
