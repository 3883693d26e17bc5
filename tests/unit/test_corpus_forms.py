"""Files as people keep them: read as what they are, or refused with one line."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from seqattack.corpus import ReadOptions, read_conll, read_sentences
from seqattack.corpus.blocks import Notes
from seqattack.corpus.parquet import read_dataset, write_parquet
from seqattack.errors import ConfigError, CorpusError, SeqAttackError
from seqattack.pipeline.config import load_config
from seqattack.records import Prediction
from seqattack.sentence import Sentence
from tests.helpers.corpus_files import (
    BOTH,
    INDEXED,
    IO,
    NAMES,
    PLAIN,
    SHAPES,
    SPANS,
    TASK,
    TEXT,
    TOKENS,
    Shape,
    as_tokens_and_tags,
    columns,
    span_dicts,
)


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path, **options: Any) -> tuple[list[tuple[list[str], list[str]]], list[str]]:
    notes: list[str] = []
    found = read_sentences(path, ReadOptions(**options), notes.append)
    return as_tokens_and_tags(found), notes


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_form_is_read_as_what_it_is(tmp_path: Path, shape: Shape) -> None:
    found, notes = read(write(tmp_path / shape.name, shape.text))
    assert found == shape.sentences
    assert shape.says in "\n".join(notes)
    assert all("\n" not in note for note in notes)


@pytest.mark.parametrize("ending", ["", ".txt", ".json"])
def test_what_is_usual_needs_no_note(tmp_path: Path, ending: str) -> None:
    text = SHAPES["words.json"].text if ending == ".json" else PLAIN
    assert read(write(tmp_path / f"a{ending}", text)) == (BOTH, [])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"token_column": 2, "tag_column": 1}, columns(lambda i, a, b: [b, a, "B-X"])),
        ({"token_column": -2}, columns(lambda i, a, b: ["z", a, b])),
        ({"tag_column": 4}, columns(lambda i, a, b: [a, "x", "B-X", b])),
        ({"scheme": "io"}, columns(lambda i, a, b: [a, IO.get(a, "O")])),
        ({"scheme": "io"}, columns(lambda i, a, b: [str(i), a, IO.get(a, "O")])),
        ({"scheme": "io", "token_column": -1}, columns(lambda i, a, b: [IO.get(a, "O"), a])),
        ({"tag_names": NAMES}, columns(lambda i, a, b: [a, str(NAMES.index(b))])),
    ],
)
def test_options_settle_what_cannot_be_guessed(
    tmp_path: Path, options: dict[str, Any], text: str
) -> None:
    found, _ = read(write(tmp_path / "a.txt", text), **options)
    assert found == BOTH


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    "value",
    [
        TASK,
        {"full_text": TEXT, "annotations": span_dicts()},
        {"sentence": TEXT, "annotations": SPANS},
        {"tokens": TOKENS, "tags": BOTH[0][1], "annotations": [{"by": "Ann"}]},
    ],
    ids=["task", "text", "sentence", "tokens"],
)
def test_a_file_of_one_sentence_is_no_list_of_its_annotations(
    tmp_path: Path, value: dict[str, Any], indent: int | None
) -> None:
    assert read(write(tmp_path / "a.json", json.dumps(value, indent=indent))) == (BOTH[:1], [])


def test_a_column_from_the_end_is_told_by_its_number(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", columns(lambda i, a, b: [b, a]))
    assert read(path, token_column=-1) == (
        BOTH,
        [f"{path}: the token is in column 2; the tag is in column 1"],
    )


@pytest.mark.parametrize(
    ("keys", "options"),
    [
        (("word", "ner_labels"), {}),
        (("tokens", "gold"), {"tag_column": "gold"}),
        (("toks", "ner_tags"), {"token_column": "toks"}),
        (("toks", "gold"), {"token_column": "toks", "tag_column": "gold"}),
    ],
)
def test_a_text_beside_tokens_and_tags_changes_nothing(
    tmp_path: Path, keys: tuple[str, str], options: dict[str, str]
) -> None:
    value = {"text": TEXT} | dict(zip(keys, BOTH[0], strict=True))
    assert read(write(tmp_path / "a.jsonl", json.dumps(value)), **options) == (BOTH[:1], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 O\n2 B-PER\n3 I-PER\n", r"a\.txt:1: the first column seems to count.*--token-column"),
        ("1 EU B-ORG\n\n1 Ann B-PER\n", "seems to count"),
        (columns(lambda i, a, b: [a, b, "B-" + a[0]]), "columns 2 and 3 both hold tags; say which"),
        ("x O\n" * 20, "unclear which is the token"),
        (INDEXED.replace("\tO", "\tX-PER"), r"a\.txt:3: unknown tag 'X-PER'"),
        ("EU ORG\nsaid O\n", r"unknown tag 'ORG'.*say so: --scheme io \(config: scheme: io\)"),
        ("EU B-ORG\nsaid\n", r"a\.txt:2: 1 column\(s\), but 2 are needed"),
        ("EU\nsaid\n", r"a\.txt:1: 1 column\(s\), but 2 are needed"),
        ("# only\n# comments\n", "no sentence"),
        ("#x B_ORG\nsaid O\n", r"a\.txt:1: unknown tag 'B_ORG'"),
    ],
)
def test_what_cannot_be_guessed_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message) as error:
        read(write(tmp_path / "a.txt", text))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("column", [9, -9])
def test_a_column_that_is_not_there_is_refused(tmp_path: Path, column: int) -> None:
    with pytest.raises(CorpusError, match=r"does not exist; there are 2 columns"):
        read(write(tmp_path / "a.txt", PLAIN), token_column=column)
    with pytest.raises(ConfigError, match="counted from 1"):
        ReadOptions(token_column=0)
    with pytest.raises(CorpusError, match="have no names; write a number"):
        read(tmp_path / "a.txt", tag_column="ner")


@pytest.mark.parametrize(
    ("name", "text", "says", "wanted"),
    [
        ("a.txt", "EU I-ORG\nsaid O\n\nRome B-LOC\n", "begins with I-", ["B-ORG", "O", "B-LOC"]),
        (
            "a.txt",
            "New B-LOC\nYork I-LOC\n\nEU S-ORG\n",
            "ends with B- or I-",
            ["B-LOC", "I-LOC", "B-ORG"],
        ),
        ("a.tsv", "New York\tB-LOC\nwon\tO\nLee\tO\n", "replaced by '_'", ["B-LOC", "O", "O"]),
        ("a.tsv", "a\tO\n\u3000\tB-X\nb\tI-X\n", "empty token", ["O", "B-X"]),
        (
            "a.jsonl",
            '{"tokens": ["a", "", "b"], "tags": ["B-X", "I-X", "I-X"]}',
            "empty token",
            ["B-X", "I-X"],
        ),
        ("a.jsonl", '{"text": "Annlee won", "label": [[0, 3, "X"]]}', "whole token", ["B-X", "O"]),
        (
            "a.jsonl",
            '{"text": "a b", "label": [[0, 3, "X"], [2, 3, "Y"]]}',
            "overlaps",
            ["B-X", "I-X"],
        ),
        ("a.jsonl", '{"text": "a b", "label": [[1, 2, "X"]]}', "without a token", ["O", "O"]),
        (
            "a.jsonl",
            '{"text": " ", "label": []}\n{"text": "a", "label": []}',
            "text without",
            ["O"],
        ),
    ],
)
def test_repairs_are_counted_and_strict_refuses_them(
    tmp_path: Path, name: str, text: str, says: str, wanted: list[str]
) -> None:
    path = write(tmp_path / name, text)
    found, notes = read(path)
    assert [tag for _, tags in found for tag in tags] == wanted
    assert len(notes) == 1
    assert says in notes[0]
    assert "1 in all" in notes[0]
    with pytest.raises(CorpusError, match=rf"{name}:\d: .*{says}.*without --strict"):
        read(path, strict=True)


def test_stray_openings_are_repaired_at_any_share(tmp_path: Path) -> None:
    text = "a I-X\nb O\n\n" * 50 + "a B-X\nb O\n\n" * 50
    found, notes = read(write(tmp_path / "a.txt", text))
    assert found == [(["a", "b"], ["B-X", "O"])] * 100
    assert notes == [
        f"{tmp_path / 'a.txt'}:1: an entity begins with I- (E- in BIOES), although 50 begin with "
        "B-; it was read as if it began with B- (50 in all)"
    ]


def test_tokens_that_begin_like_comments_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "# O\n#b B-X\n\n#c B-X\n\n# no tag\n# comment\nd O\n")
    assert read(path)[0] == [(["#", "#b"], ["O", "B-X"]), (["#c"], ["B-X"]), (["d"], ["O"])]
    numeric = write(tmp_path / "n.txt", "1 CD B-NP O\nx NN B-NP O\n\n# SYM B-NP O\n")
    assert read(numeric)[0] == [(["1", "x"], ["O", "O"]), (["#"], ["O"])]
    bare = write(tmp_path / "b.txt", "#b org\nc O\n\n# org\nd O\n")
    found = [(["#b", "c"], ["B-org", "O"]), (["#", "d"], ["B-org", "O"])]
    assert read(bare, scheme="io")[0] == found


@pytest.mark.parametrize("tag", ["B-PER", "B_PER", "I_PER", "E/PER"])
def test_bare_classes_have_no_prefix(tmp_path: Path, tag: str) -> None:
    with pytest.raises(CorpusError, match=f"'{tag}' has a prefix, so the scheme is not io"):
        read(write(tmp_path / "a.txt", f"a {tag}\nb O\n"), scheme="io")


def test_bare_prefixes_are_one_class(tmp_path: Path) -> None:
    found, notes = read(write(tmp_path / "a.txt", "a B\nb I\nc O\n"))
    assert found == [(["a", "b", "c"], ["B-ENT", "I-ENT", "O"])]
    assert "read as the class ENT" in notes[0]


@pytest.mark.parametrize(
    ("border", "wanted"),
    [
        ("-DOCSTART- -X- O O", ["a-1", "a-2"]),
        ("-DOCSTART-(7)", ["a-doc7-1", "a-doc7-2"]),
        ("-DOCSTART- (7) O", ["a-doc7-1", "a-doc7-2"]),
        ("-DOCSTART- -DOCSTART- O", ["a-1", "a-2"]),
        ("#DOCSTART", ["a-1", "a-2"]),
        ("# newdoc id = news_3", ["a-docnews_3-1", "a-docnews_3-2"]),
        ("#begin document (b/c); part 000", ["a-docb/c-1", "a-docb/c-2"]),
    ],
)
def test_ids_say_the_document_that_a_border_names(
    tmp_path: Path, border: str, wanted: list[str]
) -> None:
    path = write(tmp_path / "a.txt", f"{border}\n\n{PLAIN}")
    assert [each.id for each in read_sentences(path)] == wanted
    numbered = read_sentences(path, ReadOptions(document_ids=True))
    assert numbered[0].id == (wanted[0] if "doc" in wanted[0] else "a-doc1-1")


def test_a_document_ends_where_the_next_begins(tmp_path: Path) -> None:
    text = f"0\t-DOCSTART-\tO\n\n{INDEXED}0\t-DOCSTART-\tO\n\n{INDEXED}"
    found = read_sentences(write(tmp_path / "a.tsv", text), ReadOptions(document_ids=True))
    assert [each.id for each in found] == ["a-doc1-1", "a-doc1-2", "a-doc2-3", "a-doc2-4"]


@pytest.mark.parametrize("name", ["a.txt", "a.json", "a.jsonl", "a"])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            "x O\nMüller B-PER\n".encode("latin-1"),
            r":2: not UTF-8; .*byte FC would be 'ü' in Latin",
        ),
        ("x O\nRome B-LOC\n".encode("utf-16"), r":1: not UTF-8; convert the file from UTF-16"),
        ("x O\nRome B-LOC\n".encode("utf-16-be"), r":1: not UTF-8; convert the file from UTF-16"),
        (b"x O\n\n\xed\xa0\xbd\xed\xb8\x80 O\n", r":3: not UTF-8; .*ED A0 BD is half a character"),
        (b"\xef\xbb\xbfx O\n\x80 O\n", r":2: not UTF-8"),
    ],
)
def test_another_encoding_is_one_line(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    with pytest.raises(CorpusError, match=rf"{name}{message}") as error:
        read(write(tmp_path / name, data))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("start", "message"),
    [(b"PK\x03\x04", "zip archive"), (b"\x1f\x8b\x08", "gunzip"), (b"PAR1abc", "as parquet")],
)
def test_binary_files_are_named(tmp_path: Path, start: bytes, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read(write(tmp_path / "a", start))
    with pytest.raises(CorpusError, match="binary file of spaCy"):
        read(write(tmp_path / "a.spacy", start))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.labels.json", NAMES),
        ("labels.json", {name: number for number, name in enumerate(NAMES)}),
        ("labels.json", {str(number): name for number, name in enumerate(NAMES)}),
        ("labels.json", {"id2label": {str(n): name for n, name in enumerate(NAMES)}}),
        ("dataset_info.json", {"features": {"ner_tags": {"feature": {"names": NAMES}}}}),
    ],
)
def test_names_of_numbers_come_from_a_file_beside(
    tmp_path: Path, name: str, content: object
) -> None:
    rows = [{"tokens": t, "ner_tags": [NAMES.index(tag) for tag in g]} for t, g in BOTH]
    path = write(tmp_path / "a.json", json.dumps(rows))
    with pytest.raises(CorpusError, match=r"a\.json, item 1: the tag 1 has no name"):
        read(path)
    assert read(path, tag_names=tuple(NAMES)) == (BOTH, [])
    write(tmp_path / name, json.dumps(content))
    found, notes = read(path)
    assert found == BOTH
    assert name in notes[0]


CHUNKS = ["O", "B-NP", "I-NP", "B-VP", "I-VP"]


@pytest.mark.parametrize("tags", ["ner_tags", "gold"])
def test_names_of_other_numbers_are_not_taken(tmp_path: Path, tags: str) -> None:
    rows = [{"tokens": t, tags: [NAMES.index(tag) for tag in g]} for t, g in BOTH]
    path = write(tmp_path / "a.json", json.dumps(rows))
    options = {"tag_column": "gold"} if tags == "gold" else {}
    features = {"chunk_tags": {"feature": {"names": CHUNKS}}, tags: {"feature": {"names": NAMES}}}
    info = tmp_path / "dataset_info.json"
    write(info, json.dumps({"features": features}))
    assert read(path, **options)[0] == BOTH
    nested = {"tokens": {"feature": {"pos": {"names": CHUNKS}, tags: {"names": NAMES}}}}
    write(info, json.dumps({"default": {"features": nested}}))
    assert read(path, **options)[0] == BOTH
    write(info, json.dumps({"features": features | {tags: {"feature": {"dtype": "int64"}}}}))
    with pytest.raises(CorpusError, match="the tag 1 has no name"):
        read(path, **options)


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ([5, 3, "X"], r"the span \[5, 3\] is not within the text, which has 23"),
        ([0, 99, "X"], "not within the text"),
        (["0", "3", "X"], "is no span"),
        ([0, "3", "X"], "is no span"),
        ([0, 3], "is no span"),
        ([0, 3, ""], "has no class"),
        ("PER", "is no span"),
    ],
)
def test_a_wrong_span_is_refused(tmp_path: Path, span: object, message: str) -> None:
    path = write(tmp_path / "a.jsonl", json.dumps({"text": TEXT, "label": [span]}))
    with pytest.raises(CorpusError, match=rf"a\.jsonl:1: .*{message}"):
        read(path)


def test_many_spans_of_a_long_text_are_aligned(tmp_path: Path) -> None:
    text = "Ann met " * 20_000
    spans = [[8 * i, 8 * i + 3, "PER"] for i in range(20_000)]
    path = write(tmp_path / "a.jsonl", json.dumps({"text": text, "label": spans}))
    ((tokens, tags),) = read(path)[0]
    assert (tokens, tags) == (["Ann", "met"] * 20_000, ["B-PER", "O"] * 20_000)


def test_tokens_that_are_not_in_the_text_are_refused(tmp_path: Path) -> None:
    value = {"text": TEXT, "tokens": [*TOKENS, "more"], "label": SPANS}
    path = write(tmp_path / "a.jsonl", json.dumps(value))
    with pytest.raises(CorpusError, match="the token 'more' is not in the text"):
        read(path)


@pytest.mark.parametrize("tag", ["B-O", "I-O", "B- x", "B-a  b", "B-a\nb", "B-", "-1", -1])
def test_what_no_tag_may_be_called_is_refused(tmp_path: Path, tag: object) -> None:
    path = tmp_path / "a.jsonl"
    for extra in ({}, {"id": "x"}):
        path.write_text(json.dumps({"tokens": ["a"], "tags": [tag]} | extra))
        with pytest.raises(CorpusError, match=r"a\.jsonl:1"):
            read_sentences(path)


@pytest.mark.parametrize("key", ["tokens", "tags"])
def test_a_string_is_no_list(tmp_path: Path, key: str) -> None:
    value = {"id": "x", "tokens": ["J", "o"], "tags": ["O", "O"], key: "OO"}
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(value))
    with pytest.raises(CorpusError, match="must be a list"):
        read_sentences(path)
    with pytest.raises(CorpusError, match=r"'OO', which is no list of strings"):
        Sentence.from_json(value)
    with pytest.raises(TypeError, match="no list of strings"):
        Prediction.from_json({"predicted": ["O"], "confidence": [1.0], **value})


def test_damaged_parquet_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_parquet(path, [Sentence("a", ("John", "won"), ("B-PER", "O"))])
    whole = path.read_bytes()
    rng = random.Random(0)
    refusals = []
    for number in range(300):
        damaged = bytearray(whole[: rng.randrange(4, len(whole))] if number % 3 == 0 else whole)
        damaged[rng.randrange(4, len(damaged))] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        try:
            read_sentences(path, tell=lambda line: None)
        except CorpusError as error:
            refusals.append(str(error))
    assert refusals
    assert not [each for each in refusals if "\n" in each]


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero", "pipe"])
def test_devices_and_pipes_are_refused(tmp_path: Path, device: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    for read in (read_sentences, lambda path: read_conll(path, "a"), load_config):
        with pytest.raises(SeqAttackError, match="is a device or a pipe"):
            read(tmp_path / device)


def test_unlabelled_rows_of_a_dataset_are_refused() -> None:
    from datasets import ClassLabel, Dataset, Features, List, Value

    names = List(ClassLabel(names=["O", "B-PER"]))
    features = Features({"tokens": List(Value("string")), "ner_tags": names})
    data = Dataset.from_dict({"tokens": [["John"]], "ner_tags": [[-1]]}, features=features)
    with pytest.raises(CorpusError, match="the tag -1 has no name"):
        read_dataset("data", data, "test", ReadOptions(), Notes())


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "[1, 2]", '"x"', "7", "null", "9" * 5000, "{}", "[]"]
)
def test_json_that_is_no_corpus_is_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(CorpusError) as error:
        read(write(tmp_path / "a.json", text))
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400 + len(str(tmp_path))


def test_entities_by_their_words_are_looked_for(tmp_path: Path) -> None:
    """As in OpenMed's red-team corpus; several places of the words are several entities."""
    line = {
        "text": "Card 41\u200d11, mail ann\u0435@ex.org, of Ann, not Annie; Ann!",
        "expected_protected": [
            {"label": "card", "value": "41\u200d11", "match": "alnum"},
            {"label": "email", "value": " ann\u0435@ex.org", "match": "normalized"},
            {"label": "name", "value": "Ann"},
        ],
    }
    ((tokens, tags),), notes = read(write(tmp_path / "a.jsonl", json.dumps(line)))
    found = [
        " ".join(tokens[each.start : each.end])
        for each in Sentence("a", tuple(tokens), tuple(tags)).entities
    ]
    assert found == ["41\u200d11", "ann\u0435 @ ex.org", "Ann", "Ann"]
    assert "an entity given by its words was looked for in the text (4 in all)" in notes[0]
    with pytest.raises(CorpusError, match=r"given by its words .* --strict"):
        read(tmp_path / "a.jsonl", strict=True)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ({"label": "name", "value": "Bob"}, "a.jsonl:1: 'Bob' is not in the text"),
        ({"label": "name", "value": "nn"}, "'nn' is not in the text"),
        ({"label": "O", "value": "Ann"}, "has no class, or one that is called O"),
        ({"value": "Ann"}, "has no class"),
        ({"label": "name", "value": " "}, "is no span; write"),
        ({"label": "name", "value": "Ann", "start": "1"}, "is no span; write"),
    ],
)
def test_words_that_are_not_there_are_refused(
    tmp_path: Path, span: dict[str, str], said: str
) -> None:
    line = json.dumps({"text": "Ann won", "entities": [span]})
    with pytest.raises(CorpusError, match=said):
        read(write(tmp_path / "a.jsonl", line))
