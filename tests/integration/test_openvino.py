"""Victim, masked LM and sentence encoder on OpenVINO, compared with torch."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any, Literal

import numpy as np
import pytest
import torch

from seqattack.attack.engine import Engine
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.settings import AttackSettings, Machine
from seqattack.errors import BackendError, ModelError, RecordError
from seqattack.masked_lm.model import MaskedLM
from seqattack.masked_lm.session import MaskedLMService, MaskedLMSession, Slot
from seqattack.models.backend import resolve_backend
from seqattack.models.batching import BatchedModel
from seqattack.models.scheduling import compute_now
from seqattack.sentence_encoder.sentence_transformers import SentenceTransformersEncoder
from seqattack.victim.gateway import Gateway
from seqattack.victim.prediction import predict
from seqattack.victim.transformers import load_classifier
from seqattack.victim.victim import Victim
from tests.helpers.corpora import english_corpus
from tests.helpers.tiny_families import make_further_model
from tests.helpers.tiny_models import FAMILIES, WORDS, make_model

pytestmark = pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")

TEXTS = [WORDS[i : i + n] for i, n in ((0, 9), (9, 3), (12, 12), (3, 1), (20, 9), (1, 5))]
PRECISIONS = [("float32", 2e-5), ("bfloat16", 0.15)]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "openvino"


def assert_no_batch_changes_a_byte(model: BatchedModel[Any, Any], items: Sequence[Any]) -> None:
    together = compute_now(model, items)
    alone = [compute_now(model, [item])[0] for item in items]
    many = compute_now(model, [*items, *items[::-1]] * 5)[: len(items)]
    for found in (alone, many):
        for got, want in zip(found, together, strict=True):
            for one, other in zip(model.arrays(got), model.arrays(want), strict=True):
                np.testing.assert_array_equal(one, other)
    assert not model.fixed_shapes


@pytest.mark.parametrize(("precision", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("family", [*FAMILIES, "xlm-roberta", "deberta-v3", "modernbert"])
def test_a_victim_is_the_same(
    family: str,
    precision: Literal["float32", "bfloat16"],
    tolerance: float,
    tmp_path: Path,
) -> None:
    (make_model if family in FAMILIES else make_further_model)(tmp_path, family)
    plain = Victim.load(tmp_path, device="cpu")
    victim = Victim.load(tmp_path, device="cpu", precision=precision, backend="openvino")
    assert (plain.backend, victim.backend, victim.precision) == ("torch", "openvino", precision)
    assert (victim.id, victim.checksum) == (plain.id, plain.checksum)
    for got, want in zip(predict(victim, TEXTS), predict(plain, TEXTS), strict=True):
        np.testing.assert_allclose(got, want, atol=tolerance)
    assert_no_batch_changes_a_byte(Gateway(victim), TEXTS)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_masked_lm_suggests_the_same(family: str, tmp_path: Path) -> None:
    folder = make_model(tmp_path, family, head="MaskedLM")
    plain = MaskedLM.load(folder, device="cpu")
    lm = MaskedLM.load(folder, device="cpu", backend="openvino")
    assert (plain.backend, lm.backend) == ("torch", "openvino")
    slots = [Slot(place, insert) for place in (0, 4, 8) for insert in (False, True)]
    found, wanted = (
        MaskedLMSession(MaskedLMService(each)).suggestions(WORDS[:9], slots, 20)
        for each in (lm, plain)
    )
    for got, want in zip(found, wanted, strict=True):
        scores, others = ({each.text: each.log_probability for each in few} for few in (got, want))
        assert len(scores.keys() & others.keys()) >= len(others) - 1  # the last two may be a tie
        for text in scores.keys() & others.keys():
            assert scores[text] == pytest.approx(others[text], abs=2e-4)
    service = MaskedLMService(lm)
    assert service.backend == "openvino"
    assert_no_batch_changes_a_byte(service, list(service.probes()))


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-5), ("bfloat16", 0.01)])
def test_a_sentence_encoder_gives_the_same_vectors(precision: str, tolerance: float) -> None:
    plain = SentenceTransformersEncoder()
    encoder = SentenceTransformersEncoder(precision=precision, backend="openvino")
    assert (plain.backend, encoder.backend) == ("torch", "openvino")
    items = encoder.items([" ".join(tokens) for tokens in TEXTS])
    for got, want in zip(compute_now(encoder, items), compute_now(plain, items), strict=True):
        np.testing.assert_allclose(got, want, atol=tolerance)
    assert_no_batch_changes_a_byte(encoder, items)


def made(cache: Path) -> list[tuple[str, int]]:
    return sorted((path.name, path.stat().st_mtime_ns) for path in cache.glob("*/*"))


def test_a_model_is_converted_once(cache: Path, tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model", "bert-uncased")
    before = predict(Victim.load(folder, backend="openvino", device="cpu"), TEXTS)
    files = made(cache)
    assert [Path(name).suffix for name, _ in files] == [".bin", ".xml"]
    after = predict(Victim.load(folder, backend="openvino", device="cpu"), TEXTS)
    assert made(cache) == files
    for got, want in zip(after, before, strict=True):
        np.testing.assert_array_equal(got, want)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"hidden_act": "relu"}))
    other = predict(Victim.load(folder, backend="openvino", device="cpu"), TEXTS)
    assert len(made(cache)) == 4, "the same weights in another network are another model"
    wanted = predict(Victim.load(folder, device="cpu"), TEXTS)
    for got, want in zip(other, wanted, strict=True):
        np.testing.assert_allclose(got, want, atol=2e-5)


class ShapeBound(torch.nn.Module):
    """A model that tracing gets wrong: what it does depends on the shape of its input."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def get_input_embeddings(self) -> Any:
        model: Any = self.model
        return model.get_input_embeddings()

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        found = self.model(input_ids=input_ids, attention_mask=attention_mask)
        found.logits = found.logits + float(input_ids.shape[1])
        return found


def test_a_conversion_that_changes_the_model_is_refused(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = make_model(tmp_path / "model", "bert-uncased")
    monkeypatch.setattr(
        "seqattack.victim.transformers.load_classifier",
        lambda *arguments: ShapeBound(load_classifier(*arguments)),
    )
    with pytest.raises(ModelError, match=r"gives other numbers; set the backend to torch\.$"):
        Victim.load(folder, backend="openvino", device="cpu")
    assert not made(cache)
    monkeypatch.setattr("seqattack.models.device.has_bfloat16", lambda device: True)
    with caplog.at_level(logging.WARNING):
        assert Victim.load(folder, backend="auto", device="cpu").backend == "torch"
    assert "gives other numbers" in caplog.text


def test_what_cannot_be_converted_is_named_in_one_line(tmp_path: Path) -> None:
    make_further_model(tmp_path, "llama")
    with pytest.raises(ModelError, match=r"OpenVINO cannot convert it.*set the backend") as error:
        Victim.load(tmp_path, backend="openvino", device="cpu")
    assert "\n" not in str(error.value)


def test_a_broken_graph_and_a_full_cache_say_what_to_do(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_model(tmp_path / "model", "bert-uncased")
    Victim.load(folder, backend="openvino", device="cpu")
    (graph,) = cache.glob("*/*.xml")
    graph.write_text("nonsense")
    with pytest.raises(ModelError, match=rf"cannot load it.*delete the folder {graph.parent}"):
        Victim.load(folder, backend="openvino", device="cpu")
    monkeypatch.setenv("SEQATTACK_CACHE", "/dev/null/cache")
    with pytest.raises(BackendError, match=r"could not be written .*SEQATTACK_CACHE"):
        Victim.load(folder, backend="openvino", device="cpu")

    def full(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("basic_ios::clear: iostream error")

    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path / "full"))
    monkeypatch.setattr("openvino.save_model", full)
    with pytest.raises(BackendError, match=r"could not be written \(basic_ios.*Free some space"):
        Victim.load(folder, backend="openvino", device="cpu")
    assert not list((tmp_path / "full/openvino").glob("*/*"))


def test_auto_depends_on_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqattack.models.device.has_bfloat16", lambda device: True)
    assert resolve_backend("auto", "cpu") == "openvino"
    assert resolve_backend("auto", "cuda") == resolve_backend("torch", "cpu") == "torch"
    with pytest.raises(ModelError, match="runs on the processor, not on cuda:1; set the device"):
        resolve_backend("openvino", "cuda:1")
    with pytest.raises(ModelError, match="'onnx' is unknown; write auto, torch or openvino"):
        resolve_backend("onnx", "cpu")
    monkeypatch.setattr("seqattack.models.device.has_bfloat16", lambda device: False)
    assert resolve_backend("auto", "cpu") == "torch"


def test_without_the_package_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_model(tmp_path, "bert-uncased")
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(BackendError, match=r"run `pip install 'seqattack\[openvino\]'`, or set"):
        Victim.load(tmp_path, backend="openvino", device="cpu")
    assert Victim.load(tmp_path, backend="auto", device="cpu").backend == "torch"


def test_other_kinds_have_no_choice() -> None:
    with pytest.raises(ModelError, match="only models of transformers have a choice of backends"):
        Victim.load("spacy:x", backend="openvino")


def test_threads_may_ask_at_the_same_time(tmp_path: Path) -> None:
    victim = Victim.load(make_model(tmp_path, "bert-uncased"), backend="openvino", device="cpu")
    wanted = predict(victim, TEXTS)
    wrong: list[str] = []

    def ask() -> None:
        try:
            for _ in range(20):
                if not all(map(np.array_equal, predict(victim, TEXTS), wanted)):
                    wrong.append("other answers")
        except Exception as error:
            wrong.append(str(error))

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_an_attack_that_is_resumed_mixes_no_backends(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model", "bert-uncased")
    sentences, records = english_corpus(4), tmp_path / "records.jsonl"
    settings = AttackSettings("deepwordbug-i-5", query_budget=20)

    def engine(backend: Literal["torch", "openvino"]) -> Engine:
        return Engine(Victim.load(folder, device="cpu", backend=backend), settings)

    def killed(progress: Any) -> None:
        if progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine("torch").run(sentences, records, killed)
    with pytest.raises(
        RecordError, match=r"the backend of the victim was torch and is openvino\. Give back"
    ):
        engine("openvino").run(sentences, records)
    engine("torch").run(sentences, records)


def test_what_a_recipe_needs_runs_on_the_backend(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "lm", "bert-uncased", head="MaskedLM")
    made_of = {"masked-lm": {"path": str(folder)}, "similarity": {}}
    machine = Machine("cpu", backend="openvino")
    resources = Resources.of("bert-attack", made_of, machine=machine)
    model = make_model(tmp_path / "victim", "bert-uncased")
    victim = Victim.load(model, device="cpu", backend="openvino")
    engine = Engine(victim, AttackSettings("bert-attack", query_budget=30), resources)
    assert {name: each.backend for name, each in engine.models.items()} == {
        "victim": "openvino",
        "masked LM": "openvino",
        "sentence encoder": "openvino",
    }
    plain = Engine(
        Victim.load(model, device="cpu"),
        AttackSettings("bert-attack", query_budget=30),
        Resources.of("bert-attack", made_of, machine=Machine("cpu")),
    )
    sentences = english_corpus(2)
    outcomes = [[r.outcome for r in each.attack_in_order(sentences)] for each in (engine, plain)]
    assert outcomes[0] == outcomes[1]


def test_openvino_tells_nobody(tmp_path: Path) -> None:
    """Imported as it comes, it reports that to its makers, and leaves an id in the home folder."""
    folder = make_model(tmp_path / "model", "bert-uncased")
    code = (
        "import sys, seqattack; "
        f"victim = seqattack.Victim.load({str(folder)!r}, device='cpu', backend='openvino'); "
        "assert victim.backend == 'openvino'; assert sys.modules['openvino_telemetry'] is None"
    )
    environment = {**os.environ, "HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "home" / "intel").exists()
