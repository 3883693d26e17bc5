"""Sentences written in every format come back as they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqattack.cli.convert import FORMATS
from seqattack.cli.main import main
from seqattack.corpus import read_sentences
from seqattack.corpus.formats import WRITERS
from seqattack.sentence import Sentence
from seqattack.tags import repair_iob2

ENDINGS = {
    "conll": "conll",
    "jsonl": "jsonl",
    "hf-json": "json",
    "parquet": "parquet",
    "doccano": "jsonl",
    "label-studio": "json",
    "spacy": "json",
}
WITHOUT_IDS = {"spacy"}

AWKWARD = [
    "1",
    "2",
    "3",
    "#",
    "-DOCSTART-",
    "#DOCSTART",
    "en:x",
    "O",
    "B-X",
    "token",
    "I",
    "\ufeff",
]
TOKENS = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=6),
).filter(lambda token: not any(character.isspace() for character in token))
TAGS = st.lists(
    st.sampled_from(["O", "B-PER", "I-PER", "B-é.x", "I-é.x", "B-NP", "B-a team", "I-a team"]),
    min_size=1,
    max_size=6,
)


@st.composite
def corpora(draw: st.DrawFn) -> list[Sentence]:
    rows = draw(st.lists(TAGS, min_size=1, max_size=4))
    return [
        Sentence(f"x-{n}", tuple(draw(TOKENS) for _ in tags), tuple(repair_iob2(tags)))
        for n, tags in enumerate(rows, 1)
    ]


def tell_nothing(line: str) -> None:
    """Names of numbers are told, and that a file declares its columns is not."""
    assert "names of the tags" in line, line


@pytest.mark.parametrize("name", WRITERS)
def test_round_trips(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp(name) / f"x.{ENDINGS[name]}"

    @settings(max_examples=20 if name == "parquet" else 100)
    @given(corpora())
    def check(corpus: list[Sentence]) -> None:
        WRITERS[name](path, corpus)
        found = read_sentences(path, tell=tell_nothing)
        assert [s.tokens for s in found] == [s.tokens for s in corpus]
        assert [s.tags for s in found] == [s.tags for s in corpus]
        if name not in WITHOUT_IDS:
            assert [s.id for s in found] == [s.id for s in corpus]

    check()


def test_documents_that_ids_name_come_back(tmp_path: Path) -> None:
    path = tmp_path / "test.conll"
    path.write_text("-DOCSTART- (a.b) O\n\nEU B-ORG\n\nwon O\n\n-DOCSTART- (c) O\n\nRome B-LOC\n")
    sentences = read_sentences(path)
    assert [each.id for each in sentences] == ["test-doca.b-1", "test-doca.b-2", "test-docc-3"]
    (tmp_path / "again").mkdir()
    WRITERS["conll"](tmp_path / "again" / "test.conll", sentences)
    assert read_sentences(tmp_path / "again" / "test.conll") == sentences
    assert (tmp_path / "again" / "test.conll").read_text().split() == path.read_text().split()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(corpus=corpora())
def test_columns_are_declared_only_where_they_would_be_misread(
    tmp_path: Path, corpus: list[Sentence]
) -> None:
    between = "\t" if any(" " in tag for s in corpus for tag in s.tags) else " "
    plain = "".join(
        "".join(f"{t}{between}{g}\n" for t, g in zip(s.tokens, s.tags, strict=True)) + "\n"
        for s in corpus
    )
    WRITERS["conll"](tmp_path / "x.conll", corpus)
    text = (tmp_path / "x.conll").read_text(encoding="utf-8")
    assert text in (plain, "# global.columns = FORM NER\n" + plain)
    if not {token for s in corpus for token in s.tokens} & set(AWKWARD):
        assert text.endswith(plain)


CORPUS = [
    Sentence("a", ("Ann", "Lee", "won"), ("B-PER", "I-PER", "O")),
    Sentence("b", ("Rome",), ("B-LOC",)),
]


def test_spacy_reads_what_is_written_for_it(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    training = pytest.importorskip("spacy.training")
    WRITERS["spacy"](tmp_path / "x.json", CORPUS)
    nlp = spacy.blank("en")
    for sentence, (text, made) in zip(
        CORPUS, json.loads((tmp_path / "x.json").read_text()), strict=True
    ):
        example = training.Example.from_dict(nlp.make_doc(text), made)
        assert [token.text for token in example.reference] == list(sentence.tokens)
        found = [(each.start, each.end, each.label_) for each in example.reference.ents]
        assert found == [(e.start, e.end, e.label) for e in sentence.entities]


@pytest.mark.parametrize("name", ["parquet", "hf-json"])
def test_datasets_reads_what_is_written_for_it(tmp_path: Path, name: str) -> None:
    from datasets import Dataset

    path = tmp_path / f"x.{ENDINGS[name]}"
    WRITERS[name](path, CORPUS)
    read: Any = Dataset.from_parquet if name == "parquet" else Dataset.from_json
    data = read(str(path), cache_dir=str(tmp_path / "cache"))
    if name == "parquet":
        names = data.features["ner_tags"].feature.names
    else:
        names = json.loads((tmp_path / "x.labels.json").read_text())
    found = [(row["id"], row["tokens"], [names[tag] for tag in row["ner_tags"]]) for row in data]
    assert found == [(s.id, list(s.tokens), list(s.tags)) for s in CORPUS]


def test_the_command_converts_and_renames(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    WRITERS["jsonl"](tmp_path / "a.jsonl", CORPUS)
    options = ["--sentences", str(tmp_path / "a.jsonl"), "--map", "PER=PERSON", "--map", "LOC="]
    written = tmp_path / "b.conll"
    assert main(["convert", *options, "--format", "conll", "--output", str(written)]) == 0
    assert written.read_text() == "Ann B-PERSON\nLee I-PERSON\nwon O\n\nRome O\n\n"
    assert "2 sentences" in capsys.readouterr().err
    assert set(FORMATS) == set(WRITERS)
