"""New bytes at a path that the configuration names are noticed, whatever the file's time says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from seqattack.files.checksums import sha256_file
from seqattack.pipeline import contents as module
from seqattack.pipeline.config import load_config
from seqattack.pipeline.contents import contents, kept_checksum, victim_contents
from seqattack.pipeline.plan import Plan
from tests.helpers.configs import minimal_config


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A configuration that names files of its own wherever it can."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path / "cache"))
    for name in ("full", "small", "pretrained", "lm", "scpn", "encoder/1_Pooling"):
        (tmp_path / name).mkdir(parents=True)
    for name in (
        "full/model.safetensors",
        "full/config.json",
        "full/tokenizer.json",
        "small/model.safetensors",
        "pretrained/model.safetensors",
        "lm/config.json",
        "scpn/scpn.pt",
        "encoder/1_Pooling/config.json",
        *(f"{split}.conll" for split in ("train", "dev", "test")),
        "picks.json",
    ):
        (tmp_path / name).write_text("old")
    return minimal_config(
        corpus={"conll": {split: f"{split}.conll" for split in ("train", "dev", "test")}},
        pretrained={"path": "pretrained"},
        victims={"full": {"path": "full"}, "small": {"path": "small", "sentences": 1}},
        masked_lm={"default": {"path": "lm"}},
        scpn={"path": "scpn"},
        similarity={"backend": "sentence-transformers", "model": "encoder"},
        attacks={"recipes": ["deepwordbug-i-5", "bert-attack", "scpn"]},
        adversarial_training=[{"picks": "picks.json", "sizes": [1]}],
    )


def checksums(config: dict[str, Any]) -> dict[str, Any]:
    """Return every checksum that the rules carry."""
    plan = Plan(load_config(config))
    return {
        **{key: plan.contents(key) for key in ("corpus", "pretrained", "similarity")},
        **{name: plan.model_contents(name) for name in ("full", "small")},
        **{recipe: plan.resource_contents(recipe) for recipe in plan.config.recipes},
        "picks": plan.picks_contents,
    }


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("full/model.safetensors", {"full"}),
        ("full/config.json", {"full"}),
        ("full/tokenizer.json", {"full"}),
        ("full/added.json", {"full"}),
        ("full/README.md", set()),
        ("full/training.json", set()),
        ("small/model.safetensors", {"small"}),
        ("pretrained/model.safetensors", {"pretrained"}),
        ("train.conll", {"corpus"}),
        ("test.conll", {"corpus"}),
        ("lm/config.json", {"bert-attack"}),
        ("scpn/scpn.pt", {"scpn"}),
        ("encoder/1_Pooling/config.json", {"similarity", "bert-attack"}),
        ("picks.json", {"picks"}),
        ("results/corpus/train.jsonl", set()),
    ],
)
def test_a_changed_file_changes_what_depends_on_it(
    config: dict[str, Any], tmp_path: Path, file: str, changed: set[str]
) -> None:
    before = checksums(config)
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("new")
    os.utime(path, (0, 0))  # older than all that was made of it
    after = checksums(config)
    assert {name for name in before if before[name] != after[name]} == changed


def test_a_moved_model_is_the_same(config: dict[str, Any], tmp_path: Path) -> None:
    before = contents("full", tmp_path / "results")
    (tmp_path / "full").rename(tmp_path / "elsewhere")
    assert contents("elsewhere", tmp_path / "results") == before != ""
    assert contents({"a": ["full", 1, None, "nonsense\0", "x" * 9999]}, tmp_path / "results") == ""


def test_a_function_s_module_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tagger.py").write_text("def tag(texts): ...")
    before = victim_contents("python:tagger:tag", tmp_path / "results")
    Path("tagger.py").write_text("def tag(texts): return []")
    assert victim_contents("python:tagger:tag", tmp_path / "results") != before != ""
    assert victim_contents("http://localhost:1/", tmp_path / "results") == ""


def test_a_file_is_read_once_until_it_changes(
    config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, read = tmp_path / "full/model.safetensors", []

    def counted(file: Path) -> str:
        read.append(file)
        return sha256_file(file)

    monkeypatch.setattr(module, "sha256_file", counted)
    kept_checksum(path)
    kept_checksum(path)
    assert len(read) == 2, "a file that was just written may be written again at the same time"
    monkeypatch.setattr(module, "SETTLED", -1.0)
    assert kept_checksum(path) == kept_checksum(path) == sha256_file(path)
    assert len(read) == 3
    stat = path.stat()
    path.write_text("two")  # as long as before
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert kept_checksum(path) == sha256_file(path)
    assert len(read) == 4
