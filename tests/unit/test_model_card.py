"""Cards of models: the hub's metadata, and what was measured."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

import seqattack
from seqattack.cli.main import main
from seqattack.integrity import State, examine, record_folder
from seqattack.models.loading import model_checksum
from seqattack.pipeline.config import load_config
from seqattack.pipeline.plan import Plan
from seqattack.report.model_card import base_model
from seqattack.sentence import Sentence
from tests.helpers.configs import minimal_config
from tests.helpers.tiny_models import LABELS, make_model

SENTENCES = [
    Sentence("a", ("Peter", "went", "to", "Leeds"), ("B-PER", "O", "O", "B-LOC")),
    Sentence("b", ("London", "won"), ("B-LOC", "O")),
]
SCORES = {"precision": 0.5, "recall": 0.25, "f1": 1 / 3, "support": 3}
TRAINING: dict[str, Any] = {
    "settings": {"epochs": 2, "learning_rate": 0.001, "max_length": None},
    "pretrained": {"embedded": "minilm", "checksum": "0" * 64},
    "bfloat16": False,
    "device": "cpu",
    "threads": 1,
    "versions": {"torch": "2.13.0"},
    "sentences": {"train": 12, "dev": 3, "test": 7},
    "test": {**SCORES, "token_accuracy": 0.9, "per_class": {"PER": SCORES}},
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = make_model(tmp_path / "tiny", "bert-cased")
    (folder / "training.json").write_text(json.dumps(TRAINING))
    return folder


@pytest.fixture
def records(model: Path, tmp_path: Path) -> Path:
    victim = seqattack.Victim.load(model, device="cpu")
    run = seqattack.attack(victim, SENTENCES, query_budget=5)
    run.to_jsonl(tmp_path / "records.jsonl")
    return tmp_path / "records.jsonl"


def card(model: Path, *more: object) -> int:
    return main(["card", "--model", str(model), "--device", "cpu", *map(str, more)])


def test_the_hub_reads_the_card(model: Path, records: Path) -> None:
    record_folder(model)
    before = model_checksum(model), seqattack.Victim.load(model, device="cpu").id
    about = ("--dataset", "tner/conll2003", "--language", "en", "--name", "tiny")
    assert card(model, "--records", records, *about) == 0
    found = ModelCard.load(model / "README.md")
    assert found.data.base_model == "sentence-transformers/all-MiniLM-L6-v2"
    assert found.data.license == "apache-2.0"
    assert found.data.language == "en"
    assert found.data.datasets == ["tner/conll2003"]
    assert found.data.pipeline_tag == "token-classification"
    assert found.data.model_name == "tiny"
    results = found.data.eval_results
    assert {each.metric_type: each.metric_value for each in results} == {
        name: SCORES[name] for name in ("precision", "recall", "f1")
    }
    assert "| PER | 50.0 % | 25.0 % | 33.3 % | 3 |" in found.text
    assert "| DeepWordBug-I-5 |" in found.text
    assert "| learning_rate | `0.001` |" in found.text
    assert "max_length" not in found.text
    after = model_checksum(model), seqattack.Victim.load(model, device="cpu").id
    assert after == before, "the card is no part of the model"
    wrong = {each.path.name for each in examine(model) if each.state is State.CHANGED}
    assert wrong == set()


def test_the_robustness_is_that_of_the_records(
    model: Path, records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert card(model, "--records", records) == 0
    summarize = ["summarize", "--quick", "--table", "attacks", "--format", "markdown"]
    assert main([*summarize, str(records)]) == 0
    assert capsys.readouterr().out.strip() in (model / "README.md").read_text()


def test_what_is_not_known_is_not_said(model: Path) -> None:
    (model / "training.json").unlink()
    assert card(model) == 0
    found = ModelCard.load(model / "README.md")
    assert found.data.license is None
    assert found.data.eval_results is None
    assert "None" not in found.content
    assert "## " not in found.text
    assert {tag[2:] for tag in LABELS if tag != "O"} <= set(found.text.replace(",", "").split())


def test_a_corpus_that_is_not_on_the_hub_is_no_dataset_of_it(model: Path) -> None:
    assert card(model, "--dataset", "generated newswire", "--license", "mit") == 0
    found = ModelCard.load(model / "README.md")
    assert found.data.datasets is None
    assert found.data.license == "mit"
    assert found.data.eval_results[0].dataset_name == "generated newswire"


def test_what_would_be_wrong_is_refused(
    model: Path, records: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = records.with_name("other.jsonl")
    known = json.loads(records.read_text().splitlines()[0])["victim_id"]
    other.write_text(records.read_text().replace(known, "f" * 12))
    assert card(model, "--records", other) == 2
    assert f"its records are of the model {'f' * 12}" in capsys.readouterr().err
    assert not (model / "README.md").exists()
    (model / "README.md").write_text("mine")
    assert card(model) == 2
    assert "--overwrite replaces it" in capsys.readouterr().err
    assert (model / "README.md").read_text() == "mine"
    assert card(model, "--overwrite") == 0
    assert card(model / "none") == 2


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (
            {"name": "google-bert/bert-base-cased", "revision": "1"},
            ("google-bert/bert-base-cased", "apache-2.0"),
        ),
        ({"name": "bert-base-cased"}, ("google-bert/bert-base-cased", "apache-2.0")),
        ({"name": "someone/model", "revision": "1"}, ("someone/model", None)),
        ({"path": "bert-base-cased"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_the_base_model(origin: dict[str, str], expected: tuple[str | None, str | None]) -> None:
    assert base_model({"pretrained": origin}) == expected


def test_what_a_run_knows_of_its_corpus() -> None:
    config = load_config(minimal_config())
    assert Plan(config).card_facts("full") == {
        "name": "full",
        "dataset": "generated newswire",
        "language": "en",
    }
    files = dict.fromkeys(("train", "dev", "test"), "a")
    others = load_config(minimal_config(corpus={"conll": files}))
    assert Plan(replace(config, corpus=others.corpus)).card_facts("full") == {"name": "full"}
