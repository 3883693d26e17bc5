"""Fine-tuning: it learns, repeats itself to the byte, and survives being killed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from seqattack.errors import ConfigError, ModelError
from seqattack.files.checksums import sha256_file
from seqattack.metrics.evaluation import evaluate
from seqattack.models import training
from seqattack.models.device import resolve_precision
from seqattack.models.pretrained import embedded_model_path
from seqattack.models.training import use_bfloat16
from seqattack.victim.settings import TrainingSettings
from seqattack.victim.victim import Victim
from tests.helpers.quick_training import LABELS, QUICK, TEST, TRAIN, KilledError, fit, kill_in_epoch
from tests.helpers.tiny_models import make_model

# Epochs of less than a second: the Trainer then orders checkpoints by their numbers, rightly.
pytestmark = pytest.mark.filterwarnings("ignore:mtime may not be reliable:UserWarning")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small pretrained model."""
    return make_model(tmp_path_factory.mktemp("small"), "bert-uncased", head="MaskedLM")


def test_the_embedded_model_learns(tmp_path: Path) -> None:
    settings = TrainingSettings(epochs=4, learning_rate=1e-3, batch_size=8)
    report = fit(embedded_model_path(), tmp_path / "victim", settings=settings)
    assert report["test"]["f1"] > 0.9
    assert report["dev"]["f1"] > 0.9
    assert report["losses"][-1]["loss"] < report["losses"][0]["loss"] / 2
    assert report["pretrained"]["embedded"] == "minilm"
    assert report["bfloat16"] == use_bfloat16("auto", "cpu")
    victim = Victim.load(tmp_path / "victim", device="cpu")
    assert victim.labels == LABELS
    assert victim.checksum == report["checksum"]
    assert evaluate(victim, TEST).to_json() == report["test"]


def test_what_is_written(small: Path, tmp_path: Path) -> None:
    output = tmp_path / "models" / "victim"
    report = fit(small, output)
    assert json.loads((output / "training.json").read_text()) == report
    assert [path.name for path in output.parent.iterdir()] == ["victim"]
    names = {path.name for path in output.iterdir()}
    assert names >= {"model.safetensors", "config.json", "tokenizer.json", "training.json"}
    assert not [name for name in names if "checkpoint" in name or name.endswith((".pt", ".bin"))]
    assert len({path.stat().st_mode for path in output.iterdir()}) == 1
    config = json.loads((output / "config.json").read_text())
    assert config["id2label"] == {str(i): label for i, label in enumerate(LABELS)}
    assert config["label2id"] == {label: i for i, label in enumerate(LABELS)}
    assert config["architectures"] == ["BertForTokenClassification"]
    assert list(report["epochs"]) == ["1", "2", "3"]
    assert report["epochs"]["3"]["dev"] == report["dev"]
    assert [entry["step"] for entry in report["losses"]] == [6, 12, 18]
    assert report["sentences"] == {"train": 48, "dev": 12, "test": 12}
    assert report["settings"]["epochs"] == 3
    assert report["threads"] == 1
    assert report["sentences_per_second"] > 0
    assert set(report["dev"]["per_class"]) == {"PER", "LOC"}


@pytest.mark.parametrize("precision", ["float32", "auto"])
def test_a_killed_training_ends_with_the_same_bytes(
    small: Path, tmp_path: Path, precision: Any
) -> None:
    settings = TrainingSettings(epochs=3, learning_rate=1e-3, batch_size=8, precision=precision)
    whole = fit(small, tmp_path / "whole", settings=settings)
    output = tmp_path / "killed"
    for epoch, checkpoint in ((1, []), (2, ["checkpoint-6"]), (3, ["checkpoint-12"])):
        with pytest.MonkeyPatch.context() as patch:
            kill_in_epoch(patch, epoch)
            with pytest.raises(KilledError):
                fit(small, output, settings=settings)
        assert not output.exists()
        work = tmp_path / "killed.work"
        assert [path.name for path in work.glob("checkpoint-*")] == checkpoint
    before = json.loads((work / "epochs.json").read_text())
    resumed = fit(small, output, settings=settings)
    for number in ("1", "2"):  # with their times: they were not trained again
        assert resumed["epochs"][number] == before[number]
    assert sha256_file(output / "model.safetensors") == whole["checksum"]
    assert resumed["checksum"] == whole["checksum"]
    assert resumed["losses"] == whole["losses"]
    for number, record in whole["epochs"].items():
        assert resumed["epochs"][number]["dev"] == record["dev"]
    assert not (tmp_path / "killed.work").exists()


def test_a_training_killed_at_the_very_end_trains_no_more(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fit(small, tmp_path / "whole")

    def publish(*_: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(training, "publish", publish)
        with pytest.raises(KilledError):
            fit(small, tmp_path / "killed")
    kill_in_epoch(monkeypatch, 0)
    assert fit(small, tmp_path / "killed")["checksum"] == whole["checksum"]


def test_a_broken_checkpoint_is_not_used(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fit(small, tmp_path / "whole")
    with monkeypatch.context() as patch:
        kill_in_epoch(patch, 2)
        with pytest.raises(KilledError):
            fit(small, tmp_path / "killed")
    (tmp_path / "killed.work" / "checkpoint-6" / "trainer_state.json").write_text('{"global_st')
    assert fit(small, tmp_path / "killed")["checksum"] == whole["checksum"]


def test_the_work_of_another_training_is_discarded(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = fit(small, tmp_path / "other", train=TRAIN[:-1])
    with monkeypatch.context() as patch:
        kill_in_epoch(patch, 2)
        with pytest.raises(KilledError):
            fit(small, tmp_path / "victim")
    assert fit(small, tmp_path / "victim", train=TRAIN[:-1])["checksum"] == other["checksum"]


def test_the_seed_decides(small: Path, tmp_path: Path) -> None:
    first = fit(small, tmp_path / "a")["checksum"]
    torch.rand(3)
    assert fit(small, tmp_path / "a")["checksum"] == first  # and replaces the victim there
    other = TrainingSettings(epochs=3, learning_rate=1e-3, batch_size=8, seed=1)
    assert fit(small, tmp_path / "b", settings=other)["checksum"] != first


def test_warm_up_and_weight_decay_reach_the_trainer(small: Path, tmp_path: Path) -> None:
    plain = fit(small, tmp_path / "plain")
    warming = fit(small, tmp_path / "warming", settings=replace(QUICK, warmup_ratio=1.0))
    rates = [entry["learning_rate"] for entry in warming["losses"]]
    assert len(rates) == 3
    assert rates == sorted(set(rates)), "it rises from entry to entry"
    decaying = fit(small, tmp_path / "decaying", settings=replace(QUICK, weight_decay=0.5))
    assert decaying["checksum"] != plain["checksum"]


def test_the_precision_of_an_earlier_training_is_forgotten(small: Path, tmp_path: Path) -> None:
    exact = fit(small, tmp_path / "a")["checksum"]
    coarse = replace(QUICK, precision="bfloat16")
    assert fit(small, tmp_path / "b", settings=coarse)["checksum"] != exact
    assert fit(small, tmp_path / "c")["checksum"] == exact


def test_what_cannot_be_trained_is_refused_before_any_work(small: Path, tmp_path: Path) -> None:
    output = tmp_path / "victim"
    with pytest.raises(ConfigError, match="no training sentences"):
        fit(small, output, train=[])
    with pytest.raises(ConfigError, match=r"train sentence train-\d+ has the tag I-PER"):
        fit(small, output, labels=("O", "B-PER", "B-LOC"))
    with pytest.raises(ModelError, match=r"I-LOC has no B-LOC"):
        fit(small, output, labels=("O", "B-PER", "I-PER", "I-LOC"))
    with pytest.raises(ModelError, match=r"sentence train-\d+ has \d+ sub-tokens.* at most 5"):
        fit(small, output, settings=TrainingSettings(max_length=5))
    with pytest.raises(ModelError, match="no such folder"):
        fit(tmp_path / "none", output)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["thesis.txt", "config.json"], ids=["a text", "their model"])
def test_a_folder_with_something_else_is_not_replaced(
    small: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("years of work")
    with pytest.raises(ConfigError, match="was not trained by SeqAttack and would be lost"):
        fit(small, tmp_path)
    assert (tmp_path / name).read_text() == "years of work"


def test_bfloat16_only_where_it_is_native(monkeypatch: pytest.MonkeyPatch) -> None:
    for native in (True, False):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda native=native: native)
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
        assert use_bfloat16("auto", "cpu") is native
        assert use_bfloat16("float32", "cpu") is False
        assert resolve_precision("auto", "cpu") == ("bfloat16" if native else "float32")
        assert resolve_precision("float32", "cpu") == "float32"
    assert resolve_precision("bfloat16", "cpu") == "bfloat16", "slow, but an attack can do it"
    with pytest.raises(ModelError, match="'float16' is unknown; write auto"):
        resolve_precision("float16", "cpu")
    with pytest.raises(ConfigError, match="no native bfloat16; write auto or float32"):
        use_bfloat16("bfloat16", "cpu")


def head(folder: Path) -> torch.Tensor:
    """Return the weights of a model's output layer."""
    return load_file(folder / "model.safetensors")["classifier.weight"]


def test_a_training_goes_on_from_a_victim(small: Path, tmp_path: Path) -> None:
    """Its head and the order of its tags stay; a step of nearly no size changes nothing."""
    before = fit(small, tmp_path / "victim")
    still = replace(QUICK, continued=True, epochs=1, learning_rate=1e-12)
    order = (*LABELS[3:], *LABELS[:3])
    after = fit(tmp_path / "victim", tmp_path / "still", settings=still, labels=order)
    assert after["pretrained"] == {"path": "victim", "checksum": before["checksum"]}
    assert after["settings"]["continued"] is True
    assert Victim.load(tmp_path / "still", device="cpu").labels == LABELS
    assert after["test"] == before["test"]
    anew = replace(still, continued=False, seed=1)
    fit(tmp_path / "victim", tmp_path / "anew", settings=anew)
    kept, drawn = (
        (head(tmp_path / "victim") - head(tmp_path / name)).abs().max()
        for name in ("still", "anew")
    )
    assert kept < 1e-6, "its own head"
    assert drawn > 0.1, "a new head, although the file has one of that size"
    more = replace(QUICK, continued=True)
    further = fit(tmp_path / "victim", tmp_path / "further", settings=more)
    assert further["losses"][-1]["loss"] < before["losses"][-1]["loss"]


def test_a_killed_training_that_goes_on_from_a_victim_ends_with_the_same_bytes(
    small: Path, tmp_path: Path
) -> None:
    fit(small, tmp_path / "victim")
    settings = replace(QUICK, continued=True, epochs=2)
    whole = fit(tmp_path / "victim", tmp_path / "whole", settings=settings)
    with pytest.MonkeyPatch.context() as patch:
        kill_in_epoch(patch, 2)
        with pytest.raises(KilledError):
            fit(tmp_path / "victim", tmp_path / "killed", settings=settings)
    assert (tmp_path / "killed.work" / "checkpoint-6").is_dir()
    resumed = fit(tmp_path / "victim", tmp_path / "killed", settings=settings)
    assert resumed["checksum"] == whole["checksum"]


def test_what_cannot_be_trained_on_is_refused(small: Path, tmp_path: Path) -> None:
    models = {
        "few": make_model(tmp_path / "few", "bert-uncased", labels=LABELS[:3]),
        "bioes": make_model(tmp_path / "bioes", "bert-uncased", labels=(*LABELS, "S-PER")),
    }
    continued = replace(QUICK, continued=True)
    with pytest.raises(ConfigError, match=r"few: has no tag B-LOC, .* B-PER I-PER\)"):
        fit(models["few"], tmp_path / "output", settings=continued)
    with pytest.raises(ModelError, match="its tags are not IOB2"):
        fit(models["bioes"], tmp_path / "output", settings=continued)
    with pytest.raises(ModelError, match=r"not a model for token classification|MaskedLM"):
        fit(small, tmp_path / "output", settings=continued)
    assert not list(tmp_path.glob("output*"))
