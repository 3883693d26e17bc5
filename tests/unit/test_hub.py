"""Hub datasets, against a hub of the test's own on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from datasets import ClassLabel, Dataset, Features, Sequence, Value

from seqattack.corpus import load_corpus
from seqattack.corpus.hub import HubFile, HubSource, load_hub
from seqattack.corpus.options import ReadOptions
from seqattack.errors import BackendError, CorpusError
from seqattack.files.checksums import sha256_file
from tests.helpers.hub_server import NAME, StandInHub, asked_by_clients, serve

NAMES = ["O", "B-PER", "I-PER"]
ROWS = {
    "tokens": [["Ann", "Lee", "won"], ["Nobody", "won"]],
    "ner_tags": [[1, 2, 0], [0, 0]],
}


def write_parquet(path: Path, tags: dict[str, list[list[str]]] | None = None) -> Path:
    labels = Sequence(ClassLabel(names=NAMES)) if tags is None else Sequence(Value("string"))
    features = Features({"tokens": Sequence(Value("string")), "ner_tags": labels})
    Dataset.from_dict(ROWS | (tags or {}), features=features).to_parquet(str(path))
    return path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[StandInHub]:
    folder = tmp_path / "served"
    folder.mkdir()
    write_parquet(folder / "a.parquet")
    with serve(StandInHub(folder)) as served, asked_by_clients(served, tmp_path):
        yield served


@pytest.fixture
def hub(served: StandInHub) -> HubSource:
    file = HubFile("a.parquet", sha256_file(served.folder / "a.parquet"))
    return HubSource(NAME, served.revision, dict.fromkeys(("train", "dev", "test"), file))


@contextmanager
def down(folder: Path) -> Iterator[None]:
    """Have the hub not answer; what was downloaded into a folder is still there."""
    with asked_by_clients(StandInHub(folder, endpoint="http://127.0.0.1:9"), folder):
        yield


def test_label_names_come_from_the_features(hub: HubSource) -> None:
    corpus = load_hub(hub)
    assert [s.to_json() for s in corpus["dev"]] == [
        {"id": "dev-1", "tokens": ["Ann", "Lee", "won"], "tags": ["B-PER", "I-PER", "O"]},
        {"id": "dev-2", "tokens": ["Nobody", "won"], "tags": ["O", "O"]},
    ]


def test_string_tags_of_another_scheme(hub: HubSource, tmp_path: Path) -> None:
    tags = {"ner_tags": [["I-PER", "I-PER", "O"], ["O", "O"]]}
    write_parquet(tmp_path / "served" / "b.parquet", tags)
    source = replace(hub, files={"test": HubFile("b.parquet")})
    assert load_hub(source)["test"][0].tags == ("B-PER", "I-PER", "O")


def test_from_the_config_and_from_the_cache(hub: HubSource, tmp_path: Path) -> None:
    config = {
        "name": hub.name,
        "revision": hub.revision,
        "files": {split: asdict(file) for split, file in hub.files.items()},
        "tokens": "tokens",
        "tags": "ner_tags",
    }
    first = load_corpus({"hub": config})
    with down(tmp_path):
        assert load_corpus({"hub": config}) == first == load_hub(hub)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "tester/other"},
        {"revision": "f" * 40},
        {"files": {"train": HubFile("missing.parquet")}},
    ],
)
def test_what_cannot_be_had_is_named_with_a_cure(hub: HubSource, changes: dict[str, Any]) -> None:
    with pytest.raises(BackendError, match=r"could not be had .*set corpus\.conll") as error:
        load_hub(replace(hub, **changes))
    assert replace(hub, **changes).name in str(error.value)


def test_a_hub_that_is_down_is_named_with_a_cure(
    hub: HubSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between the client's attempts
    refused = pytest.raises(BackendError, match=r"could not be had .*set corpus\.conll")
    with down(tmp_path), refused:
        load_hub(hub)


def test_a_wrong_checksum_is_refused(hub: HubSource) -> None:
    source = replace(hub, files={"train": HubFile("a.parquet", "0" * 64)})
    with pytest.raises(BackendError, match=r"SHA-256 is [0-9a-f]{64}, but 0{64} is expected"):
        load_hub(source)


def test_a_wrong_column_is_refused(hub: HubSource) -> None:
    with pytest.raises(CorpusError, match=r"no column 'labels'; it has tokens, ner_tags"):
        load_hub(replace(hub, options=ReadOptions(tag_column="labels")))


def test_a_hub_that_stops_answering_midway_leaves_nothing(
    hub: HubSource, served: StandInHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.is_dying = True
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between the client's attempts
    with pytest.raises(BackendError, match=r"could not be had from the hub .*Check the network"):
        load_hub(hub)
    served.is_dying = False
    assert [s.id for s in load_hub(hub)["dev"]] == ["dev-1", "dev-2"]
