"""Victims that runtimes or libraries other than transformers run, compared with these."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from seqattack.attack.engine import Engine
from seqattack.attack.settings import AttackSettings
from seqattack.errors import ModelError
from seqattack.files.checksums import sha256_file
from seqattack.models.openvino import import_openvino
from seqattack.pipeline.doctor import PACKAGE_OF
from seqattack.sentence import Sentence
from seqattack.victim.exported import ExportedVictim, Graph
from seqattack.victim.gliner import load_gliner
from seqattack.victim.onnx import load_onnx
from seqattack.victim.prediction import decode, predict
from seqattack.victim.victim import Victim
from tests.helpers.corpora import english_corpus
from tests.helpers.tiny_models import LABELS, WORDS, make_model, make_tokenizer

TEXTS = [WORDS[i : i + n] for i, n in ((0, 9), (9, 3), (12, 12), (3, 1), (20, 9), (1, 5))]
NAMES = ("input_ids", "attention_mask", "token_type_ids")


class Logits(torch.nn.Module):
    """A model that gives its logits alone, as exports do."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
        found = self.model(input_ids, attention_mask, token_type_ids=token_type_ids)
        return found.logits


def exported(folder: Path) -> tuple[Logits, tuple[torch.Tensor, ...]]:
    from transformers import AutoModelForTokenClassification

    make_model(folder, "bert-uncased")
    model = AutoModelForTokenClassification.from_pretrained(folder).eval()
    return Logits(model), tuple(torch.ones(2, 8, dtype=torch.long) for _ in NAMES)


def make_openvino(folder: Path) -> None:
    if find_spec("openvino") is None:
        pytest.skip("openvino is not installed")
    openvino = import_openvino()
    model, example = exported(folder)
    made = openvino.convert_model(model, example_input=dict(zip(NAMES, example, strict=True)))
    openvino.save_model(made, folder / "openvino_model.xml", compress_to_fp16=False)


def make_onnx(folder: Path) -> None:
    pytest.importorskip("onnxruntime")
    from torch.onnx._internal.torchscript_exporter import onnx_proto_utils

    model, example = exported(folder)
    with pytest.MonkeyPatch.context() as patch:
        # The package onnx is only asked for functions of onnxscript, of which there are none.
        patch.setattr(onnx_proto_utils, "_add_onnxscript_fn", lambda made, opsets: made)
        torch.onnx.export(
            model,
            example,
            folder / "model.onnx",
            input_names=list(NAMES),
            output_names=["logits"],
            dynamic_axes={name: {0: "texts", 1: "tokens"} for name in (*NAMES, "logits")},
            dynamo=False,
        )


@pytest.mark.filterwarnings("ignore")  # both exporters trace, and warn of what they cannot see
@pytest.mark.parametrize("kind", [pytest.param("onnx", marks=pytest.mark.slow), "openvino"])
def test_an_export_is_the_same_victim(kind: str, tmp_path: Path) -> None:
    (make_onnx if kind == "onnx" else make_openvino)(tmp_path)
    victim = Victim.load(f"{kind}:{tmp_path}")
    plain = Victim.load(tmp_path, device="cpu")
    assert victim.labels == plain.labels
    assert victim.max_length == plain.max_length
    assert victim.checksum != plain.checksum
    assert victim.backend == ("openvino" if kind == "openvino" else "torch")
    for got, want in zip(predict(victim, TEXTS), predict(plain, TEXTS), strict=True):
        np.testing.assert_allclose(got, want, atol=2e-5)
    alone = [predict(victim, [tokens])[0] for tokens in TEXTS]
    for got, want in zip(predict(victim, TEXTS, batch_tokens=48), alone, strict=True):
        np.testing.assert_array_equal(got, want)
    sentences = english_corpus(3)
    settings = AttackSettings("deepwordbug-i-5", query_budget=30)
    found, expected = (list(Engine(each, settings).attack(sentences)) for each in (victim, plain))
    assert [each.outcome for each in found] == [each.outcome for each in expected]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("onnx", r"needs model\.onnx.*there is none"),
        ("openvino", r"needs openvino_model\.xml.*with the backend openvino"),
    ],
)
def test_a_folder_without_a_graph_is_refused(kind: str, message: str, tmp_path: Path) -> None:
    if find_spec(PACKAGE_OF[kind]) is None:
        pytest.skip(f"{PACKAGE_OF[kind]} is not installed")
    make_model(tmp_path, "bert-uncased")
    with pytest.raises(ModelError, match=message):
        Victim.load(f"{kind}:{tmp_path}")
    name = "model.onnx" if kind == "onnx" else "openvino_model.xml"
    (tmp_path / name).write_bytes(b"nonsense")
    (tmp_path / "openvino_model.bin").write_bytes(b"")
    with pytest.raises(ModelError, match="cannot load it"):
        Victim.load(f"{kind}:{tmp_path}")
    with pytest.raises(ModelError, match="no such folder; give one that optimum exported"):
        Victim.load(f"{kind}:{tmp_path}/none")


def graph(inputs: tuple[str, ...], error: Exception) -> Callable[[Path], Graph]:
    def run(arrays: Any) -> Any:
        raise error

    return lambda folder: Graph(inputs, run, "checksum")


def test_graphs_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    make_model(tmp_path, "bert-uncased")
    with pytest.raises(ModelError, match="its graph wants pixels; export it with"):
        ExportedVictim(tmp_path, (), graph(("input_ids", "pixels"), OSError()))
    fixed = ExportedVictim(tmp_path, (), graph(("input_ids",), ValueError("Got: 2 Expected: 1")))
    with pytest.raises(ModelError, match=r"failed on 2 x 16 .*Expected: 1\).*dynamic axes"):
        fixed.probabilities([WORDS[:9], WORDS[:2]], 16)
    silent = ExportedVictim(tmp_path, (), graph(("input_ids",), AssertionError()))
    with pytest.raises(ModelError, match=r"\(AssertionError\); export it"):
        silent.probabilities([WORDS[:9]], 16)


def test_weights_beside_a_graph_are_part_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Session:
        def __init__(self, path: str, options: Any, providers: Sequence[str]) -> None:
            pass

        def get_inputs(self) -> list[Any]:
            return [SimpleNamespace(name="input_ids")]

    runtime = SimpleNamespace(SessionOptions=SimpleNamespace, InferenceSession=Session)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    make_model(tmp_path, "bert-uncased")
    (tmp_path / "model.onnx").write_bytes(b"graph")
    alone = load_onnx(str(tmp_path)).checksum
    assert alone == sha256_file(tmp_path / "model.onnx")
    found = {alone}
    for weights in (b"weights", b"others"):
        (tmp_path / "model.onnx_data").write_bytes(weights)
        found.add(load_onnx(str(tmp_path)).checksum)
    assert len(found) == 3


@pytest.fixture(scope="module")
def gliner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random GLiNER, saved and loaded as its library does."""
    library = pytest.importorskip("gliner")
    encoder = make_model(tmp_path_factory.mktemp("encoder"), "bert-cased", head="MaskedLM")
    config = library.GLiNERConfig(
        model_name=str(encoder),
        hidden_size=32,
        max_width=4,
        max_len=40,
        dropout=0.0,
        span_mode="markerV0",
    )
    torch.manual_seed(0)
    model = library.GLiNER.from_config(config, backbone_from_pretrained=False)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    folder = tmp_path_factory.mktemp("gliner")
    model.save_pretrained(folder, safe_serialization=True)
    return folder


def spans(entities: Sequence[Any], tokens: Sequence[str]) -> tuple[str, ...]:
    """The tags of entities that are given by their characters, one token at a time."""
    tags, at, last = [], 0, None
    for token in tokens:
        own = [e for e in entities if e["start"] < at + len(token) and e["end"] > at]
        first = min(own, key=lambda e: e["start"], default=None)
        if first is not None and first is last and len(own) > 1:
            first = own[0]
        tags.append(f"{'I' if first is last else 'B'}-{first['label']}" if first else "O")
        last, at = first, at + len(token) + 1
    return tuple(tags)


@pytest.mark.filterwarnings("ignore")
def test_a_gliner_gives_the_tokens_of_its_spans(gliner: Path) -> None:
    import gliner as library

    classes = ["person", "location"]
    victim = Victim.load(f"gliner:{gliner}", tags=classes, device="cpu")
    assert victim.labels == ("O", "B-person", "I-person", "B-location", "I-location")
    model = library.GLiNER.from_pretrained(str(gliner)).eval()
    texts = [tuple(WORDS[i : i + 7]) for i in range(0, 28, 3)]
    found = set()
    for tokens, rows in zip(texts, predict(victim, texts), strict=True):
        (entities,) = model.inference([" ".join(tokens)], classes)
        assert decode(rows, victim.labels) == spans(entities, tokens)
        np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-6)
        scores = {round(each["score"], 4) for each in entities}
        assert {round(float(p), 4) for p in rows.max(axis=1)} <= scores | {1.0}
        found |= set(decode(rows, victim.labels))
    assert len(found) > 2
    assert victim.length(["U.S.", "won"]) == 5
    assert victim.max_length == 40
    assert not victim.hard_labels


@pytest.mark.filterwarnings("ignore")
def test_a_gliner_s_results_depend_on_no_neighbour(gliner: Path) -> None:
    victim = Victim.load(f"gliner:{gliner}", tags=["person"], device="cpu")
    for got, tokens in zip(predict(victim, TEXTS), TEXTS, strict=True):
        np.testing.assert_array_equal(got, predict(victim, [tokens])[0])
    sentence = Sentence("a", tuple(WORDS[:6]), ("B-person", "O", "O", "O", "O", "O"))
    settings = AttackSettings("deepwordbug-i-5", query_budget=10)
    (record,) = Engine(victim, settings).attack([sentence])
    assert not record.hard_labels


@pytest.mark.filterwarnings("ignore")
def test_a_gliner_of_the_hub_is_known_by_its_commit(
    gliner: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    model = tmp_path / "models--nobody--tiny"
    (model / "refs").mkdir(parents=True)
    for commit in ("a" * 40, "b" * 40):
        shutil.copytree(gliner, model / "snapshots" / commit)
        (model / "refs" / "main").write_text(commit)
        victim = load_gliner("nobody/tiny", ["person"], device="cpu")
        assert victim.checksum == commit
    assert load_gliner("nobody/tiny", ["person"], revision="a" * 40).checksum == "a" * 40


def test_a_gliner_must_be_told_its_classes(gliner: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="told what to look for; give classes with --tags"):
        Victim.load(f"gliner:{gliner}")
    make_tokenizer("bert-cased").save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"no model\.safetensors in this folder"):
        Victim.load(f"gliner:{tmp_path}", tags=LABELS)
