"""A small real victim, trained once for all integration tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seqattack.corpus import tag_set, write_jsonl
from seqattack.corpus.newswire import generate_newswire
from seqattack.models.pretrained import embedded_model_path
from seqattack.sentence import Sentence
from tests.helpers.stanza_model import make_stanza_model


@pytest.fixture(scope="session")
def newswire() -> dict[str, list[Sentence]]:
    return generate_newswire(seed=3, train=300, dev=20, test=120)


@pytest.fixture(scope="session")
def victim_folder(
    newswire: dict[str, list[Sentence]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A MiniLM victim: the one that SEQATTACK_MODELS holds, or one trained here for a minute."""
    models = os.environ.get("SEQATTACK_MODELS")
    if models and (Path(models) / "minilm-conll2003" / "config.json").is_file():
        return Path(models) / "minilm-conll2003"
    from seqattack.metrics.evaluation import evaluate
    from seqattack.victim.settings import TrainingSettings
    from seqattack.victim.training import train

    folder = tmp_path_factory.mktemp("models") / "victim"
    train(
        newswire["train"],
        newswire["dev"],
        newswire["test"],
        labels=tag_set(newswire["train"]),
        pretrained=embedded_model_path(),
        output=folder,
        evaluate=evaluate,
        settings=TrainingSettings(learning_rate=5e-4, epochs=2),
        threads=2,
    )
    return folder


@pytest.fixture(scope="session")
def sentences_file(
    newswire: dict[str, list[Sentence]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Eighteen test sentences with entities, as JSON lines."""
    path = tmp_path_factory.mktemp("data") / "sentences.jsonl"
    write_jsonl(path, [s for s in newswire["test"] if s.entities][:18])
    return path


@pytest.fixture(scope="session")
def stanza_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny model of Stanza."""
    return make_stanza_model(tmp_path_factory.mktemp("stanza"))
