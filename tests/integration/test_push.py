"""`seqattack augment --push-to-hub`, to a hub on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import DatasetCard

from seqattack.cli.main import main
from seqattack.corpus import load_corpus, read_jsonl, write_jsonl
from seqattack.sentence import Sentence
from tests.helpers.hub_server import NAME, TOKEN, StandInHub, asked_by_clients, serve
from tests.helpers.tiny_models import make_model

# The hub's client gives httpx a file in a way that httpx wants changed.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")

SENTENCES = [
    Sentence(f"s-{n}", (name, "went", "to", "Leeds", "."), ("B-PER", "O", "O", "B-LOC", "O"))
    for n, name in enumerate(("Peter", "Blackburn", "Müller", "O'Neill", "London", "Zürich"))
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "tiny", "bert-cased")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInHub]:
    (tmp_path / "served").mkdir()
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    empty = StandInHub(tmp_path / "served", exists=False)
    with serve(empty) as served, asked_by_clients(served, tmp_path):
        yield served


@pytest.fixture
def output(tmp_path: Path) -> Path:
    write_jsonl(tmp_path / "corpus.jsonl", SENTENCES)
    return tmp_path / "augmented.jsonl"


def augment(model: Path, output: Path, *more: object) -> int:
    given = ["--model", model, "--sentences", output.with_name("corpus.jsonl"), "--count", 2]
    given += ["--recipe", "deepwordbug-i-5", "--query-budget", 9, "--device", "cpu"]
    given += ["--format", "jsonl", "--output", output, *more]
    return main(["augment", *map(str, given)])


def test_what_is_pushed_is_what_was_written(
    model: Path, hub: StandInHub, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert augment(model, output, "--push-to-hub", NAME) == 0
    assert f"{hub.endpoint}/datasets/{NAME}: 6 sentences and 2" in capsys.readouterr().err
    assert hub.is_private
    assert hub.commits == ["Add 2 adversarial examples"]
    splits = dict.fromkeys(("train", "dev", "test"), "train")
    source = {"name": NAME, "revision": hub.revision, "splits": splits}
    found = load_corpus({"hub": source})["train"]
    written = read_jsonl(output)
    assert [(s.id, s.tokens, s.tags) for s in found] == [(s.id, s.tokens, s.tags) for s in written]
    assert [s.id.endswith("-deepwordbug-i-5") for s in found] == [False] * 6 + [True] * 2
    card = DatasetCard.load(hub.folder / "README.md")
    assert card.data.task_ids == ["named-entity-recognition"]
    assert card.data.size_categories == "n<1K"
    assert card.data.license is None
    for said in (
        "| sentences | 6 |",
        "| adversarial examples | 2, the first of a seeded order |",
        "`deepwordbug-i-5`, goal `untargeted-strict`, 9 queries",
        "| victim | `tiny` (`",
        "| corpus | corpus.jsonl |",
        "| classes | LOC, PER |",
        '"query_budget": 9',
        "the corpus's licence",
    ):
        assert said in card.text, said
    assert str(output.parent) not in card.content, "paths are nobody's business"


def test_everyone_sees_it_only_where_that_is_said(
    model: Path, hub: StandInHub, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ("--push-to-hub", NAME, "--examples-only", "--least-modified")
    assert augment(model, output, *few, "--public") == 0
    assert not hub.is_private
    text = (hub.folder / "README.md").read_text()
    assert "| sentences | 0 |" in text
    assert "2, the least modified |" in text
    output.unlink()
    assert augment(model, output, *few) == 2
    assert "everyone can see this dataset; give --public" in capsys.readouterr().err
    assert not output.exists(), "it is refused before the attack"
    assert len(hub.commits) == 1


def test_nothing_is_pushed_without_the_word(
    model: Path, hub: StandInHub, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert augment(model, output) == 0
    assert not [path for path in hub.asked if NAME in path or "whoami" in path]
    output.unlink()
    assert augment(model, output, "--public") == 2
    assert "give --push-to-hub ACCOUNT/NAME, too" in capsys.readouterr().err
    assert not output.exists()


@pytest.mark.parametrize(
    ("name", "token", "said"),
    [
        ("tiny", TOKEN, "'tiny': is no name of a dataset; write ACCOUNT/NAME"),
        ("a b/c", TOKEN, "is no name of a dataset"),
        (NAME, "hf_wrong", "the hub does not know the token; set HF_TOKEN"),
        (NAME, "", "there is no token for the hub; set HF_TOKEN"),
    ],
)
def test_what_cannot_be_pushed_is_refused_before_the_attack(
    model: Path,
    hub: StandInHub,
    output: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    token: str,
    said: str,
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(output.with_name("none")))
    assert augment(model, output, "--push-to-hub", name) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1
    assert not output.exists()
    assert hub.commits == []


def test_a_hub_that_refuses_leaves_the_file(
    model: Path, hub: StandInHub, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.may_write = False
    assert augment(model, output, "--push-to-hub", NAME) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert "the token may not write there; set HF_TOKEN to one that may" in error
    assert len(read_jsonl(output)) == 8
    assert hub.commits == []


def test_a_hub_that_is_down_is_one_line(
    model: Path,
    hub: StandInHub,
    output: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between the client's attempts
    with pytest.MonkeyPatch.context() as down:  # which ends before that of `hub`
        down.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
        assert augment(model, output, "--push-to-hub", NAME) == 2
    assert f"{NAME}: could not be put on the hub: " in capsys.readouterr().err
