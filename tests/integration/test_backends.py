"""The default backends on real text."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs

import pytest

from seqattack.errors import BackendError, ConfigError
from seqattack.metrics.grammar import LANGUAGETOOL_RULES, TOKENIZATION_RULES, grammar_backend
from seqattack.metrics.similarity import SimilaritySession, similarity_backend


def test_similarity_orders_texts_as_a_reader_would() -> None:
    session = SimilaritySession(similarity_backend({"backend": "minilm"}))
    text = "Shares in the bank fell sharply in Paris on Friday ."
    same, near, far = session.similarities(
        [
            (text, text),
            (text, "The bank 's stock dropped on Friday in Paris ."),
            (text, "Heavy rain stopped the cricket match ."),
        ]
    )
    assert same == pytest.approx(1, abs=1e-3)
    assert 1 > near > 0.6 > far
    alone = SimilaritySession(similarity_backend({})).similarities(
        [(text, "Heavy rain stopped the cricket match .")]
    )
    assert alone == [far]
    assert session.similarities([]) == []


def test_grammar_counts_typos_but_not_tokenization() -> None:
    backend = grammar_backend({"backend": "harper"})
    clean = "The minister said on Friday that prices would rise , but gave no date ."
    typo = "The ministr said on Friday that pricse would rise , but gave no date ."
    assert backend.errors([clean, typo, clean]) == [0, 2, 0]


def test_the_rules_that_are_off_exist() -> None:
    import harper

    assert set(TOKENIZATION_RULES) <= set(harper.Linter().get_lint_config())


class Checker(BaseHTTPRequestHandler):
    """Answers LanguageTool's HTTP API: every word with a 'q' and no 'u' behind it is an error."""

    asked: ClassVar[list[dict[str, list[str]]]] = []
    is_down = False

    def do_GET(self) -> None:
        self.answer([{"name": "English (US)", "code": "en", "longCode": "en-US"}])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        question = parse_qs(body)
        self.asked.append(question)
        text = question["text"][0]
        matches = [
            {
                "message": "a q without a u",
                "shortMessage": "",
                "replacements": [],
                "offset": found.start(),
                "length": 1,
                "context": {"text": text, "offset": found.start(), "length": 1},
                "sentence": text,
                "rule": {"id": "Q", "issueType": "misspelling", "category": {"id": "TYPOS"}},
            }
            for found in re.finditer("q(?!u)", text)
        ]
        self.answer({"matches": matches})

    def answer(self, value: object) -> None:
        if self.is_down:
            self.send_error(503)
            return
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(Checker, "asked", [])
    with ThreadingHTTPServer(("127.0.0.1", 0), Checker) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


def test_languagetool_counts_what_the_server_finds(server: str) -> None:
    backend = grammar_backend({"backend": "languagetool", "server": server})
    assert backend.errors(["sq1 and sq2", "quite quick", "sq1 and sq2"]) == [2, 0, 2]
    assert len(Checker.asked) == 2, "a text is asked for once"
    (asked,) = {question["language"][0] for question in Checker.asked}
    assert asked == "en-US"
    assert set(LANGUAGETOOL_RULES) == set(Checker.asked[0]["disabledRules"][0].split(","))


def test_a_languagetool_server_that_dies_is_an_error_with_a_cure(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = grammar_backend({"backend": "languagetool", "server": server})
    monkeypatch.setattr(Checker, "is_down", True)
    with pytest.raises(BackendError, match=r"does not answer .*grammar\.server"):
        backend.errors(["sq1"])
    with pytest.raises(BackendError, match="does not answer"):
        grammar_backend({"backend": "languagetool", "server": "http://127.0.0.1:9"})


@pytest.mark.parametrize("build", [similarity_backend, grammar_backend])
def test_unknown_backends_are_refused(build) -> None:
    with pytest.raises(ConfigError, match=r"write one of|did you mean"):
        build({"backend": "gramarly"})
