"""Hub datasets by their name, in every form of rows, from a hub on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from datasets import ClassLabel, Dataset, Features, List, Value
from datasets import Sequence as HubSequence

from seqattack.corpus import load_corpus
from seqattack.errors import BackendError, CorpusError
from tests.helpers.corpus_files import NAMES, SPANS, TAGS, TEXT, TOKENS
from tests.helpers.hub_server import NAME, StandInHub, asked_by_clients, serve

NUMBERS = [NAMES.index(tag) for tag in TAGS]
TEXTS = List(Value("string"))
LABELLED = Features(
    {"id": Value("string"), "tokens": TEXTS, "ner_tags": List(ClassLabel(names=NAMES))}
)
ROW = {"id": "0", "tokens": TOKENS, "ner_tags": NUMBERS}
CARD = """---
configs:
- config_name: small
  data_files:
  - {split: train, path: train.parquet}
  - {split: validation, path: train.parquet}
  - {split: test, path: train.parquet}
- config_name: other
  data_files:
  - {split: train, path: train.parquet}
---
"""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[StandInHub]:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "README.md").write_text(CARD)
    with serve(StandInHub(folder)) as served, asked_by_clients(served, tmp_path):
        put(served, [ROW], LABELLED)
        yield served


def put(hub: StandInHub, rows: list[dict[str, Any]], features: Features | None = None) -> None:
    Dataset.from_list(rows, features=features).to_parquet(str(hub.folder / "train.parquet"))


def load(
    hub: StandInHub, tell: Any = lambda line: None, **options: Any
) -> list[tuple[str, list[str], list[str]]]:
    source = {"name": NAME, "config": "small", "revision": hub.revision}
    corpus = load_corpus({"hub": source | options}, tell=tell)
    assert corpus["train"][0].tokens == corpus["dev"][0].tokens == corpus["test"][0].tokens
    return [(s.id, list(s.tokens), list(s.tags)) for s in corpus["dev"]]


def test_a_dataset_and_a_configuration_are_enough(hub: StandInHub) -> None:
    assert load(hub) == [("dev-1", TOKENS, TAGS)]


def test_the_first_revision_is_written_down_and_kept(hub: StandInHub) -> None:
    told: list[str] = []
    first = hub.revision
    assert load(hub, told.append, revision=None) == [("dev-1", TOKENS, TAGS)]
    assert [line for line in told if first in line and "pin it: corpus.hub.revision" in line]
    hub.revision = "f" * 40
    hub.asked.clear()
    told.clear()
    load(hub, told.append, revision=None)
    assert [line for line in told if first in line]
    assert not [path for path in hub.asked if path == f"/api/datasets/{NAME}"]


@pytest.mark.parametrize("revision", [None, "f" * 40])
def test_a_gated_dataset_is_one_line(hub: StandInHub, revision: str | None) -> None:
    hub.is_gated = True
    with pytest.raises(BackendError, match=r"is gated: accept its terms .* set HF_TOKEN") as error:
        load(hub, revision=revision)
    assert "\n" not in str(error.value)


def test_what_is_not_there_is_named(hub: StandInHub) -> None:
    with pytest.raises(
        CorpusError, match=r"no split for dev; it has train\. Name it: corpus.hub.sp"
    ):
        load(hub, config="other")
    with pytest.raises(CorpusError, match=r"'small', 'other'.* Set corpus\.hub\.config"):
        load(hub, config="unknown")
    with pytest.raises(BackendError, match=r"tester/nothing at revision .* could not be had"):
        load(hub, name="tester/nothing")
    splits = {"train": "train", "dev": "train", "test": "train"}
    assert load(hub, config="other", splits=splits) == [("dev-1", TOKENS, TAGS)]


def test_a_client_that_says_nothing_is_one_line(
    hub: StandInHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: Any, **named: Any) -> Any:
        raise ValueError

    monkeypatch.setattr("datasets.load_dataset", fail)
    with pytest.raises(CorpusError, match=r"tester/tiny: ValueError Set corpus\.hub\.config"):
        load(hub)


@pytest.mark.parametrize(
    ("row", "features", "options"),
    [
        ({"tokens": TOKENS, "tags": NUMBERS}, None, {"tag_names": NAMES}),
        ({"words": TOKENS, "ner": TAGS}, None, {}),
        ({"x": TOKENS, "y": TAGS, "tags": TOKENS}, None, {"tokens": "x", "tags": "y"}),
        (
            {"text": TEXT, "spans": [{"start": a, "end": b, "label": c} for a, b, c in SPANS]},
            None,
            {},
        ),
        (
            {
                "text": TEXT,
                "entities": {
                    "start": [0, 12, 18],
                    "end": [7, 14, 22],
                    "type": ["PER", "PER", "LOC"],
                },
            },
            Features(
                {
                    "text": Value("string"),
                    "entities": HubSequence(
                        {"start": Value("int32"), "end": Value("int32"), "type": Value("string")}
                    ),
                }
            ),
            {},
        ),
        (
            {"tokens": {"text": TOKENS, "ner": NUMBERS}},
            Features(
                {"tokens": HubSequence({"text": Value("string"), "ner": ClassLabel(names=NAMES)})}
            ),
            {},
        ),
        (
            {"tokens": [{"text": t, "ner": n} for t, n in zip(TOKENS, NUMBERS, strict=True)]},
            Features({"tokens": List({"text": Value("string"), "ner": ClassLabel(names=NAMES)})}),
            {},
        ),
        (
            {"tokens": {"text": TOKENS, "pos": [0] * len(TOKENS), "ner": NUMBERS}},
            Features(
                {
                    "tokens": {
                        "text": TEXTS,
                        "pos": List(ClassLabel(names=["NN"])),
                        "ner": List(ClassLabel(names=NAMES)),
                    }
                }
            ),
            {},
        ),
    ],
)
def test_rows_of_every_form(
    hub: StandInHub, row: dict[str, Any], features: Features | None, options: dict[str, Any]
) -> None:
    put(hub, [row], features)
    assert load(hub, **options) == [("dev-1", TOKENS, TAGS)]


@pytest.mark.parametrize("missing", [None, -100])
def test_what_has_no_tag_is_counted(hub: StandInHub, missing: int | None) -> None:
    numbers = [n or missing for n in NUMBERS]
    rows: list[dict[str, Any]] = [{"tokens": TOKENS, "ner_tags": numbers}]
    rows.append({"tokens": TOKENS, "ner_tags": None})
    put(hub, rows)
    told: list[str] = []
    assert load(hub, told.append, tag_names=NAMES) == [("dev-1", TOKENS, TAGS)]
    assert any("read as O (3 in all)" in line for line in told)
    assert any("(null) was left out (1 in all)" in line for line in told)
    with pytest.raises(CorpusError, match="row 1: a token without a tag"):
        load(hub, tag_names=NAMES, strict=True)


def test_numbers_without_names_are_refused(hub: StandInHub) -> None:
    put(hub, [{"tokens": TOKENS, "ner_tags": NUMBERS}])
    with pytest.raises(
        CorpusError, match=r"tiny \(train\), row 1: the tag 1 has no name.*tag_names"
    ):
        load(hub)
