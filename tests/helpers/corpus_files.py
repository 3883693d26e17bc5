"""Small files of the shapes in which people keep named entities, with what is in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Sentences = list[tuple[list[str], list[str]]]

TEXT = "Ann Lee met Bo in Rome."
TOKENS = ["Ann", "Lee", "met", "Bo", "in", "Rome", "."]
TAGS = ["B-PER", "I-PER", "O", "B-PER", "O", "B-LOC", "O"]
SPANS = [(0, 7, "PER"), (12, 14, "PER"), (18, 22, "LOC")]
NAMES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
SECOND: tuple[list[str], list[str]] = (["Kiel", "won"], ["B-LOC", "O"])
BOTH: Sentences = [(TOKENS, TAGS), SECOND]
ONE: Sentences = [(TOKENS, TAGS)]


@dataclass(frozen=True)
class Shape:
    """A file's name and text, its sentences, and words of the notes on it."""

    name: str
    text: str
    sentences: Sentences
    says: str = ""


def column_text(rows: list[list[str]], separator: str = "\t") -> str:
    return "\n".join(separator.join(row) for row in rows) + "\n\n"


def columns(make: Any, separator: str = "\t", sentences: Sentences = BOTH, before: str = "") -> str:
    """Return sentences as columns; `make` gives those of a token from its number, token and tag."""
    return "".join(
        before
        + column_text([make(i, *row) for i, row in enumerate(zip(*each, strict=True))], separator)
        for each in sentences
    )


BIOES = {"Ann": "B-PER", "Lee": "E-PER", "Bo": "S-PER", "Rome": "S-LOC", "Kiel": "S-LOC"}
BILOU = {**BIOES, "Lee": "L-PER", "Bo": "U-PER", "Rome": "U-LOC", "Kiel": "U-LOC"}
IO = {"Ann": "PER", "Lee": "PER", "Bo": "PER", "Rome": "LOC", "Kiel": "LOC"}
IOB1 = {name: f"I-{label}" for name, label in IO.items()}
NESTED = {"Lee": "B-LOC"}

PLAIN = columns(lambda i, token, tag: [token, tag], " ")
INDEXED = columns(lambda i, token, tag: [str(i), token, tag])
CONLLU = columns(
    lambda i, token, tag: [
        *[str(i + 1), token, token.lower(), "X", "_", "_", "0", "dep", "_"],
        f"SpaceAfter=No|NER={tag}",
    ],
    before="# sent_id = a\n# text = x\n",
)

COLUMN_SHAPES = (
    Shape("two.txt", PLAIN, BOTH),
    Shape("crlf.txt", PLAIN.replace("\n", "\r\n"), BOTH),
    Shape("bom.txt", "\ufeff" + PLAIN, BOTH),
    Shape("trailing.txt", PLAIN.replace("\n", " \t\xa0\n"), BOTH),
    Shape("blank-first.txt", "\n\n" + PLAIN.rstrip(), BOTH),
    Shape("conll2003.txt", columns(lambda i, a, b: [a, "NN", "B-NP", b], " "), BOTH),
    Shape("seven.txt", columns(lambda i, a, b: [a, "N", "x", "_", "B-NP", "-", b]), BOTH),
    Shape("index-from-0.tsv", INDEXED, BOTH, "the first column counts"),
    Shape(
        "germeval.tsv",
        columns(
            lambda i, a, b: [str(i + 1), a, b, NESTED.get(a, "O")],
            before="#\thttp://example.org\t[2010]\t\n",
        ),
        BOTH,
        "column 4 holds nested",
    ),
    Shape("nested-empty.tsv", columns(lambda i, a, b: [str(i + 1), a, b, "O"]), BOTH, "column 3"),
    Shape("ner-in-misc.conllu", CONLLU, BOTH, "NER= in column 10"),
    Shape(
        "multi-word.conllu",
        INDEXED.replace("1\tLee", "1-2\tLeemet\t_\n1\tLee").replace("2\tmet", "2\tmet\tO\n2.1\tx"),
        BOTH,
        "the first column counts",
    ),
    Shape("language.txt", columns(lambda i, a, b: [f"en:{a}", b]), BOTH, "begins with 'en:'"),
    Shape("file-name.tsv", columns(lambda i, a, b: ["f.txt", a, b]), BOTH, "token is in column 2"),
    Shape(
        "document-part-number.tsv",
        columns(lambda i, a, b: ["doc", "0", str(i), a, "NN", b]),
        BOTH,
        "token is in column 4",
    ),
    Shape(
        "offsets.tsv",
        columns(lambda i, a, b: [str(9 * i), str(9 * i + len(a)), a, b]),
        BOTH,
        "token is in column 3",
    ),
    Shape(
        "sentence-number.tsv",
        columns(lambda i, a, b: [str(len(TOKENS) if a in TOKENS else 2), a, b]),
        BOTH,
        "token is in column 2",
    ),
    Shape(
        "comment-of-two.tsv", "## a-1\tAnn <Lee:PER> met\n" + columns(lambda i, a, b: [a, b]), BOTH
    ),
    Shape(
        "tag-in-the-middle.tsv", columns(lambda i, a, b: [a, b, "-"]), BOTH, "tag is in column 2"
    ),
    Shape("tag-first.tsv", columns(lambda i, a, b: [b, a]), BOTH, "tag is in column 1"),
    Shape("header.tsv", "Token\tTag\n" + columns(lambda i, a, b: [a, b]), BOTH, "header"),
    Shape(
        "header-tag-second.tsv", "word\tner\tpos\n\n" + columns(lambda i, a, b: [a, b, "NN"]), BOTH
    ),
    Shape("bioes.txt", columns(lambda i, a, b: [a, BIOES.get(a, "O")]), BOTH),
    Shape("bmes.txt", columns(lambda i, a, b: [a, BIOES.get(a, "O").replace("I-", "M-")]), BOTH),
    Shape("bilou.txt", columns(lambda i, a, b: [a, BILOU.get(a, "O")]), BOTH),
    Shape("iob1.txt", columns(lambda i, a, b: [a, IOB1.get(a, "O")], sentences=[SECOND]), [SECOND]),
    Shape(
        "space-token.tsv", PLAIN.replace(" ", "\t").replace("met\tO", "met\tO\n \tO"), BOTH, "empty"
    ),
    Shape("empty-token.tsv", INDEXED.replace("6\t.\tO", "6\t.\tO\n7\t\tO"), BOTH, "1 in all"),
    Shape("docstart.txt", "-DOCSTART- -X- O O\n\n" + PLAIN, BOTH),
    Shape("comments.txt", "# a comment\n# text = x y\n" + PLAIN, BOTH),
    Shape("declared.txt", "# global.columns = FORM NER\n" + PLAIN, BOTH),
)
"""Column files and their sentences."""


def lines(*values: object) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


def tagged(**keys: str) -> list[dict[str, object]]:
    """Return both sentences as objects whose tokens and tags have the keys given."""
    return [{keys["tokens"]: tokens, keys["tags"]: tags} for tokens, tags in BOTH]


def span_dicts(
    start: str = "start", end: str = "end", label: str = "label"
) -> list[dict[str, Any]]:
    return [{start: a, end: b, label: name} for a, b, name in SPANS]


TASK = {
    "id": 7,
    "data": {"text": TEXT},
    "annotations": [
        {"was_cancelled": True, "result": []},
        {
            "result": [
                {
                    "type": "labels",
                    "value": {"start": a, "end": b, "text": TEXT[a:b], "labels": [name]},
                }
                for a, b, name in SPANS
            ]
        },
    ],
}
"""A task of Label Studio, with the sentence `TEXT`."""

_SPACY2 = [
    {
        "id": 0,
        "paragraphs": [
            {
                "sentences": [
                    {"tokens": [{"orth": token, "ner": BILOU.get(token, "O")} for token in tokens]}
                    for tokens, _ in BOTH
                ]
            }
        ],
    }
]

JSON_SHAPES = (
    Shape("own.jsonl", lines(*({"id": "a", "tokens": t, "tags": g} for t, g in [BOTH[0]])), ONE),
    Shape("words.json", lines(*tagged(tokens="words", tags="ner")), BOTH),
    Shape("array.json", json.dumps(tagged(tokens="tokens", tags="ner_tags"), indent=1), BOTH),
    Shape("one-line-array.json", json.dumps(tagged(tokens="tokens", tags="labels")), BOTH),
    Shape("data.json", json.dumps({"data": tagged(tokens="tokens", tags="tags")}), BOTH),
    Shape(
        "blank-lines.jsonl",
        lines(*tagged(tokens="tokens", tags="tags")).replace("\n", "\n\n"),
        BOTH,
    ),
    Shape("no-ending", lines(*tagged(tokens="tokens", tags="tags")), BOTH, "the file is JSON"),
    Shape(
        "bilou.jsonl", lines({"tokens": TOKENS, "tags": [BILOU.get(t, "O") for t in TOKENS]}), ONE
    ),
    Shape(
        "null.jsonl",
        lines({"tokens": TOKENS, "tags": [g if g != "O" else None for g in TAGS]}),
        ONE,
        "-100",
    ),
    Shape(
        "token-objects.jsonl",
        lines({"tokens": [{"text": t, "tag": g} for t, g in zip(TOKENS, TAGS, strict=True)]}),
        ONE,
    ),
    Shape("doccano.jsonl", lines({"id": 1, "text": TEXT, "label": SPANS}), ONE),
    Shape("doccano-labels.jsonl", lines({"text": TEXT, "labels": SPANS}), ONE),
    Shape(
        "doccano-relations.jsonl",
        lines(
            {"text": TEXT, "entities": span_dicts("start_offset", "end_offset"), "relations": []}
        ),
        ONE,
    ),
    Shape("spacy2.json", json.dumps(_SPACY2), BOTH),
    Shape("spacy-pairs.json", json.dumps([[TEXT, {"entities": SPANS}]]), ONE),
    Shape("spacy-pair-lines.jsonl", lines([TEXT, {"entities": SPANS}]), ONE),
    Shape(
        "spacy-ner-annotator.json",
        json.dumps({"classes": ["PER"], "annotations": [[TEXT, {"entities": SPANS}]]}),
        ONE,
    ),
    Shape("spacy-doc.json", lines({"text": TEXT, "ents": span_dicts()}), ONE),
    Shape(
        "prodigy.jsonl",
        lines({"text": TEXT, "tokens": [{"text": t} for t in TOKENS], "spans": span_dicts()}),
        ONE,
    ),
    Shape("label-studio.json", json.dumps([TASK]), ONE),
    Shape(
        "label-studio-min.json",
        json.dumps(
            [
                {
                    "id": 1,
                    "text": TEXT,
                    "label": [{"start": a, "end": b, "labels": [c]} for a, b, c in SPANS],
                }
            ]
        ),
        ONE,
    ),
    Shape(
        "argilla1.jsonl", lines({"text": TEXT, "annotation": [[c, a, b] for a, b, c in SPANS]}), ONE
    ),
    Shape(
        "argilla2.jsonl",
        lines({"id": "x", "fields": {"text": TEXT}, "responses": {"q": [{"value": span_dicts()}]}}),
        ONE,
    ),
    Shape(
        "argilla2-suggestions.jsonl",
        lines({"fields": {"text": TEXT}, "suggestions": {"q": {"value": span_dicts()}}}),
        ONE,
    ),
    Shape(
        "presidio.json",
        json.dumps(
            [
                {
                    "full_text": TEXT,
                    "spans": span_dicts("start_position", "end_position", "entity_type"),
                }
            ]
        ),
        ONE,
    ),
    Shape(
        "struct-of-lists.jsonl",
        lines(
            {
                "text": TEXT,
                "entities": {
                    "start": [0, 12, 18],
                    "end": [7, 14, 22],
                    "type": ["PER", "PER", "LOC"],
                },
            }
        ),
        ONE,
    ),
)
"""JSON files and their sentences."""


def as_tokens_and_tags(sentences: Any) -> Sentences:
    """Return sentences as pairs, to compare."""
    return [(list(each.tokens), list(each.tags)) for each in sentences]


SHAPES: Mapping[str, Shape] = {shape.name: shape for shape in (*COLUMN_SHAPES, *JSON_SHAPES)}
