"""How a victim is named, and a victim whose classes get other names."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqattack.corpus.labels import parse_map, to_map
from seqattack.errors import BackendError, ConfigError, ModelError
from seqattack.tags import map_tag
from seqattack.victim.kinds import load_victim
from seqattack.victim.mapped import MappedVictim
from seqattack.victim.normalised import NormalisedVictim
from seqattack.victim.prediction import decode, predict
from seqattack.victim.source import VictimSource
from tests.helpers.corpora import corpus
from tests.helpers.fake_victim import FakeVictim
from tests.helpers.tiny_models import make_model


@pytest.mark.parametrize(
    ("name", "kind", "rest"),
    [
        ("results/models/full", "transformers", "results/models/full"),
        ("dslim/bert-base-NER", "transformers", "dslim/bert-base-NER"),
        ("transformers:dslim/bert-base-NER", "transformers", "dslim/bert-base-NER"),
        ("spacy:en_core_web_sm", "spacy", "en_core_web_sm"),
        ("python:my.module:tag", "python", "my.module:tag"),
        ("http://localhost:80/x", "http", "http://localhost:80/x"),
        ("https://a.b/x", "http", "https://a.b/x"),
        ("http:http://a.b/x", "http", "http://a.b/x"),
        ('{"path": "models/full"}', "transformers", "models/full"),
        ('{"http": "http://a.b/x", "per_second": 2}', "http", "http://a.b/x"),
    ],
)
def test_a_word_names_a_victim(name: str, kind: str, rest: str) -> None:
    source = VictimSource.of(name)
    assert (source.kind, source.name) == (kind, rest)


def test_results_call_a_victim_by_its_folder_or_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = FakeVictim()
    victim.name = "http://localhost:8000/tag"
    assert victim.title == "http://localhost:8000/tag"
    monkeypatch.chdir(tmp_path)
    victim.folder = Path(".")
    assert victim.title == MappedVictim(victim, {"LOC": "PLACE"}).title == tmp_path.name
    assert NormalisedVictim(victim).title == f"normalise:{tmp_path.name}"


@pytest.mark.parametrize(
    "name",
    [
        "models/full",
        "spacy:en_core_web_sm",
        "http://localhost:80/x",
        '{"path": "models/full"}',
    ],
)
def test_any_victim_may_be_normalised(name: str) -> None:
    plain = VictimSource.of(name)
    assert not plain.normalise
    assert VictimSource.of(f"normalise:{name}") == replace(plain, normalise=True)
    made = f'{{"{plain.kind}": "{plain.name}", "normalise": true}}'
    assert VictimSource.of(made) == replace(plain, normalise=True)


def test_a_folder_with_a_colon_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "spacy:x"
    folder.mkdir()
    assert VictimSource.of(folder).kind == "transformers"


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("spcy:x", {}, "no kind of victim 'spcy'.*spacy"),
        ("spacy:x", {"revision": "abc"}, "spacy:x: a victim of this kind has no revision"),
        ("spacy:x", {"tags": ["O"]}, "has no tags"),
        ("onnx:x", {"per_second": 1.0}, "has no per_second"),
        ("{nonsense", {}, "not JSON"),
        ('{"spacy": "x", "gliner": "y"}', {}, "exactly one of path"),
        ('{"labels": {}}', {}, "exactly one of path"),
        ("models/full", {"word_tag": "last"}, "word_tag: 'last' is not known; write one of first"),
        ("spacy:x", {"word_tag": "vote"}, "has no word_tag"),
        ('{"spacy": "x", "normalise": "yes"}', {}, "normalise: 'yes' is not allowed; write true"),
        ("x", {"tags": "O"}, "transformers:x: tags: 'O', which is no list of strings, is not"),
        ("x", {"tags": [3]}, "tags: .* write a list of tags"),
        ("x", {"revision": 3}, "revision: 3 is not allowed; write a text"),
        ("x", {"labels": ["PER"]}, "labels: .* write an object"),
        ("x", {"labels": {"PER": 1}}, "labels.PER: 1 is not allowed"),
        ('{"http": "http://x", "per_second": "5"}', {}, "per_second: '5' is not allowed; write a"),
        ("http://x", {"per_second": 0}, "per_second: 0 is not allowed; write a number, over 0"),
        ("normalise:", {}, "names no victim; write normalise:VICTIM"),
        ("normalise:spcy:x", {}, "no kind of victim 'spcy'"),
    ],
)
def test_other_words_are_refused(name: str, options: Mapping[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        load_victim(name, **options)


def test_label_maps_from_words() -> None:
    assert to_map(map(parse_map, ["PERSON=PER", "MISC="])) == {"PERSON": "PER", "MISC": ""}
    with pytest.raises(ConfigError, match="A is given two names"):
        to_map(map(parse_map, ["A=B", "A=C"]))


@pytest.mark.parametrize("text", ["A", "=B", "", "A =C", "A= C", "A  B=C", "O=PER"])
def test_a_label_map_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="write OLD=NEW"):
        parse_map(text)


MAPS: list[dict[str, str]] = [{"PER": "PERSON"}, {"PER": ""}, {"PER": "LOC"}, {"X": "Y"}]


@pytest.mark.parametrize("mapping", MAPS, ids=str)
def test_a_mapped_victim_gives_the_mapped_tags(mapping: dict[str, str]) -> None:
    victim = FakeVictim()
    mapped = MappedVictim(victim, mapping)
    texts = [sentence.tokens for sentence in corpus(20)]
    for plain, rows in zip(predict(victim, texts), predict(mapped, texts), strict=True):
        tags = [map_tag(tag, mapping) for tag in decode(plain, victim.labels)]
        assert list(decode(rows, mapped.labels)) == tags
        np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
        for column, tag in enumerate(mapped.labels):
            sources = [i for i, old in enumerate(victim.labels) if map_tag(old, mapping) == tag]
            sums = plain[:, sources].sum(axis=1)
            kept = np.isclose(rows[:, column], sums, atol=1e-6)
            assert kept.mean() > 0.5
    assert mapped.checksum != victim.checksum
    assert mapped.length(("a", "b")) == victim.length(("a", "b"))
    assert mapped.pieces("Blackburn") == victim.pieces("Blackburn")


@pytest.mark.parametrize(
    ("kind", "package"),
    [("spacy", "spacy"), ("gliner", "gliner"), ("onnx", "onnxruntime"), ("openvino", "openvino")],
)
def test_a_missing_package_is_named(
    kind: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    make_model(tmp_path, "bert-cased")
    tags = ["PER"] if kind == "gliner" else []
    with pytest.raises(BackendError, match=rf"not installed; run `pip install 'seqattack\[{kind}"):
        load_victim(f"{kind}:{tmp_path}", tags=tags)


def test_what_depends_on_the_options_is_another_victim(tmp_path: Path) -> None:
    make_model(tmp_path, "bert-cased")
    plain = load_victim(tmp_path, device="cpu")
    others = [
        load_victim(tmp_path, device="cpu", tags=plain.labels[::-1]),
        load_victim(tmp_path, device="cpu", labels={"PER": "PERSON"}),
    ]
    assert len({plain.checksum, *(each.checksum for each in others)}) == 3
    with pytest.raises(ModelError, match="only models of transformers and OpenVINO"):
        load_victim("spacy:x", precision="bfloat16")


def test_a_cached_hub_model_loads_without_a_network(tmp_path: Path) -> None:
    hub = tmp_path / "hub" / "models--nobody--tiny"
    make_model(hub / "snapshots" / "abc", "bert-cased")
    (hub / "refs").mkdir()
    (hub / "refs" / "main").write_text("abc")
    code = "import seqattack; print(seqattack.Victim.load('nobody/tiny').labels)"
    environment = {**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert "('O', 'B-PER'" in done.stdout, done.stderr
