"""Classes of a corpus under other names, and those that corpus and victim share."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from seqattack.cli.main import main
from seqattack.corpus import ReadOptions, load_corpus, read_sentences, write_jsonl
from seqattack.corpus.blocks import Notes
from seqattack.corpus.labels import parse_map, rename, share_classes
from seqattack.errors import ConfigError, CorpusError
from seqattack.pipeline.config import load_config
from seqattack.sentence import Sentence
from tests.helpers.fake_victim import FakeVictim

CORPUS = [
    Sentence("a", ("Ann", "Lee", "in", "UK"), ("B-PERSON", "I-PERSON", "O", "B-GPE")),
    Sentence("b", ("May", "Rome"), ("B-DATE", "B-LOC")),
]
MAP = {"PERSON": "PER", "GPE": "LOC", "DATE": ""}
MAPPED = [("B-PER", "I-PER", "O", "B-LOC"), ("O", "B-LOC")]


def test_classes_are_renamed_or_left_out() -> None:
    notes = Notes()
    found = rename(CORPUS, MAP, notes)
    assert [s.tags for s in found] == MAPPED
    assert [s.tokens for s in found] == [s.tokens for s in CORPUS]
    assert not notes.lines("x")


def test_a_class_that_is_nowhere_is_said(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", CORPUS)
    told: list[str] = []
    read_sentences(tmp_path / "a.jsonl", ReadOptions(labels={"NORP": "MISC"}), told.append)
    assert told == [f"{tmp_path / 'a.jsonl'}: the corpus has no class NORP; a victim may have it"]


def test_the_config_maps_the_whole_corpus(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", CORPUS)
    write_jsonl(tmp_path / "b.jsonl", CORPUS[1:])
    paths = {"train": "a.jsonl", "dev": "b.jsonl", "test": "a.jsonl"}
    source = {"jsonl": {split: str(tmp_path / name) for split, name in paths.items()}}
    told: list[str] = []
    corpus = load_corpus(source, MAP, told.append)
    assert [s.tags for s in corpus["train"]] == [s.tags for s in corpus["test"]] == MAPPED
    assert not told, "that one split lacks a class is nothing to say"


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("sports team=ORG", ("sports team", "ORG")),
        ("ORG=sports team", ("ORG", "sports team")),
        ("ORG=O", ("ORG", "O")),
        ("sports team=", ("sports team", "")),
    ],
)
def test_a_class_may_have_several_words(text: str, pair: tuple[str, str]) -> None:
    assert parse_map(text) == pair


@pytest.mark.parametrize(("new", "is_good"), [("sports team", True), ("", True), (" ORG", False)])
def test_a_config_may_give_a_class_several_words(new: str, is_good: bool) -> None:
    config = {
        "corpus": {"newswire": {"seed": 1, "train": 5, "dev": 5, "test": 300}},
        "labels": {"ORG": new},
        "pretrained": {"embedded": "minilm"},
        "victims": {"full": {}, "small": {}},
        "attacks": {"recipes": ["clare"]},
    }
    with nullcontext() if is_good else pytest.raises(ConfigError, match="labels"):
        load_config(config)


def test_only_shared_classes_count() -> None:
    found = share_classes(CORPUS, ["O", "B-LOC", "I-LOC", "B-MISC", "I-MISC"])
    assert [s.tags for s in found.sentences] == [("O",) * 4, ("O", "B-LOC")]
    assert found.corpus_only == ("DATE", "GPE", "PERSON")
    assert found.victim_only == ("MISC",)
    assert len(found.lines()) == 2
    same = share_classes(CORPUS[1:], ["O", "B-LOC", "B-DATE"])
    assert same.sentences == (CORPUS[1],)
    assert not same.lines()


def test_no_shared_class_is_refused_with_the_cure() -> None:
    with pytest.raises(CorpusError, match=r"DATE, GPE, LOC, PERSON, the victim X: none.*--map OLD"):
        share_classes(CORPUS, ["O", "B-X"])


def test_the_command_lists_each_side_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("seqattack.victim.kinds.load_victim", lambda *args, **options: FakeVictim())
    write_jsonl(tmp_path / "a.jsonl", CORPUS)
    command = ["evaluate", "--model", "x", "--sentences", str(tmp_path / "a.jsonl")]
    assert main([*command, "--map", "GPE=LOC"]) == 0
    said = capsys.readouterr().err
    assert said.count("only the corpus has DATE, PERSON") == 1
    assert said.count("only the victim has PER") == 1
    assert main([*command, *(f"--map={a}={b}" for a, b in MAP.items())]) == 0
    assert not capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*command, "--map", "GPE"])
    assert "write OLD=NEW" in capsys.readouterr().err
