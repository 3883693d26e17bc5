"""A service that dies while a job uses it: no output, and afterwards the same bytes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

import scripts.score
from seqattack.attack.engine import AttackSettings, Engine
from seqattack.errors import BackendError
from tests.fake_victim import FakeVictim
from tests.integration.test_backends import Checker
from tests.unit.test_engine import corpus


class Dying(Checker):
    """Answers so many questions and then no more."""

    patience: ClassVar[list[int]] = []

    def do_POST(self) -> None:  # noqa: N802
        self.patience[0] -= 1
        self.is_down = self.patience[0] < 0
        super().do_POST()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], str]]:
    """A LanguageTool server with so much patience."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Dying) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()

        def patient(patience: int) -> str:
            monkeypatch.setattr(Dying, "patience", [patience])
            return f"http://127.0.0.1:{httpd.server_port}"

        yield patient
        httpd.shutdown()


@pytest.mark.slow
def test_a_languagetool_server_that_dies_midway(
    tmp_path: Path, server: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(FakeVictim(), AttackSettings("deepwordbug-i-5", query_budget=60))
    engine.run(corpus(12), tmp_path / "shard.jsonl")

    def score(folder: Path, patience: int) -> dict[str, bytes]:
        grammar = {"backend": "languagetool", "server": server(patience)}
        options = {
            "records": tmp_path / "shard.jsonl",
            "shard-size": 12,
            "sentences": 12,
            "victim": "full",
            "similarity": json.dumps({"backend": "minilm"}),
            "grammar": json.dumps(grammar),
            "seed": 0,
            "joined": folder / "records.jsonl",
            "scored": folder / "scored.jsonl",
            "summary": folder / "summary.json",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        monkeypatch.setattr("sys.argv", ["score", *words])
        scripts.score.main()
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    undisturbed = score(tmp_path / "undisturbed", 10**6)
    with pytest.raises(BackendError, match="does not answer"):
        score(tmp_path / "disturbed", 5)
    assert not (tmp_path / "disturbed").exists()
    assert score(tmp_path / "disturbed", 10**6) == undisturbed
