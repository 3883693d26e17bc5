"""Hub datasets, against a hub of the test's own on this machine."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import huggingface_hub.utils as hub_utils
import pytest
from datasets import ClassLabel, Dataset, Features, Sequence, Value

from seqattack.corpus import load_corpus
from seqattack.corpus.hub import HubFile, HubSource, load_hub
from seqattack.corpus.options import ReadOptions
from seqattack.errors import BackendError, CorpusError
from seqattack.files.checksums import sha256_file

# The second name is that of huggingface_hub before its version 1.
close_session: Any = getattr(hub_utils, "close_session", getattr(hub_utils, "reset_sessions", None))

REVISION = "0123456789abcdef0123456789abcdef01234567"
NAMES = ["O", "B-PER", "I-PER"]
ROWS = {
    "tokens": [["Ann", "Lee", "won"], ["Nobody", "won"]],
    "ner_tags": [[1, 2, 0], [0, 0]],
}


class Hub(BaseHTTPRequestHandler):
    """Serves the files of one dataset at one revision, as the hub does."""

    folder: Path
    is_dying = False

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def answer(self, with_body: bool) -> None:
        prefix = f"/datasets/tester/tiny/resolve/{REVISION}/"
        path = self.folder / self.path.removeprefix(prefix)
        if not self.path.startswith(prefix) or not path.is_file():
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body[:200] if self.is_dying else body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def write_parquet(path: Path, tags: dict[str, list[list[str]]] | None = None) -> Path:
    labels = Sequence(ClassLabel(names=NAMES)) if tags is None else Sequence(Value("string"))
    features = Features({"tokens": Sequence(Value("string")), "ner_tags": labels})
    Dataset.from_dict(ROWS | (tags or {}), features=features).to_parquet(str(path))
    return path


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSource]:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    close_session()  # one that an earlier test opened would still be offline
    folder = tmp_path / "served"
    folder.mkdir()
    path = write_parquet(folder / "a.parquet")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (Hub,), {"folder": folder}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    files = {split: HubFile("a.parquet", sha256_file(path)) for split in ("train", "dev", "test")}
    endpoint = f"http://127.0.0.1:{server.server_port}"
    cache = str(tmp_path / "cache")
    yield HubSource("tester/tiny", REVISION, files, endpoint=endpoint, cache=cache)
    server.shutdown()
    server.server_close()
    close_session()


def changed(source: HubSource, **changes: object) -> HubSource:
    fields = {name: getattr(source, name) for name in HubSource.__slots__}
    return HubSource(**(fields | changes))


def test_label_names_come_from_the_features(hub: HubSource) -> None:
    corpus = load_hub(hub)
    assert [s.to_json() for s in corpus["dev"]] == [
        {"id": "dev-1", "tokens": ["Ann", "Lee", "won"], "tags": ["B-PER", "I-PER", "O"]},
        {"id": "dev-2", "tokens": ["Nobody", "won"], "tags": ["O", "O"]},
    ]


def test_string_tags_of_another_scheme(hub: HubSource, tmp_path: Path) -> None:
    tags = {"ner_tags": [["I-PER", "I-PER", "O"], ["O", "O"]]}
    write_parquet(tmp_path / "served" / "b.parquet", tags)
    source = changed(hub, files={"test": HubFile("b.parquet")})
    assert load_hub(source)["test"][0].tags == ("B-PER", "I-PER", "O")


def test_from_the_config_and_from_the_cache(hub: HubSource) -> None:
    config = {
        "name": hub.name,
        "revision": hub.revision,
        "files": {split: dataclasses.asdict(file) for split, file in hub.files.items()},
        "tokens": "tokens",
        "tags": "ner_tags",
        "endpoint": hub.endpoint,
        "cache": hub.cache,
    }
    first = load_corpus({"hub": config})
    down = config | {"endpoint": "http://127.0.0.1:9"}
    assert load_corpus({"hub": down}) == first == load_hub(hub)


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": "http://127.0.0.1:9"},
        {"name": "tester/other"},
        {"revision": "f" * 40},
        {"files": {"train": HubFile("missing.parquet")}},
    ],
)
def test_what_cannot_be_had_is_named_with_a_cure(hub: HubSource, changes: dict[str, Any]) -> None:
    with pytest.raises(BackendError, match=r"could not be had .*set corpus\.conll") as error:
        load_hub(changed(hub, **changes))
    assert changed(hub, **changes).name in str(error.value)


def test_a_wrong_checksum_is_refused(hub: HubSource) -> None:
    source = changed(hub, files={"train": HubFile("a.parquet", "0" * 64)})
    with pytest.raises(BackendError, match=r"SHA-256 is [0-9a-f]{64}, but 0{64} is expected"):
        load_hub(source)


def test_a_wrong_column_is_refused(hub: HubSource) -> None:
    with pytest.raises(CorpusError, match=r"no column 'labels'; it has tokens, ner_tags"):
        load_hub(changed(hub, options=ReadOptions(tag_column="labels")))


def test_a_hub_that_stops_answering_midway_leaves_nothing(
    hub: HubSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hub, "is_dying", True)
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between the client's attempts
    with pytest.raises(BackendError, match=r"could not be had from the hub .*Check the network"):
        load_hub(hub)
    monkeypatch.setattr(Hub, "is_dying", False)
    assert [s.id for s in load_hub(hub)["dev"]] == ["dev-1", "dev-2"]
