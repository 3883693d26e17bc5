"""Mutated corpus files, and what must hold of each: an error of ours, or every token read."""

from __future__ import annotations

import json
import random
import re
import time
from pathlib import Path
from typing import Any

from seqattack.corpus import ReadOptions
from seqattack.corpus.blocks import Notes
from seqattack.corpus.formats import read_file
from seqattack.corpus.parquet import write_parquet
from seqattack.corpus.plain import tokenize
from seqattack.errors import CorpusError, SeqAttackError
from seqattack.sentence import Sentence
from tests.helpers.corpus_files import COLUMN_SHAPES, JSON_SHAPES, NAMES
from tests.helpers.fuzz import Tally

TEXTS = [
    *[
        "\n",
        "\n\n",
        "\t",
        " ",
        "\r\n",
        "\r",
        "#",
        "# x",
        "-DOCSTART-",
        "O",
        "B-",
        "I-PER",
        "_",
        "-",
    ],
    *["\xa0", "\u2028", "\u200b", "\ufeff", "\x00", "\x1c", "é", "中", "\t\t", " \tO\n"],
    *[
        "1",
        "0",
        "3-4",
        "8.1",
        "en:",
        "[",
        "]",
        "{",
        "}",
        ",",
        "null",
        "-100",
        "1e999",
        "[]",
        "{}",
        '"',
    ],
]
PIECES = [
    *(text.encode() for text in TEXTS),
    *[b"\\ud800", b"\\u0000", b"\xed\xa0\xbd", b"\xff\xfe", b"\x85", b"9" * 40],
]
VALUES: list[Any] = [
    *[None, True, -1, 0, 1.5, -100, 10**30, "", " ", "x", "B-PER", "O", "\ud800", "a b"],
    *[[], {}, [[]], [None], ["x"], {"a": 1}, [1, 2, "X"], ["X", 0, 1]],
    {"start": 0, "end": 1, "label": "X"},
]
DOCUMENT = re.compile(r"(\d+[ \t]+)?[-#]+ ?-*DOCSTART|# ?newdoc|#begin document")
SLOW = 5.0
"""Seconds after which a file counts as a hang."""


def fuzz(folder: Path, count: int, seed: int = 0) -> Tally:
    """Read `count` mutated files with the reader that their ending and beginning choose."""
    rng = random.Random(seed)
    tally = Tally()
    parquet = _parquet(folder)
    for number in range(count):
        name, data = _mutated(rng, parquet)
        path = folder / f"fuzz{Path(name).suffix}"
        path.write_bytes(data)
        options = rng.choice(OPTIONS)
        begun = time.monotonic()
        try:
            _check(path, options, tally)
        except SeqAttackError as error:
            tally.outcomes[f"refused {path.suffix or 'without ending'}"] += 1
            if "\n" in str(error):
                tally.problems.append(f"{number}, {name}: two lines: {error}")
        except Exception as error:
            tally.problems.append(f"{number}, {name}: {type(error).__name__}: {error}: {data!r}")
        took = time.monotonic() - begun
        tally.slowest = max(tally.slowest, took)
        if took > SLOW:
            tally.problems.append(f"{number}, {name}: took {took:.1f} s")
    return tally


OPTIONS = [
    *[ReadOptions()] * 6,
    ReadOptions(strict=True),
    ReadOptions(scheme="io"),
    ReadOptions(scheme="bioes"),
    ReadOptions(token_column=1, tag_column=-1),
    ReadOptions(token_column=2),
    ReadOptions(tag_names=tuple(NAMES), document_ids=True),
]


def _parquet(folder: Path) -> bytes:
    sentences = [Sentence(name, ("Ann", "won"), ("B-PER", "O")) for name in "abc"]
    write_parquet(folder / "made.parquet", sentences)
    return (folder / "made.parquet").read_bytes()


def _mutated(rng: random.Random, parquet: bytes) -> tuple[str, bytes]:
    """Return a file's name and its bytes after one to four mutations."""
    if rng.random() < 0.02:
        return "x.parquet", _mutate_bytes(rng, parquet)
    shape = rng.choice(COLUMN_SHAPES if rng.random() < 0.6 else JSON_SHAPES)
    data = shape.text.encode()
    for _ in range(rng.choice((1, 1, 2, 4))):
        if shape in JSON_SHAPES and rng.random() < 0.6:
            data = _mutate_json(rng, data)
        else:
            data = rng.choice((_mutate_bytes, _mutate_lines, _mutate_lines, _mutate_fields))(
                rng, data
            )
    return shape.name, data


def _mutate_bytes(rng: random.Random, data: bytes) -> bytes:
    start = rng.randint(0, len(data))
    stop = min(len(data), start + rng.choice((0, 0, 1, 3, 30)))
    return data[:start] + rng.choice(PIECES) * rng.choice((1, 1, 1, 2, 500)) + data[stop:]


def _mutate_lines(rng: random.Random, data: bytes) -> bytes:
    rows = data.split(b"\n")
    i, j = rng.randrange(len(rows)), rng.randrange(len(rows))
    action = rng.randrange(5)
    if action == 0:
        del rows[i]
    elif action == 1:
        rows.insert(i, rows[j])
    elif action == 2:
        rows[i], rows[j] = rows[j], rows[i]
    elif action == 3:
        rows.insert(i, rng.choice(PIECES))
    else:
        rows[i] = b""
    return b"\n".join(rows)


def _mutate_fields(rng: random.Random, data: bytes) -> bytes:
    rows = data.split(b"\n")
    i = rng.randrange(len(rows))
    fields = re.split(rb"([ \t]+)", rows[i])
    k = rng.randrange(len(fields))
    action = rng.randrange(4)
    if action == 0:
        fields[k] = rng.choice(PIECES)
    elif action == 1:
        del fields[k]
    elif action == 2:
        fields.insert(k, b"\t" + rng.choice(PIECES))
    else:
        return data.replace(b"\t", b" ") if rng.random() < 0.5 else data.replace(b" ", b"\t")
    rows[i] = b"".join(fields)
    return b"\n".join(rows)


def _mutate_json(rng: random.Random, data: bytes) -> bytes:
    """Replace, double or drop a value somewhere in one of a file's JSON values."""
    rows = data.decode(errors="surrogateescape").split("\n")
    i = rng.randrange(len(rows))
    whole = i % 2 == 0
    try:
        value = json.loads("\n".join(rows) if whole else rows[i])
        changed = json.dumps(_changed(rng, value))
    except ValueError:
        return _mutate_bytes(rng, data)
    text = changed if whole else "\n".join([*rows[:i], changed, *rows[i + 1 :]])
    return text.encode(errors="surrogateescape")


def _changed(rng: random.Random, value: Any) -> Any:
    if rng.random() < 0.2 or not isinstance(value, list | dict) or not value:
        return rng.choice(VALUES)
    if isinstance(value, list):
        k = rng.randrange(len(value))
        return [*value[:k], _changed(rng, value[k]), *value[k + rng.choice((0, 1, 1, 1, 2)) :]]
    key = rng.choice(list(value))
    if rng.random() < 0.2:
        return {name: each for name, each in value.items() if name != key}
    return {**value, key: _changed(rng, value[key])}


def _check(path: Path, options: ReadOptions, tally: Tally) -> None:
    """Read a file and compare the number of its tokens with a count of our own."""
    notes = Notes(options.strict)
    found = read_file(path, "x", options, notes)
    tally.outcomes[f"read {path.suffix or 'without ending'}"] += 1
    tokens = sum(len(sentence.tokens) for sentence in found)
    dropped = notes.counts["an empty token was left out"]
    wanted = _expected(path, notes, options)
    if wanted is not None and tokens + dropped != wanted:
        tally.problems.append(
            f"{path.name}: {tokens} tokens and {dropped} empty ones, not {wanted}: "
            f"{notes.guesses} {path.read_bytes()!r}"
        )


def _expected(path: Path, notes: Notes, options: ReadOptions) -> int | None:
    """Return the number of lines with a token, or of tokens in JSON; None where it is unknown."""
    data = path.read_bytes()
    if data.startswith(b"PAR1"):
        return None
    text = data.decode("utf-8-sig")
    is_json = path.suffix in (".json", ".jsonl") or "the file is JSON" in notes.guesses
    bare = options.scheme == "io" or bool(options.tag_names)
    return _json_tokens(text) if is_json else _column_tokens(text, notes, bare)


def _column_tokens(text: str, notes: Notes, bare: bool) -> int:
    """Count the lines with tokens as a person would: not those of comments, borders, headers."""
    rows = re.split("\r\n|\n|\r", text)
    said = " ".join(notes.guesses)
    literal = rows[0].startswith("# global.columns =")
    body = [row.rstrip() for row in rows[literal:] if row.strip() and (literal or row[0] != "#")]
    separator = "\t" if body and all("\t" in row for row in body) else "[ \t]+"
    split = [re.split(separator, row.lstrip(" \t") if separator != "\t" else row) for row in body]
    first = split[0] if body else []
    numbered = not literal and all(re.fullmatch(r"\d+([-.]\d+)?", row[0]) for row in split)
    count, inside = -int("is a header" in said), False
    for row in rows[literal:]:
        fields = re.split(separator, row.rstrip().lstrip(" \t" if separator != "\t" else ""))
        if not row.strip() or (not literal and DOCUMENT.match(row)):
            inside = False
        elif (
            inside
            or not fields[0].startswith("#")
            or _is_token(fields, first, bare, literal, numbered)
        ):
            inside = True
            count += not ("column counts" in said and re.fullmatch(r"\d+[-.]\d+", fields[0]))
    return count


def _is_token(
    fields: list[str], first: list[str], bare: bool, literal: bool, numbered: bool
) -> bool:
    """Whether a line that begins with # has as many columns as the first, and a word or a tag."""
    key_value = not literal and re.match(r"#\s*(text|sent_id|source|id)\w*\s*=", " ".join(fields))
    if len(fields) != len(first) or numbered or key_value:
        return False
    has_tag = re.fullmatch(r"O|[BIESLUMW](-\S+)?", fields[-1]) is not None
    is_word = re.fullmatch(r"#+\S*", fields[0]) is not None and (bare or fields[0].strip("#"))
    return bool(has_tag or is_word)


def _json_tokens(text: str) -> int | None:
    """Count the tokens of objects with lists of tokens; None where there are other objects."""
    try:
        values = json.loads(text)
    except ValueError:
        values = [json.loads(row) for row in re.split("\r\n|\n|\r", text) if row.strip()]
    if isinstance(values, dict):
        values = next((values[k] for k in ("data",) if isinstance(values.get(k), list)), [values])
    count = 0
    for value in values:
        if not isinstance(value, dict) or "fields" in value or "paragraphs" in value:
            return None
        tokens = next((value[k] for k in ("tokens", "words") if k in value), None)
        if tokens and isinstance(tokens, list) and all(isinstance(t, str | None) for t in tokens):
            count += 0 if _is_null(value) else len(tokens)
        elif not tokens and isinstance(value.get("text"), str):
            count += _text_tokens(value["text"])
        else:
            return None
    return count


def _is_null(value: dict[str, Any]) -> bool:
    keys = ("tags", "ner_tags", "ner", "labels", "label")
    return next((value[key] is None for key in keys if key in value), False)


def _text_tokens(text: str) -> int:
    try:
        return len(tokenize(text))
    except CorpusError:
        return 0
