"""What the doctor finds, on computers that are made up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

import seqattack.pipeline.doctor as doctor
from seqattack.cli.main import main
from seqattack.pipeline.config import load_config
from seqattack.pipeline.doctor import Finding, State, diagnose

HUB = {"name": "tester/tiny", "revision": "0" * 40}
CONFIG = {
    "corpus": {"newswire": {"seed": 1, "train": 20, "dev": 5, "test": 5}},
    "pretrained": {"embedded": "minilm"},
    "victims": {"full": {}, "small": {"sentences": 10}},
    "subset": {"size": 4},
    "attacks": {"recipes": ["deepwordbug-i-5"]},
}


class Server(BaseHTTPRequestHandler):
    """Knows one address."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/v2/languages" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


def found(subject: str, **changes: object) -> Finding:
    """Return what is found about one thing a configuration needs."""
    findings = {each.subject: each for each in diagnose(load_config(CONFIG | changes))}
    return findings[subject]


def test_the_demo_can_run_here(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(CONFIG))
    assert main(["doctor", str(path)]) == 0
    said = capsys.readouterr().out
    assert "can run here" in said
    assert "MISSING" not in said
    assert main(["doctor"]) == 0


def test_a_missing_package_and_a_missing_gpu_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("torch", "no-such-package"))
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    findings = {each.subject: each for each in diagnose(load_config(CONFIG | {"device": "cuda"}))}
    assert findings["torch"].state is State.OK
    assert "pip install no-such-package" in findings["no-such-package"].detail
    assert findings["device"].state is State.MISSING


def test_files_that_are_not_there_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {split: str(tmp_path / split) for split in ("train", "dev", "test")}
    (tmp_path / "dev").write_text("")
    finding = found("corpus", corpus={"conll": paths})
    assert finding.state is State.MISSING
    assert paths["train"] in finding.detail
    assert paths["dev"] not in finding.detail
    config = CONFIG | {"corpus": {"conll": paths}, "victims": {"full": {"path": "no"}, "small": {}}}
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    assert main(["doctor", str(path)]) == 1
    said = capsys.readouterr().out
    assert "no: no model there" in said
    assert "cannot run here" in said


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=10**8))
    assert found("disk").state is State.MISSING


@pytest.mark.parametrize("is_offline", [True, False])
def test_a_hub_that_does_not_answer_is_named(
    monkeypatch: pytest.MonkeyPatch, is_offline: bool, server: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", is_offline)
    monkeypatch.setattr(
        "huggingface_hub.hf_hub_url", lambda name, path, **more: f"{server}/{name}/{path}"
    )
    finding = found("pretrained", pretrained=HUB)
    assert finding.state is State.MISSING
    assert ("HF_HUB_OFFLINE" if is_offline else "answers 404") in finding.detail


def test_what_the_hub_s_cache_holds_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *a, **k: "/cache/file")
    files = {split: {"path": f"{split}.parquet"} for split in ("train", "dev", "test")}
    assert found("corpus", corpus={"hub": HUB | {"files": files}}).state is State.OK
    assert found("corpus", corpus={"hub": {"name": "owner/dataset"}}).state is State.OK
    masked = {"recipes": ["bert-attack"]}
    assert found("masked_lm.default", attacks=masked, masked_lm={"default": HUB}).state is State.OK


def test_languagetool_needs_a_server_or_java(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    def state(address: str | None) -> State:
        settings = {"backend": "languagetool"} | ({"server": address} if address else {})
        return found("LanguageTool", grammar=settings).state

    assert state(server) is State.OK
    assert state(f"{server}/other") is State.MISSING
    assert state("http://127.0.0.1:9") is State.MISSING
    monkeypatch.setattr(doctor, "_java", lambda: None)
    assert state(None) is State.MISSING
    monkeypatch.setattr(doctor, "_java", lambda: 17)
    assert state(None) is State.NOTE


def test_java_s_version_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for said, expected in (
        ('openjdk version "17.0.9" x', 17),
        ('version "1.8.0_1"', 8),
        ("", None),
    ):
        done = SimpleNamespace(stderr=said)
        monkeypatch.setattr("subprocess.run", lambda *a, done=done, **k: done)
        assert doctor._java() == expected


def test_the_sentence_encoder_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: str
) -> None:
    assert found("similarity").state is State.OK
    settings = {"backend": "use", "model": str(tmp_path)}
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    assert "make setup-use" in found("TensorFlow", similarity=settings).detail
    assert found("similarity", similarity=settings).state is State.MISSING
    (tmp_path / "saved_model.pb").touch()
    assert found("similarity", similarity=settings).state is State.OK
    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path / "cache"))
    archive = {"backend": "use", "model": f"{server}/use.tar.gz"}
    assert found("similarity", similarity=archive).state is State.MISSING
    archive["model"] = f"{server}/v2/languages"
    assert found("similarity", similarity=archive).state is State.NOTE


def test_an_scpn_s_folder_is_looked_into(tmp_path: Path) -> None:
    attacks = {"recipes": ["scpn"]}
    assert found("scpn", attacks=attacks).state is State.OK
    finding = found("scpn", attacks=attacks, scpn={"path": str(tmp_path)})
    assert finding.state is State.MISSING
    assert "parse_generator.pt" in finding.detail
