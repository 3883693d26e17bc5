"""CoNLL files: every scheme in, IOB2 out, and errors that name the line and the cure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqattack.corpus import read_conll, read_jsonl, write_jsonl
from seqattack.corpus.blocks import Block, Notes, Origin, Row
from seqattack.corpus.options import ReadOptions, Scheme
from seqattack.corpus.schemes import to_iob2
from seqattack.errors import CorpusError
from seqattack.sentence import Sentence
from seqattack.tags import entities, is_iob2, repair_iob2

TAGS = st.lists(st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]), min_size=1, max_size=9)


def to_iob1(tags: list[str]) -> list[str]:
    """IOB1: B- only where an entity follows one of its own class."""
    out, previous = [], "O"
    for tag in tags:
        follows = previous[2:] == tag[2:] and previous != "O"
        out.append("I-" + tag[2:] if tag.startswith("B-") and not follows else tag)
        previous = tag
    return out


def to_bioes(tags: list[str], letters: str = "BIES") -> list[str]:
    """BIOES, or with other letters BILOU and BMES."""
    begin, inside, end, single = tuple(letters)
    out = list(tags)
    for entity in entities(tags):
        size = entity.end - entity.start
        row = single if size == 1 else begin + inside * (size - 2) + end
        out[entity.start : entity.end] = [f"{letter}-{entity.label}" for letter in row]
    return out


def iob2_of(tags: list[str], scheme: Scheme = "auto") -> list[str]:
    block = Block(tuple(Row(1, "x", tag) for tag in tags))
    (found,) = to_iob2(Origin("x"), [block], ReadOptions(scheme=scheme), Notes(strict=True))
    return found


@given(TAGS)
def test_repair_is_idempotent_and_keeps_iob2(tags: list[str]) -> None:
    repaired = repair_iob2(tags)
    assert is_iob2(repaired)
    assert repair_iob2(repaired) == repaired
    assert [t[2:] for t in repaired] == [t[2:] for t in tags]


@given(TAGS)
def test_schemes_come_back_as_iob2(tags: list[str]) -> None:
    iob2 = repair_iob2(tags)
    for letters in ("BIES", "BILU", "BMES"):
        assert iob2_of(to_bioes(iob2, letters)) == iob2
    assert iob2_of(to_iob1(iob2), "iob1") == iob2
    assert iob2_of([tag[2:] or "O" for tag in iob2], "io") == repair_iob2(
        [tag if tag == "O" else f"I-{tag[2:]}" for tag in iob2]
    )


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "EU B-ORG\nsaid O\n\nRome B-LOC\n",
        "EU NNP B-NP B-ORG\nsaid V B-VP O\n\nRome NNP B-NP B-LOC\n\n\n",
        "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nsaid V I-VP O\n\nRome NNP I-NP I-LOC",
        "EU\tS-ORG\r\nsaid\tO\r\n\r\nRome\tS-LOC\r\n",
        b"\xef\xbb\xbfEU U-ORG\nsaid O\n \t \nRome U-LOC\n",
    ],
)
def test_forms_that_are_read_alike(tmp_path: Path, text: str | bytes) -> None:
    assert read_conll(write(tmp_path / "a.txt", text), "a") == [
        Sentence("a-1", ("EU", "said"), ("B-ORG", "O")),
        Sentence("a-2", ("Rome",), ("B-LOC",)),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"a\.txt: no sentence in it; give"),
        ("-DOCSTART- O\n\n", "no sentence in it"),
        ("EU x B-ORG\nsaid O\n", r"a\.txt:2: 2 column\(s\), but 3 are needed"),
        ("EU X-ORG\n", r"a\.txt:1: unknown tag 'X-ORG'; write O"),
        ("EU B-\n", "unknown tag 'B-'"),
    ],
)
def test_bad_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read_conll(write(tmp_path / "a.txt", text), "a")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"b\.txt: cannot be read .*check the path"):
        read_conll(tmp_path / "b.txt", "b")
    with pytest.raises(CorpusError, match=r"b\.jsonl: cannot be read .*check the path"):
        read_jsonl(tmp_path / "b.jsonl")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"a\.jsonl:2: "),
        ('{"id": "b", "tokens": ["x"]}', r"a\.jsonl:2: .*'tags' is missing"),
        ('{"id": "b", "tokens": "EU", "tags": "OO"}', "tokens must be a list of strings, not 'EU'"),
        ('{"id": "b", "tokens": ["x"], "tags": [1.5]}', r"1\.5 is no tag"),
        ('{"id": "b", "tokens": ["x"], "tags": [1]}', "the tag 1 has no name; .*--tag-names"),
        ('{"id": "b", "tokens": ["x"], "tags": ["PER"]}', "unknown tag 'PER'.*--scheme io"),
        ('["x"]', "no object with tokens and tags"),
        ('{"text": "x y"}', "without character offsets"),
        ('{"id": "b", "tokens": ["x"], "tags": ["O", "O"]}', "1 tokens but 2 tags"),
        ('{"id": "a", "tokens": ["x"], "tags": ["O"]}', "the id 'a' was used before"),
    ],
)
def test_bad_json_lines_are_refused(tmp_path: Path, line: str, message: str) -> None:
    good = '{"id": "a", "tokens": ["x"], "tags": ["O"]}\n'
    with pytest.raises(CorpusError, match=message):
        read_jsonl(write(tmp_path / "a.jsonl", good + line + "\n"))


def test_nothing_is_left_of_a_failed_write(tmp_path: Path) -> None:
    def failing() -> Iterator[Sentence]:
        yield Sentence("a", ("x",), ("O",))
        raise KeyError("source broke")

    with pytest.raises(KeyError):
        write_jsonl(tmp_path / "a.jsonl", failing())
    assert list(tmp_path.iterdir()) == []
