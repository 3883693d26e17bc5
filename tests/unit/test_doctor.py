"""What the doctor finds, on computers that are made up."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

import seqattack.pipeline.doctor as doctor
from seqattack.cli.main import main
from seqattack.pipeline.config import load_config
from seqattack.pipeline.doctor import Finding, State, diagnose, missing_parts
from seqattack.scpn.folder import FILES as SCPN_FILES
from seqattack.scpn.stanza_folder import FILES as STANZA_FILES
from tests.helpers.configs import minimal_config

HUB = {"name": "tester/tiny", "revision": "0" * 40}
DEMO = Path(__file__).resolve().parents[2] / "config" / "demo.yaml"


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
    findings = {each.subject: each for each in diagnose(load_config(minimal_config(**changes)))}
    return findings[subject]


def missing(changes: Mapping[str, object], *, conda: bool) -> list[str]:
    """Return what keeps a run from starting."""
    return missing_parts(load_config(minimal_config(**changes)), conda=conda)


def test_the_demo_can_run_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", str(DEMO)]) == 0
    said = capsys.readouterr().out
    assert "can run here" in said
    assert "MISSING" not in said
    assert main(["doctor"]) == 0


def test_a_missing_package_and_a_missing_gpu_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "REQUIRED", ("torch", "no-such-package"))
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    config = load_config(minimal_config(device="cuda"))
    findings = {each.subject: each for each in diagnose(config)}
    assert findings["torch"].state is State.OK
    assert "pip install no-such-package" in findings["no-such-package"].detail
    assert findings["device"].state is State.MISSING


def test_a_backend_that_is_not_installed_keeps_a_run_from_starting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = load_config(minimal_config(backend="openvino"))
    monkeypatch.setitem(sys.modules, "openvino", None)
    (line,) = [each for each in missing_parts(config, conda=False) if "openvino" in each]
    assert line.endswith("run `pip install 'seqattack[openvino]'`, or set backend: torch")
    (line,) = [each for each in missing_parts(config, conda=True) if "openvino" in each]
    assert line.endswith("set backend: torch, or run without --use-conda")
    for other in ("auto", "torch"):
        lines = missing_parts(load_config(minimal_config(backend=other)), conda=False)
        assert not any("openvino" in each for each in lines)


def test_files_that_are_not_there_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {split: str(tmp_path / split) for split in ("train", "dev", "test")}
    (tmp_path / "dev").write_text("")
    finding = found("corpus", corpus={"conll": paths})
    assert finding.state is State.MISSING
    assert paths["train"] in finding.detail
    assert paths["dev"] not in finding.detail
    victims = {"full": {"path": "no"}, "small": {}}
    config = minimal_config(corpus={"conll": paths}, victims=victims)
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    assert main(["doctor", str(path)]) == 1
    said = capsys.readouterr().out
    assert "no: no model there" in said
    assert "cannot run here" in said


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=10**8))
    assert found("disk").state is State.MISSING


def test_each_seed_trains_victims_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=4 * 10**9))
    assert found("disk", seeds=[0]).state is State.OK
    assert found("disk", seeds=list(range(5))).state is State.MISSING


HUB_DATASET = {"hub": HUB | {"files": {s: {"path": s} for s in ("train", "dev", "test")}}}


def test_what_cannot_be_had_is_named_with_what_needs_it(
    monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", server)
    finding = found("pretrained", pretrained=HUB)
    assert finding.state is State.MISSING
    assert "answers 404 Not Found" in finding.detail
    assert "every table needs it" in finding.detail
    assert "`pretrained: {embedded: minilm}`" in finding.detail
    finding = found("corpus.hub", corpus=HUB_DATASET)
    assert "corpus: {conll: " in finding.detail
    masked: dict[str, object] = {"attacks": {"recipes": ["bert-attack", "deepwordbug-i-5"]}}
    masked |= {"masked_lm": {"default": HUB}}
    finding = found("masked_lm.default", **masked)
    assert finding.state is State.MISSING
    assert "the rows of bert-attack need it" in finding.detail
    assert "`masked_lm: {default: {embedded: minilm}}`" in finding.detail
    finding = found("masked_lm.default", **masked, unavailable="skip")
    assert finding.state is State.NOTE


def test_what_is_cached_needs_no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    record = {"folder": str(tmp_path), "files": {"config.json": "0"}, "size": 2_000_000}
    path = tmp_path / "fetched" / f"model-tester-tiny-{HUB['revision']}.json"
    path.parent.mkdir()
    path.write_text(json.dumps(record))
    finding = found("pretrained", pretrained=HUB)
    assert finding.state is State.OK
    assert f"2 MB in {tmp_path}" in finding.detail
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "other"))
    assert found("pretrained", pretrained=HUB).state is State.MISSING


def test_what_will_be_fetched_is_said_with_its_size(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path))
    monkeypatch.setattr("seqattack.pipeline.artefacts.why_unavailable", lambda artefact: None)
    finding = found("similarity", similarity={"backend": "use"})
    assert finding.state is State.NOTE
    assert "about 1000 MB; licence: Apache-2.0" in finding.detail


def test_languagetool_needs_a_server_or_java(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    def state(address: str | None) -> State:
        settings = {"backend": "languagetool"} | ({"server": address} if address else {})
        return found("LanguageTool", grammar=settings).state

    assert state(server) is State.OK
    assert state(f"{server}/other") is State.MISSING
    assert state("http://127.0.0.1:9") is State.MISSING
    local = {"grammar": {"backend": "languagetool"}}
    monkeypatch.setattr(doctor, "_java", lambda: None)
    assert any(each.startswith("Java: ") for each in missing(local, conda=False))
    assert not any(each.startswith("Java: ") for each in missing(local, conda=True))
    monkeypatch.setattr(doctor, "_java", lambda: 17)
    assert not any(each.startswith("Java: ") for each in missing(local, conda=False))


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
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert found("similarity").state is State.OK
    settings = {"backend": "use", "model": str(tmp_path)}
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    assert "make setup-use" in found("TensorFlow", similarity=settings).detail
    assert found("similarity", similarity=settings).state is State.MISSING
    (tmp_path / "saved_model.pb").touch()
    assert found("similarity", similarity=settings).state is State.OK


def test_an_scpn_s_folder_is_looked_into(tmp_path: Path) -> None:
    attacks = {"recipes": ["scpn"]}
    assert found("scpn", attacks=attacks).state is State.OK
    finding = found("scpn", attacks=attacks, scpn={"path": str(tmp_path)})
    assert finding.state is State.MISSING
    assert "parse_generator.pt" in finding.detail
    for name in SCPN_FILES:
        (tmp_path / name).touch()
    parser = {"path": str(tmp_path), "parser": "http://127.0.0.1:9"}
    finding = found("scpn", attacks=attacks, scpn=parser)
    assert finding.state is State.MISSING
    assert re.search("no parse.*Start it", finding.detail)


def test_with_conda_a_parser_s_server_is_asked_without_its_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    for name in ("nltk", "numpy"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "seqattack.scpn.parsing", raising=False)
    for name in SCPN_FILES:
        (tmp_path / name).touch()

    def lines(parser: str) -> list[str]:
        scpn = {"path": str(tmp_path), "parser": parser}
        return missing({"attacks": {"recipes": ["scpn"]}, "scpn": scpn}, conda=True)

    assert lines(server) == []
    (line,) = lines("http://127.0.0.1:9")
    assert re.search("scpn: http://127.0.0.1:9 cannot be reached .*; start the server", line)


def test_stanza_s_folder_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SCPN_FILES:
        (tmp_path / name).touch()
    scpn = {"path": str(tmp_path), "parser": "stanza", "parser_path": str(tmp_path)}
    finding = found("scpn", attacks={"recipes": ["scpn"]}, scpn=scpn)
    assert finding.state is State.MISSING
    assert "lacks models/constituency/ptb3-revised_charlm.pt" in finding.detail
    for name in STANZA_FILES:
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    assert found("scpn", attacks={"recipes": ["scpn"]}, scpn=scpn).state is State.OK
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    assert "pip install stanza" in found("stanza", attacks={"recipes": ["scpn"]}, scpn=scpn).detail


@pytest.mark.parametrize(
    ("victim", "state", "detail"),
    [
        ({"python": "module:function"}, State.OK, "python:module:function"),
        ({"spacy": "some_package"}, State.MISSING, "pip install 'seqattack[spacy]'"),
        ({"onnx": "no/such/folder"}, State.MISSING, "pip install 'seqattack[onnx]'"),
        ({"http": "http://127.0.0.1:9/"}, State.MISSING, "cannot be reached .*start the server"),
        ({"path": "no/such/folder"}, State.MISSING, "no model there"),
    ],
)
def test_ready_victims_are_looked_for(
    victim: dict[str, str], state: State, detail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    config = load_config(minimal_config(victims={"full": victim, "small": {"sentences": 50}}))
    (found,) = (each for each in diagnose(config) if each.subject == "victims.full")
    assert found.state is state
    assert re.search(detail.replace("[", r"\["), found.detail)
    assert "pretrained" not in found.detail
    monkeypatch.setattr(doctor, "_packages", lambda: [])
    lines = [line for line in missing_parts(config, conda=False) if "victims.full" in line]
    assert lines == ([f"victims.full: {found.detail}"] if state is State.MISSING else [])


@pytest.mark.parametrize("kind", ["spacy", "gliner", "onnx", "openvino"])
def test_the_environment_of_conda_lacks_what_some_victims_need(kind: str, tmp_path: Path) -> None:
    victim = {kind: str(tmp_path)} | ({"tags": ["person"]} if kind == "gliner" else {})
    victims = {"full": {}, "small": {}, "other": victim}
    (line,) = [each for each in missing({"victims": victims}, conda=True) if "other" in each]
    assert line.startswith("victims.other: ")
    assert line.endswith("is not installed in conda's environment; run without --use-conda")


def test_a_spacy_pipeline_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: None if name == "gone" else name)
    for name, state in (("gone", State.MISSING), ("there", State.OK), (str(tmp_path), State.OK)):
        assert found("victims.full", victims={"full": {"spacy": name}, "small": {}}).state is state


def test_a_server_whose_tags_are_given_need_not_know_get(server: str) -> None:
    victim = {"http": f"{server}/tag"}
    assert found("victims.full", victims={"full": victim, "small": {}}).state is State.MISSING
    victims = {"full": {**victim, "tags": ["O", "B-PER"]}, "small": {}}
    assert found("victims.full", victims=victims).state is State.OK


def test_a_corpus_that_no_fetch_brings_is_named() -> None:
    finding = found("corpus", corpus={"hub": {"name": "tester/data"}})
    assert finding.state is State.NOTE
    assert "load it from the hub" in finding.detail
