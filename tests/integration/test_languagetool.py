"""LanguageTool's HTTP API for real, on a server that the test starts: slow, broken or dead."""

from __future__ import annotations

import gc
import json
import re
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from scripts import score
from seqattack.attack.engine import Engine
from seqattack.attack.settings import AttackSettings
from seqattack.errors import BackendError
from seqattack.io import write_jsonl
from seqattack.metrics.grammar.backends import grammar_backend
from seqattack.metrics.grammar.checker import GrammarBackend
from seqattack.metrics.grammar.languagetool import CONCURRENT, LANGUAGETOOL_RULES
from seqattack.pipeline.layout import AttackFolder
from seqattack.records import AttackRecord
from seqattack.sentence import Sentence
from tests.helpers.fake_victim import FakeVictim


@dataclass
class Checker:
    """A server that speaks LanguageTool's HTTP API: a 'q' without a 'u' behind it is an error.

    Attributes:
        address: Where it listens.
        seconds: It takes for an answer.
        lives: Answers until it hangs up on everyone.
        body: Its answer to every text, instead of the right one.
        asked: The questions so far.
        most_at_once: Most questions that were open at once.
    """

    address: str = ""
    seconds: float = 0.0
    lives: int | None = None
    body: bytes | None = None
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    most_at_once: int = 0


@pytest.fixture
def checker() -> Iterator[Checker]:
    state = Checker()
    lock = threading.Lock()
    open_questions = 0

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer([{"name": "English (US)", "code": "en", "longCode": "en-US"}])

        def do_POST(self) -> None:
            nonlocal open_questions
            question = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            with lock:
                state.asked.append(question)
                open_questions += 1
                state.most_at_once = max(state.most_at_once, open_questions)
                is_dead = state.lives is not None and len(state.asked) > state.lives
            time.sleep(state.seconds)
            with lock:
                open_questions -= 1
            if is_dead:
                self.close_connection = True
                return
            text = question["text"][0]
            self.answer({"matches": [match(text, q) for q in re.finditer("q(?!u)", text)]})

        def answer(self, value: object) -> None:
            is_check = self.command == "POST"
            body = json.dumps(value).encode()
            if state.body is not None and is_check:
                body = state.body
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.serve_forever, args=[0.02], daemon=True).start()
        state.address = f"http://127.0.0.1:{httpd.server_port}"
        yield state
        httpd.shutdown()


def match(text: str, found: re.Match[str]) -> dict[str, object]:
    """Return an error as LanguageTool describes it."""
    return {
        "message": "a q without a u",
        "shortMessage": "",
        "replacements": [],
        "offset": found.start(),
        "length": 1,
        "context": {"text": text, "offset": found.start(), "length": 1},
        "sentence": text,
        "rule": {"id": "Q", "issueType": "misspelling", "category": {"id": "TYPOS"}},
    }


def languagetool(checker: Checker) -> GrammarBackend:
    return grammar_backend({"backend": "languagetool", "server": checker.address})


def test_it_counts_what_the_server_finds(checker: Checker) -> None:
    backend = languagetool(checker)
    assert backend.errors(["sq1 and sq2", "quite quick", "sq1 and sq2"]) == [2, 0, 2]
    assert backend.errors(["quite quick"]) == [0]
    assert len(checker.asked) == 2, "a text is asked for once"
    (asked,) = {question["language"][0] for question in checker.asked}
    assert asked == "en-US"
    assert set(LANGUAGETOOL_RULES) == set(checker.asked[0]["disabledRules"][0].split(","))


def test_a_slow_server_is_asked_for_several_texts_at_once(checker: Checker) -> None:
    checker.seconds = 0.1
    texts = ["q" * number + "." for number in range(12)]
    assert languagetool(checker).errors(texts) == list(range(12)), "in the texts' order"
    assert 1 < checker.most_at_once <= CONCURRENT


@pytest.mark.parametrize(
    "body",
    [b"<html>Bad gateway</html>", b'{"matc', b'{"error": "overloaded"}', b"[]", b"null", b""],
)
def test_garbage_is_an_error_with_a_cure(checker: Checker, body: bytes) -> None:
    checker.body = body
    with pytest.raises(BackendError, match=r"does not answer as it should .*grammar\.server"):
        languagetool(checker).errors(["sq1"])


def test_after_an_error_nothing_more_is_asked(checker: Checker) -> None:
    checker.lives, checker.seconds = 3, 0.02
    with pytest.raises(BackendError, match=r"run the same command again"):
        languagetool(checker).errors([f"text {number}" for number in range(200)])
    assert len(checker.asked) < 50


def test_no_server_is_an_error_with_a_cure() -> None:
    with pytest.raises(BackendError, match=r"127\.0\.0\.1:9 does not answer .*Start a server"):
        grammar_backend({"backend": "languagetool", "server": "http://127.0.0.1:9"})


OWN_SERVER = """
import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer([{"name": "English (US)", "code": "en", "longCode": "en-US"}])

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"matches": []})

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_a_server_of_its_own_is_started_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for the Java program that language-tool-python downloads and starts."""
    from language_tool_python import server
    from language_tool_python.download_lt import LocalLanguageTool

    class StandIn:
        def download(self) -> None:
            pass

        def get_server_cmd(self, port: int, config: object) -> list[str]:
            return [sys.executable, "-c", OWN_SERVER, str(port)]

    monkeypatch.setattr("seqattack.metrics.grammar.languagetool._programs", lambda: Path("jars"))
    monkeypatch.setattr(LocalLanguageTool, "from_version_name", lambda version: StandIn())
    backend = grammar_backend({"backend": "languagetool"})
    assert backend.errors(["one", "two"]) == [0, 0]
    (process,) = server.RUNNING_SERVER_PROCESSES
    del backend
    gc.collect()
    assert process.poll() is not None
    assert not server.RUNNING_SERVER_PROCESSES


def test_a_server_of_its_own_that_cannot_be_had_is_an_error_with_a_cure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from language_tool_python.download_lt import LocalLanguageTool

    def offline(version: str) -> None:
        raise OSError("no network")

    monkeypatch.setattr("seqattack.metrics.grammar.languagetool._programs", lambda: Path("jars"))
    monkeypatch.setattr(LocalLanguageTool, "from_version_name", offline)
    with pytest.raises(BackendError, match=r"OSError: no network.*install Java 17"):
        grammar_backend({"backend": "languagetool"})


def attack_records() -> list[AttackRecord]:
    engine = Engine(FakeVictim(), AttackSettings("deepwordbug-i-5", query_budget=64))
    sentences = [
        Sentence(f"s{number}", ("The", "squad", name, "won"), ("O", "O", "B-PER", "O"))
        for number, name in enumerate(("Yeboah", "Charlton", "Brolin", "Masinga", "Palmer"))
    ]
    return list(engine.attack(sentences))


@pytest.mark.slow
def test_a_server_that_dies_midway_leaves_nothing_and_a_rerun_ends_with_the_same_bytes(
    checker: Checker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [record.to_json() for record in attack_records()]
    grammar = json.dumps({"backend": "languagetool", "server": checker.address})
    monkeypatch.setattr(score, "set_threads", lambda threads: None)

    def attacked(name: str) -> AttackFolder:
        folder = AttackFolder(tmp_path / name / "small" / "deepwordbug-i-5")
        write_jsonl(folder.shard(0), records)
        return folder

    def run(folder: AttackFolder) -> list[bytes]:
        arguments = ["--attacks", str(folder.path), "--shards", "1", "--shard-size", "5"]
        arguments += ["--sentences", "5", "--seed", "0", "--similarity", "{}", "--grammar", grammar]
        monkeypatch.setattr(sys, "argv", ["score", *arguments])
        score.main()
        return [path.read_bytes() for path in (folder.records, folder.scored, folder.summary)]

    undisturbed = run(attacked("undisturbed"))
    assert json.loads(undisturbed[2])["successes"] > 1
    disturbed = attacked("disturbed")
    checker.lives = len(checker.asked) + 2
    with pytest.raises(BackendError, match="does not answer"):
        run(disturbed)
    assert list(disturbed.path.iterdir()) == [disturbed.shard(0)]
    checker.lives = None
    assert run(disturbed) == undisturbed
